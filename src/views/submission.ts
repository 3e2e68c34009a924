import { createHash, randomUUID } from "node:crypto";
import type { EventLog, NewEvent } from "../backend/index.js";
import type { Clock } from "../clock.js";
import type { CursorSealer } from "../cursors.js";
import type { Caller } from "../domain/caller.js";
import type { ObservationsSubmitted, ObservedRecord, ObservedTopic } from "../domain/events/observation.js";
import { isId, observedKey } from "../domain/observation/key.js";
import { createLineReader, type RecordLine } from "../domain/observation/lines.js";
import { LIVE } from "../domain/observation/live.js";
import { submissionId, type Submission, type SubmissionFormat, type SubmissionRequest } from "../domain/submission.js";
import { VitalomeError, isVitalomeError } from "../errors.js";
import { LABS_OBSERVED, VITALS_OBSERVED } from "../ingest/streams/observation.js";
import { policy } from "../policy.js";
import type { ObservationLedgers, SourceLedger } from "./observation-ledgers.js";
import { keyWasUsed } from "./job.js";
import type { SubmissionReceipts } from "./submission-receipts.js";

export interface SubmissionView {
  /**
   * Records as they come, piece by piece, never more than one piece and one line ahead of the log; resolves once the last is
   * durable. Nothing is judged; what messages say of people is in the registry by then. What it throws says in `durableLines` how many lines are in the log; they may be sent again.
   * IDEMPOTENCY_CONFLICT where the key has answered for other content.
   */
  submit(pieces: AsyncIterable<Uint8Array>, request: SubmissionRequest): Promise<Submission>;
  /** A submission as it stands; CURSOR_EXPIRED where its ledger is no longer remembered. */
  find(cursor: string): Promise<Submission>;
  /** The same, once it has its ledger or the time is over. */
  wait(cursor: string, waitMs: number): Promise<Submission>;
  /** By name. */
  sourceLedgers(): Promise<readonly SourceLedger[]>;
}

export interface SubmissionViewOptions {
  readonly caller: Caller;
  readonly eventLog: EventLog;
  readonly sealer: CursorSealer;
  readonly clock: Clock;
  readonly ledgers: ObservationLedgers;
  readonly receipts: SubmissionReceipts;
  /** Opens messages of HL7 version 2 of a source: as records, behind what they say of people. */
  readonly openHl7: (source: string, caller: Caller) => SubmittedRecords;
}

interface SubmittedRecords {
  /** The records that end in this piece, in their order. */
  take(piece: Uint8Array): Promise<Iterable<RecordLine>> | Iterable<RecordLine>;
  /** The last ones. */
  end(): Promise<Iterable<RecordLine>> | Iterable<RecordLine>;
}

/** What a cursor remembers of a submission. */
type Place = Pick<ObservationsSubmitted, "id" | "source" | "lines" | "topic" | "next">;

/** Events of one append: enough to make it worth a flush, little enough to hold. */
const BATCH_LINES = 500;
const BATCH_BYTES = 1 << 20;
const CURSOR_MS = 7 * 24 * 60 * 60 * 1000;

export function createSubmissionView(options: SubmissionViewOptions): SubmissionView {
  const { caller, eventLog, sealer, clock, ledgers, receipts, openHl7 } = options;
  const scope = (): { kind: string; tenant: string; queryHash: string; policyHash: string } => ({
    kind: "submission",
    tenant: caller.tenant,
    queryHash: "",
    policyHash: policy(caller, "observations").hash,
  });

  function answer({ id, source, lines, topic, next }: Place, cursor?: string): Submission {
    const ledger = ledgers.ofSubmission(source, id, topic, next);
    if (ledger === "gone") {
      throw new VitalomeError(
        "CURSOR_EXPIRED",
        "the ledger of this submission is no longer kept: ask for its source's",
        {
          details: { field: "cursor" },
        },
      );
    }
    const position: Place = { id, source, lines, topic, next };
    const sealed = (): string => sealer.seal({ ...scope(), snapshot: 0, position, expiresAt: clock.now() + CURSOR_MS });
    return { id, cursor: cursor ?? sealed(), lines, ledger: ledger === "open" ? null : ledger };
  }

  const open = (cursor: string): Place => sealer.open(cursor, scope()).position as Place;

  /** Somebody had an answer under this key already: nothing is written, and the content must be the same. */
  async function repeat(
    known: ObservationsSubmitted,
    pieces: AsyncIterable<Uint8Array>,
    request: SubmissionRequest,
  ): Promise<Submission> {
    const hash = createHash("sha256");
    for await (const piece of pieces) hash.update(piece);
    if (!isSame(known, request, hash.digest("hex"))) throw keyWasUsed();
    return answer(known);
  }

  return {
    async submit(pieces, request) {
      policy(caller, "observations");
      checkRequest(request);
      const { source, simulated, idempotencyKey: key } = request;
      const topic = topicOf(request.format);
      const id = key === null ? `submission-${randomUUID()}` : submissionId(caller.tenant, key);
      const known = key === null ? null : await receipts.find(id);
      if (known !== null) return repeat(known, pieces, request);

      const writer = createWriter(eventLog, topic, { submission: id, source, simulated, by: caller.subject });
      const hash = createHash("sha256");
      const reader = request.format === "hl7" ? openHl7(source, caller) : createLineReader(LIVE.recordBytes);
      try {
        for await (const piece of pieces) {
          if (key !== null) hash.update(piece);
          await writer.write(await reader.take(piece), clock.now());
        }
        await writer.write(await reader.end(), clock.now());
        const place = { id, source, lines: writer.lines, topic, next: writer.next };
        if (key === null) return answer(place);
        const sha256 = hash.digest("hex");
        const own = { schema: 1 as const, ...place, by: caller.subject, simulated, sha256, at: clock.now() };
        const first = await receipts.add(own);
        if (!isSame(first, request, sha256)) throw keyWasUsed();
        return answer(first);
      } catch (thrown) {
        throw isVitalomeError(thrown) ? withDurable(thrown, writer.lines) : thrown;
      }
    },
    async find(cursor) {
      const place = open(cursor);
      await ledgers.ready();
      return answer(place, cursor);
    },
    async sourceLedgers() {
      policy(caller, "observations");
      await ledgers.ready();
      return ledgers.sources();
    },
    async wait(cursor, waitMs) {
      const place = open(cursor);
      await ledgers.untilCounted(place.source, place.id, place.topic, place.next, waitMs);
      return answer(place, cursor);
    },
  };
}

interface Writer {
  /** All of these lines are durable when it resolves. */
  write(lines: Iterable<RecordLine>, receivedAt: number): Promise<void>;
  readonly lines: number;
  readonly next: readonly (string | null)[];
}

function createWriter(
  eventLog: EventLog,
  topic: ObservedTopic,
  common: Pick<ObservedRecord, "submission" | "source" | "simulated" | "by">,
): Writer {
  const next: (bigint | null)[] = [];
  let lines = 0;

  async function append(events: readonly NewEvent[]): Promise<void> {
    for (const { partition, offset } of await eventLog.append(topic, events)) next[partition] = offset + 1n;
    lines += events.length;
  }

  return {
    async write(read, receivedAt) {
      let events: NewEvent[] = [];
      let bytes = 0;
      for (const { number, record, bytes: own, message } of read) {
        const value: ObservedRecord = {
          ...{ schema: 1, ...common, line: number, receivedAt, record },
          ...(message === undefined ? {} : { message }),
        };
        events.push({ key: observedKey(record, common.source), value });
        bytes += own;
        if (events.length < BATCH_LINES && bytes < BATCH_BYTES) continue;
        await append(events);
        events = [];
        bytes = 0;
      }
      await append(events);
    },
    get lines() {
      return lines;
    },
    get next() {
      return Array.from(next, (offset) => (offset === null || offset === undefined ? null : String(offset)));
    },
  };
}

function isSame(
  known: ObservationsSubmitted,
  { source, format, simulated }: SubmissionRequest,
  sha256: string,
): boolean {
  return (
    known.topic === topicOf(format) &&
    known.sha256 === sha256 &&
    known.source === source &&
    known.simulated === simulated
  );
}

function topicOf(format: SubmissionFormat): ObservedTopic {
  return format === "hl7" ? LABS_OBSERVED : VITALS_OBSERVED;
}

function checkRequest({ source, idempotencyKey }: SubmissionRequest): void {
  if (!isId(source)) throw expected("source", "a name of 1 to 128 characters");
  if (idempotencyKey !== null && !/^[^\p{Cc}]{1,200}$/u.test(idempotencyKey))
    throw expected("idempotencyKey", "any text of 1 to 200 characters");
}

function expected(field: string, what: string): VitalomeError {
  return new VitalomeError("BAD_USER_INPUT", `${field}: expected ${what}`, { details: { field, expected: what } });
}

function withDurable(error: VitalomeError, durableLines: number): VitalomeError {
  const told = `${String(durableLines)} ${durableLines === 1 ? "line is" : "lines are"} in the log; sent again they count as duplicates`;
  return new VitalomeError(error.code, durableLines === 0 ? error.message : `${error.message}: ${told}`, {
    cause: error.cause ?? error,
    details: { ...error.details, durableLines },
  });
}
