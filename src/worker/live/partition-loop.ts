import type { ConsumerPlace, EventLog, LoggedEvent, NewEvent } from "../../backend/index.js";
import type { Clock } from "../../clock.js";
import { messageOf, type ErrorCode } from "../../errors.js";
import type { Log } from "../../log.js";
import { whileAway } from "../while-away.js";
import type { Inbox } from "./topic-pump.js";

/** One partition of one topic that a loop reads. */
export interface LoopInput {
  readonly topic: string;
  readonly partition: number;
}

/** What a step may write; all of it becomes visible together with the place behind what was read. */
export interface StepWrites {
  append(topic: string, event: NewEvent): void;
}

/** JSON values by key, kept with the place. Null: there is none. */
export interface LoopState {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  entries(): Iterable<readonly [string, unknown]>;
}

/** What one loop does with what it reads. */
export interface LoopBody {
  /**
   * Everything that came, in order of coming. `now` is the clock's time where nothing earlier is unread, else null. Whatever
   * it throws ends the loop.
   */
  step(events: readonly LoggedEvent[], now: number | null, writes: StepWrites): Promise<void>;
  /** When it wants to be called although nothing came, in milliseconds since the epoch; null: never. */
  nextDue(): number | null;
}

export interface PartitionLoopOptions {
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly consumer: string;
  /** The first is the one the log keeps the place in; places in the others are entries of the state. */
  readonly inputs: readonly [LoopInput, ...LoopInput[]];
  readonly inbox: Inbox;
  /** No clock is put in: time is what readings say. */
  readonly isInputTime: boolean;
  readonly pace: LoopPace;
}

/** How often a loop takes how much: whoever writes the same thing anew with every step writes less where steps are few. */
export interface LoopPace {
  /** Events of one step at most; fewer than an inbox has room for. */
  readonly atOnce: number;
  /**
   * Milliseconds between the end of a step and the next, unless a full one waits. Where steps take long, four times as long as the
   * last, so that others have most of the time; never more than ten times this.
   */
  readonly restMs: number;
}

export interface PartitionLoop {
  readonly state: LoopState;
  /** By topic, the next offset to read. */
  readonly next: ReadonlyMap<string, bigint>;
  /** Until the signal; CONFLICT when another process has taken the place. */
  run(body: LoopBody): Promise<void>;
}

/** Nothing waits; a step is short enough for others to have a turn between two. */
export const AT_ONCE: LoopPace = { atOnce: 250, restMs: 0 };
/** What is received may need so long to be in the log: the clock is put in later than it stands. */
export const GRACE_MS = 250;
const LONGEST_REST_MS = 60_000;
const NEXT = "next/";
const STEP = "step";

/**
 * Reads a few partitions as one sequence: take what came, decide, write decisions, places and state in one transaction. Killed
 * anywhere, its successor goes on behind the last transaction. A log out of reach is waited for.
 */
export async function openPartitionLoop(options: PartitionLoopOptions): Promise<PartitionLoop> {
  const { eventLog, clock, log, signal, consumer, inputs, inbox, isInputTime, pace } = options;
  const [main, ...others] = inputs;
  const place: ConsumerPlace = { consumer, topic: main.topic, partition: main.partition };
  const kept = await persist(() => eventLog.consumerState(place));
  const entries = new Map(kept.state);
  const dirty = new Map<string, unknown>();
  const next = new Map<string, bigint>([[main.topic, kept.next]]);
  for (const { topic } of others) next.set(topic, BigInt((entries.get(NEXT + topic) as string | undefined) ?? "0"));
  let steps = (entries.get(STEP) as number | undefined) ?? 0;

  const state: LoopState = {
    get: (key) => entries.get(key) ?? null,
    set(key, value) {
      if (value === null) entries.delete(key);
      else entries.set(key, value);
      dirty.set(key, value);
    },
    entries: () => entries.entries(),
  };

  function persist<T>(work: () => Promise<T>): Promise<T> {
    const onAway = (thrown: unknown): void => {
      log.warn({ consumer, cause: messageOf(thrown) }, "tried again in a moment");
    };
    return whileAway(work, { clock, signal, passing: PASSING, onAway });
  }

  async function commit(outputs: readonly (readonly [string, NewEvent])[], read: boolean): Promise<void> {
    if (!read && outputs.length === 0 && dirty.size === 0) return;
    steps += 1;
    dirty.set(STEP, steps);
    let isRepeat = false;
    await persist(async () => {
      // The answer to an earlier attempt may have been lost after it was written.
      if (isRepeat && (await eventLog.consumerState(place)).state.get(STEP) === steps) return;
      isRepeat = true;
      await eventLog.transact(place, (transaction) => {
        for (const [topic, event] of outputs) transaction.append(topic, event);
        for (const [key, value] of dirty) transaction.setState(key, value);
        transaction.advance(next.get(main.topic) ?? 0n);
      });
    });
    dirty.clear();
  }

  /** Whether everything in the log is read, at a time after `now` was taken. */
  async function isCaughtUp(): Promise<boolean> {
    for (const { topic, partition } of inputs) {
      const range = (await persist(() => eventLog.positions(topic)))[partition];
      if (range !== undefined && (next.get(topic) ?? 0n) < range.end) return false;
    }
    return true;
  }

  /** Until so many events wait, and no longer than so long; null: however long that takes. */
  async function rest(longest: number | null, least: number): Promise<void> {
    const woken = new AbortController();
    const either = AbortSignal.any([signal, woken.signal]);
    const timer =
      longest === null
        ? Promise.resolve()
        : clock.sleep(longest, either).then(
            () => {
              woken.abort(new Error("due"));
            },
            () => undefined,
          );
    await inbox.wait(either, least);
    woken.abort(new Error("something came"));
    await timer;
  }

  return {
    state,
    next,
    async run(body) {
      while (!signal.aborted) {
        const events = inbox.take(pace.atOnce).filter((event) => event.offset >= (next.get(event.topic) ?? 0n));
        let now: number | null = null;
        if (events.length === 0) {
          const due = isInputTime ? null : body.nextDue();
          const reached = clock.now() - GRACE_MS;
          if (due === null || due > reached || !(await isCaughtUp())) {
            if (due === null) await rest(null, 1);
            else if (due > reached) await rest(Math.min(due - reached, LONGEST_REST_MS), 1);
            else await clock.sleep(10, signal).catch(() => undefined);
            continue;
          }
          now = reached;
        }
        const began = clock.now();
        const outputs: (readonly [string, NewEvent])[] = [];
        await body.step(events, now, {
          append: (topic, event) => {
            outputs.push([topic, event]);
          },
        });
        for (const event of events) {
          next.set(event.topic, event.offset + 1n);
          if (event.topic !== main.topic) dirty.set(NEXT + event.topic, String(event.offset + 1n));
        }
        await commit(outputs, events.length > 0);
        if (pace.restMs > 0 && events.length < pace.atOnce)
          await rest(restAfter(clock.now() - began, pace.restMs), pace.atOnce);
      }
    },
  };
}

function restAfter(spentMs: number, restMs: number): number {
  return Math.min(Math.max(restMs, 4 * spentMs), 10 * restMs);
}

/** Faults that pass by themselves. */
export const PASSING: ReadonlySet<ErrorCode> = new Set(["BACKEND_UNAVAILABLE", "OVERLOADED", "STORAGE_FULL"]);
