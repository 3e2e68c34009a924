import type { LogGap, LoggedEvent } from "../backend/index.js";
import type { Clock } from "../clock.js";

/** One reader of the log that can be waited for until a deadline. */
export interface Mailbox {
  /** The next of the log; `due` when the deadline passes first, `end` when the log says no more. */
  take(deadline: number): Promise<LoggedEvent | LogGap | "due" | "end">;
  close(): void;
}

/** At most one event is held, and one timer runs, however many are taken. */
export function createMailbox(log: AsyncIterable<LoggedEvent | LogGap>, clock: Clock): Mailbox {
  const reader = log[Symbol.asyncIterator]();
  const closed = new AbortController();
  let arrived: IteratorResult<LoggedEvent | LogGap> | null = null;
  let failure: { readonly thrown: unknown } | null = null;
  let isReading = false;
  let isTiming = false;
  let wake: () => void = () => undefined;

  function read(): void {
    if (isReading) return;
    isReading = true;
    reader.next().then(
      (step) => {
        isReading = false;
        arrived = step;
        wake();
      },
      (thrown: unknown) => {
        isReading = false;
        failure = { thrown };
        wake();
      },
    );
  }

  /** A timer for an earlier deadline does: who wakes too early looks at the clock and waits on. */
  function wakeAt(deadline: number): void {
    if (isTiming) return;
    isTiming = true;
    clock.sleep(deadline - clock.now(), closed.signal).then(
      () => {
        isTiming = false;
        wake();
      },
      () => undefined,
    );
  }

  return {
    async take(deadline) {
      for (;;) {
        if (failure !== null) throw failure.thrown;
        if (arrived !== null) {
          const step = arrived;
          arrived = null;
          return step.done === true ? "end" : step.value;
        }
        read();
        if (clock.now() >= deadline) return "due";
        await new Promise<void>((resolve) => {
          wake = resolve;
          wakeAt(deadline);
        });
      }
    },
    close() {
      closed.abort(new Error("the mailbox is closed"));
      wake();
      reader.return?.().catch(() => undefined);
    },
  };
}
