import type { Clock } from "../../../clock.js";
import { VitalomeError } from "../../../errors.js";
import type { SparkControl } from "./control.js";
import type { SparkLimits } from "./limits.js";
import { isSparkFault } from "./faults.js";
import { isGone, type Lease, type SessionPool } from "./pool.js";
import { finished, submit, type RunStatement } from "./statement.js";
import type { OperationHandle, RawColumn } from "./wire.js";

/** A statement that has run, and the session it holds. */
export interface Running extends RunStatement {
  /** Gives the session back. Unless all rows were fetched, Spark is told to end the statement first. */
  end(): void;
}

export interface StarterOptions {
  readonly pool: SessionPool;
  readonly control: SparkControl;
  readonly clock: Clock;
  readonly limits: SparkLimits;
}

export interface Starter {
  /** Runs a statement. An aborted signal ends it, and whatever is awaited of it, at once. */
  start(text: string, signal: AbortSignal): Promise<Running>;
  /** Resolves when no statement is being ended any more. */
  ended(): Promise<void>;
}

/** A session that fails sooner had been forgotten or cut while it was idle: another one is asked. */
const STALE_MS = 2_000;

export function createStarter({ pool, control, clock, limits }: StarterOptions): Starter {
  const ending = new Set<Promise<void>>();

  function inBackground(work: Promise<void>): void {
    const quiet = work.catch(() => undefined);
    ending.add(quiet);
    void quiet.then(() => ending.delete(quiet));
  }

  /** Submits on a session that answers. */
  async function submitted(text: string, signal: AbortSignal): Promise<Submitted> {
    for (;;) {
      const lease = await pool.take(signal);
      const at = clock.now();
      const handle = submit(lease.session, text);
      try {
        return { lease, at, operation: await unless(signal, handle) };
      } catch (thrown) {
        const isStale = lease.isUsed && isGone(thrown) && clock.now() - at < STALE_MS;
        if (isGone(thrown)) lease.session.link.close();
        if (signal.aborted) inBackground(handle.then(async (operation) => giveUp({ lease, at, operation }, null)));
        else lease.giveBack();
        if (!isStale) throw thrown;
      }
    }
  }

  /**
   * Ends a statement in Spark, then the session is free again; if that takes long the session is closed instead. It
   * is cancelled twice, by cancel and by close: Spark ends the jobs it has at that moment, and one may start just after,
   * for ever (a cancel in the first 0.1 s left such a job behind).
   */
  async function giveUp({ lease, at, operation }: Submitted, fetching: Promise<unknown> | null): Promise<void> {
    const done = new AbortController();
    const pause = async (ms: number): Promise<void> => (ms > 0 ? clock.sleep(ms, done.signal) : undefined);
    const ended = (async () => {
      if (fetching === null) await pause(at + limits.settleMs - clock.now());
      await control.cancel(operation);
      await Promise.race([pause(limits.settleMs), ...(fetching === null ? [] : [fetching.catch(() => undefined)])]);
      await control.close(operation);
      await fetching?.catch(() => undefined);
    })();
    const late = pause(limits.endMs).then(() => Promise.reject(new Error("the statement did not end")));
    await Promise.race([ended, late]).catch(() => {
      lease.session.link.close();
    });
    lease.giveBack();
    late.catch(() => undefined);
    done.abort(new Error("ended"));
  }

  return {
    async start(text, signal) {
      const run = await submitted(text, signal);
      const { lease, operation } = run;
      let state: "running" | "fetching" | "over" = "running";
      let fetching: Promise<unknown> = Promise.resolve();
      let isEnded = false;

      function end(): void {
        if (isEnded) return;
        isEnded = true;
        if (state !== "over") {
          inBackground(giveUp(run, state === "running" ? null : fetching));
          return;
        }
        // Calls of one session are answered in order: the next statement need not wait for the answer.
        lease.session.link.call("CloseOperation", { operationHandle: operation }).catch(() => undefined);
        lease.giveBack();
      }

      try {
        const { columns, fetch } = await unless(signal, finished(lease.session, operation, clock, signal));
        state = "fetching";
        return {
          columns,
          end,
          async fetch(): Promise<readonly RawColumn[] | null> {
            const block = fetch();
            fetching = block;
            const raw = await unless(signal, block);
            if (raw === null) state = "over";
            return raw;
          },
        };
      } catch (thrown) {
        // Spark itself has said that it is over.
        if (isSparkFault(thrown) && thrown.kind === "refused") state = "over";
        end();
        throw thrown;
      }
    },
    async ended() {
      await Promise.all(ending);
    },
  };
}

interface Submitted {
  readonly lease: Lease;
  /** When it was submitted. */
  readonly at: number;
  readonly operation: OperationHandle;
}

/** The outcome of the work, or the signal's reason as soon as there is one. The work itself goes on. */
export async function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  if (signal.aborted) throw signal.reason as Error;
  let onAbort: (() => void) | null = null;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort !== null) signal.removeEventListener("abort", onAbort);
  }
}

/**
 * A signal of one statement: aborted with CANCELED when one of the callers' is, and with SQL_TIMEOUT after the limit.
 * `done` must be called.
 */
export function statementSignal(
  callers: readonly AbortSignal[],
  clock: Clock,
  limitMs: number,
): { readonly signal: AbortSignal; done(): void } {
  const stop = new AbortController();
  const over = new AbortController();
  const onAbort = (): void => {
    const cause: unknown = callers.find(({ aborted }) => aborted)?.reason;
    stop.abort(new VitalomeError("CANCELED", "the statement was cancelled", { cause }));
  };
  for (const caller of callers) caller.addEventListener("abort", onAbort, { once: true });
  if (callers.some(({ aborted }) => aborted)) onAbort();
  clock.sleep(limitMs, over.signal).then(
    () => {
      stop.abort(new VitalomeError("SQL_TIMEOUT", `the statement took longer than ${String(limitMs / 1_000)} s`));
    },
    () => undefined,
  );
  return {
    signal: stop.signal,
    done() {
      for (const caller of callers) caller.removeEventListener("abort", onAbort);
      over.abort(new Error("done"));
    },
  };
}
