import Connection from "kafkajs/src/network/connection.js";
import RequestQueue from "kafkajs/src/network/requestQueue/index.js";
import createSocketFactory from "kafkajs/src/network/socketFactory.js";
import loggers from "kafkajs/src/loggers/index.js";
import apiKeys from "kafkajs/src/protocol/requests/apiKeys.js";
import protocol from "kafkajs/src/protocol/requests/index.js";
import { noAnswer } from "./kafka-errors.js";

export interface KafkaAddress {
  readonly host: string;
  readonly port: number;
}

/** One connection to one broker. A broker answers the requests of a connection one after the other. */
export interface KafkaLink {
  /** False once anything went wrong with it: it is then thrown away, never mended. */
  readonly isOpen: boolean;
  /**
   * The decoded answer, error codes and all. A KafkaFault without a code when there is none within the limit, in
   * milliseconds; the link is closed then, as its next answer would be late too.
   */
  send(api: string, parameters: object, limitMs?: number): Promise<unknown>;
  /** As `send`, with a decoder of one's own for the answer to version `version`. */
  sendRaw<T>(
    api: string,
    version: number,
    parameters: object,
    decode: (bytes: Buffer) => Promise<T>,
    limitMs?: number,
  ): Promise<T>;
  close(): void;
}

const CONNECT_LIMIT_MS = 10_000;
export const ANSWER_LIMIT_MS = 10_000;

/** Resolves when the broker has said which versions it speaks. */
export async function openLink({ host, port }: KafkaAddress, clientId: string): Promise<KafkaLink> {
  quietQueues();
  const connection = new Connection({
    host,
    port,
    clientId,
    logger: loggers.createLogger({ level: 0, logCreator: () => () => undefined }),
    socketFactory: createSocketFactory(),
    requestTimeout: ANSWER_LIMIT_MS,
    connectionTimeout: CONNECT_LIMIT_MS,
    // Its own check is a timer that runs ten times a second for every connection.
    enforceRequestTimeout: false,
  });
  let isClosed = false;
  const close = (reason: unknown = "closed"): void => {
    if (isClosed) return;
    isClosed = true;
    connection.rejectRequests(noAnswer(reason));
    connection.disconnect().catch(() => undefined);
    connection.socket?.destroy();
  };

  async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error("no answer in time"));
      }, limitMs);
    });
    try {
      return await Promise.race([work, late]);
    } catch (thrown) {
      work.catch(() => undefined);
      close(thrown);
      throw noAnswer(thrown);
    } finally {
      clearTimeout(timer);
    }
  }

  await within(connection.connect(), CONNECT_LIMIT_MS);
  connection.socket?.setNoDelay(true);

  async function exchange<T>(
    api: string,
    version: number,
    parameters: object,
    decode: ((bytes: Buffer) => Promise<T>) | null,
    limitMs: number,
  ): Promise<T> {
    if (isClosed || !connection.isConnected()) {
      close();
      throw noAnswer("the connection is closed");
    }
    const { request, response } = definitionOf(api).protocol({ version })(parameters);
    // What the answer means is decided by its reader: kafkajs would throw the first error code and lose the rest.
    const parse = (data: T): Promise<T> => Promise.resolve(data);
    // An answer that cannot be decoded is no fault of the connection.
    let undecodable: unknown;
    const decoding = decode ?? (response.decode as (bytes: Buffer) => Promise<T>);
    const decodeSafely = async (bytes: Buffer): Promise<T | object> => {
      try {
        return await decoding(bytes);
      } catch (thrown) {
        undecodable = thrown;
        return {};
      }
    };
    const protocolOf = { request, response: { decode: decodeSafely, parse } };
    const answer = await within(connection.send(protocolOf), limitMs);
    if (undecodable !== undefined) throw undecodable;
    return answer as T;
  }

  const versions = await exchange<{
    readonly apiVersions: readonly { readonly apiKey: number; readonly maxVersion: number }[];
  }>("ApiVersions", 2, {}, null, CONNECT_LIMIT_MS);
  const maxVersions = new Map(versions.apiVersions.map(({ apiKey, maxVersion }) => [apiKey, maxVersion]));

  return {
    get isOpen() {
      return !isClosed && connection.isConnected();
    },
    send(api, parameters, limitMs = ANSWER_LIMIT_MS) {
      const known = Math.max(...definitionOf(api).versions.map(Number));
      const version = Math.min(known, maxVersions.get(apiKeys[api] ?? -1) ?? 0);
      return exchange(api, version, parameters, null, limitMs);
    },
    sendRaw: (api, version, parameters, decode, limitMs = ANSWER_LIMIT_MS) =>
      exchange(api, version, parameters, decode, limitMs),
    close,
  };
}

/** kafkajs re-arms a timer of one millisecond for ever, with nothing to send and nothing to wait for. */
function quietQueues(): void {
  const queue = RequestQueue.prototype as RequestQueue & { isQuiet?: true };
  if (queue.isQuiet) return;
  const schedule = queue.scheduleCheckPendingRequests;
  queue.isQuiet = true;
  queue.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}

function definitionOf(api: string): NonNullable<(typeof protocol.requests)[string]> {
  const definition = protocol.requests[api];
  if (definition === undefined) throw new TypeError(`kafkajs has no request ${api}`);
  return definition;
}
