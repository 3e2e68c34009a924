import { lostAnswer } from "./faults.js";
import type { LinkOptions } from "./link.js";
import { openSession, type SparkSession } from "./session.js";
import { INFO_SERVER_NAME, type OperationHandle } from "./wire.js";

/**
 * A connection beside those of the statements: the server answers one call of a connection after the other, so a statement
 * that runs is asked about and ended through this one.
 */
export interface SparkControl {
  /** Connects in the background: a pulse is then one short call. */
  warm(): void;
  /** Rejects when the server does not answer within `pulseMs`. */
  pulse(): Promise<void>;
  /** Ends the Spark jobs a statement has by now, and interrupts what would start more. */
  cancel(operation: OperationHandle): Promise<void>;
  /** The same, and the server forgets the statement. One it does not know is closed. */
  close(operation: OperationHandle): Promise<void>;
  disconnect(): void;
}

export function createControl(options: Omit<LinkOptions, "pulse">): SparkControl {
  const { clock, limits } = options;
  let session: Promise<SparkSession> | null = null;
  let asked: Promise<void> | null = null;
  let isClosed = false;

  async function opened(): Promise<SparkSession> {
    const held = session === null ? null : await session.catch(() => null);
    if (held !== null && !held.link.isLost()) return held;
    if (isClosed) throw lostAnswer(new Error("closed by us"));
    const short = { ...limits, patienceMs: limits.pulseMs };
    session = openSession({ ...options, limits: short, pulse: null }, {});
    session.catch(() => undefined);
    return session;
  }

  async function ask(): Promise<void> {
    const done = new AbortController();
    const late = clock.sleep(limits.pulseMs, done.signal).then(
      () => {
        throw lostAnswer(new Error(`no pulse within ${String(limits.pulseMs)} ms`));
      },
      () => new Promise<never>(() => undefined),
    );
    const answer = async (): Promise<void> => {
      const { link, handle } = await opened();
      await link.call("GetInfo", { sessionHandle: handle, infoType: INFO_SERVER_NAME });
    };
    try {
      await Promise.race([answer(), late]);
    } finally {
      done.abort(new Error("ended"));
    }
  }

  return {
    warm() {
      void opened().catch(() => undefined);
    },
    async pulse() {
      asked ??= ask().finally(() => {
        asked = null;
      });
      return asked;
    },
    async cancel(operation) {
      const { link } = await opened();
      await link.call("CancelOperation", { operationHandle: operation });
    },
    async close(operation) {
      const { link } = await opened();
      await link.call("CloseOperation", { operationHandle: operation });
    },
    disconnect() {
      isClosed = true;
      void session?.then(
        ({ link }) => {
          link.close();
        },
        () => undefined,
      );
    },
  };
}
