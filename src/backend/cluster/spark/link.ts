import type { Socket } from "node:net";
import hive from "hive-driver";
import type { Clock } from "../../../clock.js";
import { lostAnswer, type SparkFault } from "./faults.js";
import type { SparkLimits } from "./limits.js";
import { greet } from "./sasl.js";
import { rawRequest, type AnswerOf, type Method, type RawClient, type RequestOf } from "./wire.js";

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  /** The Hadoop user the server acts for. */
  readonly user: string;
  readonly limits: SparkLimits;
  readonly clock: Clock;
  /** Asked when an answer takes long: rejects when the server is dead. Null: a late answer is a lost one. */
  readonly pulse: (() => Promise<void>) | null;
}

/**
 * One connection. Every call ends: in an answer, or in a fault when the connection breaks (T18), or when the server does
 * not answer anyone any more. After a fault of kind `lost` the link is of no use.
 */
export interface ThriftLink {
  call<M extends Method>(method: M, request: RequestOf<M>): Promise<AnswerOf<M>>;
  isLost(): boolean;
  /** Bytes received so far. */
  received(): number;
  /** Ends all that wait, at once. */
  close(): void;
}

export async function openLink(options: LinkOptions): Promise<ThriftLink> {
  const { host, port, user, limits, clock, pulse } = options;
  const client = new hive.HiveClient(hive.thrift.TCLIService as object, hive.thrift.TCLIService_types as never);
  const waiting = new Set<(fault: SparkFault) => void>();
  let lost: SparkFault | null = null;
  let socket: Socket | null = null;

  function lose(cause: unknown): void {
    lost ??= lostAnswer(cause);
    for (const reject of waiting) reject(lost);
    waiting.clear();
    socket?.destroy();
  }

  // Without a listener an error of the connection would end the process (T19).
  client.on("error", lose);
  client.on("close", () => {
    lose(new Error("the connection was closed"));
  });
  const authentication = {
    authenticate: async (transport: { connect(): void; getTransport(): unknown }) => {
      transport.connect();
      socket = transport.getTransport() as Socket;
      socket.on("error", lose);
      await greet(socket, user);
      return transport;
    },
  };
  // SASL, so frames: without them each chunk is parsed anew from the start (T20).
  await limited(
    client.connect({ host, port }, new hive.connections.TcpConnection(), authentication as never),
    limits.connectMs,
  );
  const raw = client.getClient() as unknown as RawClient;

  /** Rejects after `ms`; the socket is gone then, too. */
  async function limited<T>(work: Promise<T>, ms: number): Promise<T> {
    const done = new AbortController();
    const late = clock.sleep(ms, done.signal).then(
      () => {
        throw lostAnswer(new Error(`no connection within ${String(ms)} ms`));
      },
      () => new Promise<never>(() => undefined),
    );
    try {
      return await Promise.race([work, late]);
    } catch (thrown) {
      lose(thrown);
      throw lost;
    } finally {
      done.abort(new Error("ended"));
    }
  }

  /** Runs as long as one answer is awaited. */
  async function watch(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await clock.sleep(limits.patienceMs, signal);
        if (pulse === null) throw new Error(`no answer within ${String(limits.patienceMs)} ms`);
        await pulse();
      }
    } catch (thrown) {
      if (!signal.aborted) lose(thrown);
    }
  }

  return {
    isLost: () => lost !== null,
    received: () => socket?.bytesRead ?? 0,
    call<M extends Method>(method: M, request: RequestOf<M>) {
      return new Promise<AnswerOf<M>>((resolve, reject) => {
        if (lost !== null) {
          reject(lost);
          return;
        }
        const answered = new AbortController();
        const fail = (fault: SparkFault): void => {
          answered.abort(fault);
          reject(fault);
        };
        waiting.add(fail);
        raw[method](rawRequest(method, request), (fault, answer) => {
          if (fault !== null && fault !== undefined) {
            lose(fault);
            return;
          }
          waiting.delete(fail);
          answered.abort(new Error("answered"));
          resolve(answer as AnswerOf<M>);
        });
        void watch(answered.signal);
      });
    },
    close: () => {
      lose(new Error("closed by us"));
    },
  };
}
