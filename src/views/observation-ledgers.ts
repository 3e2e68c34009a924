import type { EventLog, LoggedEvent } from "../backend/index.js";
import { sleepUntil, type Clock } from "../clock.js";
import type { InputPosition, ObservationsCounted } from "../domain/events/observation.js";
import { EMPTY_LEDGER, addLedger, type ObservationLedger } from "../domain/observation/ledger.js";
import { OBSERVATIONS_COUNTED, parseCounted } from "../ingest/streams/observation.js";
import { startFold, type TopicFold } from "./fold.js";

/** Everything counted of one source since `since`: what was counted before has left the log. */
export interface SourceLedger {
  readonly source: string;
  readonly ledger: ObservationLedger;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly lastCountedAt: number;
}

/** Per partition of an observed topic the offset behind the last record of something; null where it has none. */
export type BehindLast = readonly (string | null)[];

/** The ledgers of all sources and of the newest submissions, folded from what the worker counted; one per process. */
export interface ObservationLedgers extends Pick<TopicFold, "ready" | "health"> {
  /** By name. */
  sources(): readonly SourceLedger[];
  /** The ledger of a submission once everything below `next` is counted; `gone` where it is no longer remembered. */
  ofSubmission(source: string, id: string, topic: string, next: BehindLast): ObservationLedger | "open" | "gone";
  /** Resolves once the ledger is no longer open, or after `waitMs`. */
  untilCounted(source: string, id: string, topic: string, next: BehindLast, waitMs: number): Promise<void>;
}

export interface ObservationLedgersOptions {
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onFailure: (thrown: unknown) => void;
  /** Submissions that are remembered; default 50,000. */
  readonly remembered?: number;
}

interface Entry {
  ledger: ObservationLedger;
  /** By topic and partition, the last record counted. */
  readonly counted: Map<string, bigint>;
}

interface SourceEntry extends Entry {
  readonly since: number;
  lastCountedAt: number;
}

export function startObservationLedgers(options: ObservationLedgersOptions): ObservationLedgers {
  const { clock, signal, remembered = 50_000 } = options;
  const sources = new Map<string, SourceEntry>();
  const submissions = new Map<string, Entry>();
  /** By topic and partition, the last record counted of all. */
  const through = new Map<string, bigint>();
  const waiting = new Set<() => void>();
  const fold = startFold({ ...options, topic: OBSERVATIONS_COUNTED, apply });

  function apply(event: LoggedEvent): void {
    const counted = parseCounted(event);
    const { source, submission, input } = counted;
    const whole = sources.get(source) ?? {
      ledger: EMPTY_LEDGER,
      counted: new Map(),
      since: event.at,
      lastCountedAt: 0,
    };
    const one = submission === null ? whole : entryOf(nameOf(source, submission));
    if (!count(one, counted)) return;
    if (one !== whole) whole.ledger = addLedger(whole.ledger, counted);
    whole.lastCountedAt = event.at;
    sources.set(source, whole);
    raise(through, input);
    for (const look of [...waiting]) look();
  }

  /** Of those remembered the one that was counted last is the last to go. */
  function entryOf(name: string): Entry {
    const entry = submissions.get(name) ?? { ledger: EMPTY_LEDGER, counted: new Map() };
    submissions.delete(name);
    submissions.set(name, entry);
    if (submissions.size > remembered) submissions.delete(submissions.keys().next().value ?? name);
    return entry;
  }

  function isPast(counted: ReadonlyMap<string, bigint>, topic: string, next: BehindLast): boolean {
    return next.every((end, at) => end === null || (counted.get(`${topic}/${String(at)}`) ?? -1n) >= BigInt(end) - 1n);
  }

  const ofSubmission: ObservationLedgers["ofSubmission"] = (source, id, topic, next) => {
    const entry = submissions.get(nameOf(source, id));
    if (entry !== undefined && isPast(entry.counted, topic, next)) return entry.ledger;
    if (next.every((end) => end === null)) return EMPTY_LEDGER;
    return entry === undefined && isPast(through, topic, next) ? "gone" : "open";
  };

  return {
    ready: fold.ready,
    health: fold.health,
    ofSubmission,
    sources: () =>
      [...sources]
        .map(([source, { ledger, since, lastCountedAt }]) => ({ source, ledger, since, lastCountedAt }))
        .sort((left, right) => (left.source < right.source ? -1 : 1)),
    async untilCounted(source, id, topic, next, waitMs) {
      const isOpen = (): boolean => ofSubmission(source, id, topic, next) === "open";
      const done = new AbortController();
      const late = sleepUntil(clock, clock.now() + waitMs, AbortSignal.any([signal, done.signal])).catch(
        () => undefined,
      );
      const counted = new Promise<void>((resolve) => {
        const look = (): void => {
          if (isOpen()) return;
          resolve();
        };
        waiting.add(look);
        done.signal.addEventListener("abort", () => waiting.delete(look));
        look();
      });
      await Promise.race([late, counted]);
      done.abort(new Error("waited"));
    },
  };
}

/** False for a repeat: what the worker counted again after its end. */
function count(entry: Entry, counted: ObservationsCounted): boolean {
  if (!raise(entry.counted, counted.input)) return false;
  entry.ledger = addLedger(entry.ledger, counted);
  return true;
}

function raise(known: Map<string, bigint>, { topic, partition, offset }: InputPosition): boolean {
  const name = `${topic}/${String(partition)}`;
  const reached = BigInt(offset);
  if (reached <= (known.get(name) ?? -1n)) return false;
  known.set(name, reached);
  return true;
}

function nameOf(source: string, submission: string): string {
  return `${submission}\n${source}`;
}
