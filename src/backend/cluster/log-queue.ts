import { VitalomeError, isVitalomeError } from "../../errors.js";
import type { Position } from "../index.js";
import type { Submission } from "../log/submission.js";

/** What waits for one writer. All that arrives during a write shares the next one. */
export interface LogQueue {
  submit(submission: Submission): Promise<readonly Position[]>;
  /** Runs alone, after what was submitted before it. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
}

/** Bytes that wait for all writers of a log together. */
export interface Waiting {
  bytes: number;
}

interface Pending {
  readonly submission: Submission;
  readonly resolve: (positions: readonly Position[]) => void;
  readonly reject: (reason: unknown) => void;
}

/** The most one group takes, and the most that may wait. */
const GROUP_BYTES = 4 * 1024 * 1024;
const WAITING_BYTES = 128 * 1024 * 1024;

/**
 * `write` answers the positions of each submission; what it throws, all of the group get. Only when something is too
 * large each is tried alone, so that it spoils nothing but itself.
 */
export function createLogQueue(
  waiting: Waiting,
  write: (group: readonly Submission[]) => Promise<readonly (readonly Position[])[]>,
): LogQueue {
  const pending: Pending[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let isAsked = false;

  function exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = last.then(work);
    last = run.catch(() => undefined);
    return run;
  }

  async function settle(group: readonly Pending[]): Promise<void> {
    const positions = await write(group.map(({ submission }) => submission));
    group.forEach(({ resolve }, at) => {
      resolve(positions[at] ?? []);
    });
  }

  async function writeGroup(): Promise<void> {
    isAsked = false;
    let count = 0;
    for (let bytes = 0; count < pending.length && bytes < GROUP_BYTES; count += 1)
      bytes += pending[count]?.submission.bytes ?? 0;
    const group = pending.splice(0, count);
    if (pending.length > 0) ask();
    try {
      await settle(group).catch(async (thrown: unknown) => {
        const isTooLarge = isVitalomeError(thrown) && thrown.code === "LIMIT_EXCEEDED";
        for (const one of group) {
          if (isTooLarge && group.length > 1) await settle([one]).catch(one.reject);
          else one.reject(thrown);
        }
      });
    } finally {
      for (const { submission } of group) waiting.bytes -= submission.bytes;
    }
  }

  function ask(): void {
    if (isAsked) return;
    isAsked = true;
    void exclusive(writeGroup);
  }

  return {
    submit: (submission) =>
      new Promise((resolve, reject) => {
        if (waiting.bytes + submission.bytes > WAITING_BYTES)
          throw new VitalomeError("OVERLOADED", "too much waits to be written to the event log");
        waiting.bytes += submission.bytes;
        pending.push({ submission, resolve, reject });
        ask();
      }),
    exclusive,
    async idle() {
      while (pending.length > 0 || isAsked) await last;
      await last;
    },
  };
}
