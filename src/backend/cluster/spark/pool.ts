import { isSparkFault, outOfReach } from "./faults.js";
import type { SparkSession } from "./session.js";

/** A session that is the holder's alone until it is given back. */
export interface Lease {
  readonly session: SparkSession;
  /** Whether it served a statement before: the server may have forgotten it since. */
  readonly isUsed: boolean;
  giveBack(): void;
}

export interface SessionPool {
  /** Waits while all are taken; CANCELED when the signal says so first. */
  take(signal: AbortSignal): Promise<Lease>;
  close(): void;
}

export interface SessionPoolOptions {
  /** Opens and warms one. */
  readonly open: () => Promise<SparkSession>;
  /** Statements that run at once. */
  readonly size: number;
  /** Kept open and idle, once one was needed: the next caller waits for no handshake. */
  readonly warm: number;
}

interface Waiter {
  readonly serve: (lease: Lease) => void;
  readonly fail: (fault: unknown) => void;
}

/** Sessions of a Spark Thrift server. Broken ones are dropped; what waits is served in order. */
export function createSessionPool({ open, size, warm }: SessionPoolOptions): SessionPool {
  const idle: SparkSession[] = [];
  const all = new Set<SparkSession>();
  const waiting: Waiter[] = [];
  let opening = 0;
  let isClosed = false;

  function soundIdle(): SparkSession | null {
    for (;;) {
      const session = idle.pop();
      if (session === undefined) return null;
      if (!session.link.isLost()) return session;
      all.delete(session);
    }
  }

  function leaseOf(session: SparkSession, isUsed: boolean): Lease {
    let isBack = false;
    return {
      session,
      isUsed,
      giveBack() {
        if (isBack) return;
        isBack = true;
        put(session);
      },
    };
  }

  function put(session: SparkSession): void {
    if (isClosed || session.link.isLost()) {
      all.delete(session);
      session.link.close();
    } else {
      const next = waiting.shift();
      if (next === undefined) idle.push(session);
      else next.serve(leaseOf(session, true));
    }
    fill();
  }

  async function openOne(): Promise<SparkSession> {
    opening += 1;
    try {
      const session = await open();
      if (isClosed) session.link.close();
      else all.add(session);
      return session;
    } finally {
      opening -= 1;
    }
  }

  /** One more for each that waits, and spare ones, up to the size. */
  function fill(): void {
    while (!isClosed && all.size + opening < size && (waiting.length > opening || idle.length + opening < warm)) {
      openOne().then(
        (session) => {
          const next = waiting.shift();
          if (next === undefined) put(session);
          else next.serve(leaseOf(session, false));
        },
        (thrown: unknown) => {
          waiting.shift()?.fail(thrown);
        },
      );
    }
  }

  return {
    async take(signal) {
      if (isClosed) throw outOfReach(new Error("the pool is closed"));
      signal.throwIfAborted();
      const session = soundIdle();
      if (session !== null) {
        fill();
        return leaseOf(session, true);
      }
      return new Promise((resolve, reject) => {
        const onAbort = (): void => {
          const at = waiting.indexOf(waiter);
          if (at !== -1) waiting.splice(at, 1);
          reject(signal.reason as Error);
        };
        const waiter: Waiter = {
          serve: (lease) => {
            signal.removeEventListener("abort", onAbort);
            resolve(lease);
          },
          fail: (fault) => {
            signal.removeEventListener("abort", onAbort);
            reject(fault);
          },
        };
        signal.addEventListener("abort", onAbort, { once: true });
        waiting.push(waiter);
        fill();
      });
    },
    close() {
      isClosed = true;
      for (const waiter of waiting.splice(0)) waiter.fail(outOfReach(new Error("the pool was closed")));
      for (const session of all) session.link.close();
      all.clear();
      idle.length = 0;
    },
  };
}

export function isGone(thrown: unknown): boolean {
  return isSparkFault(thrown) && thrown.kind !== "refused";
}
