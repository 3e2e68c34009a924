import { createHash } from "node:crypto";
import type { Clock } from "../clock.js";
import type { PersonFacts } from "../domain/alert/inputs.js";
import type { Caller } from "../domain/caller.js";
import type { ObservedTopic } from "../domain/events/observation.js";
import type { RegistryChanged, RegistryKind } from "../domain/events/state.js";
import { cut, jsonText } from "../domain/observation/json.js";
import { createLineReader, type RecordLine } from "../domain/observation/lines.js";
import { LIVE } from "../domain/observation/live.js";
import type { SubmissionFormat, SubmissionRequest } from "../domain/submission.js";
import { isVitalomeError } from "../errors.js";
import { changesOf, type Movement } from "../ingest/hl7/index.js";
import { createMessageReader, type ReadMessage } from "../ingest/hl7/reader.js";
import { LABS_OBSERVED, VITALS_OBSERVED } from "../ingest/streams/observation.js";
import { policy } from "../policy.js";
import type { Registry } from "./registry.js";

/** Where the records of a format lie. */
export const TOPIC_OF: Readonly<Record<SubmissionFormat, ObservedTopic>> = {
  ndjson: VITALS_OBSERVED,
  hl7: LABS_OBSERVED,
};

/** What messages move people in, and who was on record before. */
export interface MovedPeople {
  readonly registry: Pick<Registry, "find" | "write" | "fold" | "knowledge">;
  /** Who the newest snapshot knows. */
  inSnapshot(id: string): PersonFacts | null;
}

export interface SubmittedRecords {
  /** The records that end in this piece, in their order. */
  take(piece: Uint8Array): Promise<Iterable<RecordLine>> | Iterable<RecordLine>;
  /** The last ones. */
  end(): Promise<Iterable<RecordLine>> | Iterable<RecordLine>;
}

export interface SubmittedOptions {
  readonly caller: Caller;
  readonly clock: Clock;
  readonly people: MovedPeople;
}

/** Somebody else changes the same entries at the same time: then it is looked at again what is left to change. */
const ATTEMPTS = 5;

/** Bytes of a submission as records, by its format. What a message says of people is in the registry before it is a record. */
export function openSubmitted(request: SubmissionRequest, options: SubmittedOptions): SubmittedRecords {
  if (request.format === "ndjson") return createLineReader(LIVE.recordBytes);
  const reader = createMessageReader(LIVE.messageBytes);
  const all = async (messages: Iterable<ReadMessage>): Promise<readonly RecordLine[]> => {
    const records: RecordLine[] = [];
    for (const message of messages) records.push(...(await recordsOf(message, request.source, options)));
    return records;
  };
  return { take: (piece) => all(reader.take(piece)), end: () => all(reader.end()) };
}

async function recordsOf(
  { line, content }: ReadMessage,
  source: string,
  options: SubmittedOptions,
): Promise<readonly RecordLine[]> {
  switch (content.kind) {
    case "results":
      return content.records.map((record) => sized(line, record));
    case "refused": {
      const { field, found, expected } = content;
      const record = cut(content.text, LIVE.recordBytes / 4);
      const message = { kind: "refused", field, found: found === null ? null : cut(found, 200), expected } as const;
      return [{ number: line, record, bytes: record.length, message }];
    }
    case "movements": {
      const { event, controlId, movements } = content;
      await move(movements, `HL7 ${[event, controlId ?? ""].join(" ").trim()}`, source, options);
      const patients = [...new Set(movements.flatMap(peopleOf))];
      const record = { event, controlId, patientId: patients[0], patients };
      const hash = createHash("sha256").update(content.text).digest("hex");
      return [{ ...sized(line, record), message: { kind: "moved", controlId, content: hash } }];
    }
  }
}

/** Longer than any record may be is only what somebody made so. */
function sized(number: number, record: object): RecordLine {
  const text = jsonText(record);
  const bytes = Buffer.byteLength(text);
  const oversize = { oversize: { bytes, text: cut(text, LIVE.recordBytes / 4) } };
  return { number, bytes, record: bytes > LIVE.recordBytes ? oversize : record };
}

/** Resolves once this process knows every change. FORBIDDEN for whoever may not see people. */
async function move(
  movements: readonly Movement[],
  reason: string,
  source: string,
  { caller, clock, people }: SubmittedOptions,
): Promise<void> {
  policy(caller, "patients");
  const { registry } = people;
  await registry.fold.ready();
  const known = (kind: RegistryKind, id: string): RegistryChanged | null =>
    registry.find(kind, id) ?? (kind === "patient" ? beforeAny(id, people.inSnapshot(id)) : null);
  const { zone } = registry.knowledge.source(source);
  for (let attempt = 1; ; attempt += 1) {
    const options = { known, by: caller.subject, reason: cut(reason, 200), receivedAt: clock.now(), zone };
    try {
      for (const change of changesOf(movements, options)) await registry.write(change);
      return;
    } catch (thrown) {
      if (!isVitalomeError(thrown) || thrown.code !== "CONFLICT" || attempt === ATTEMPTS) throw thrown;
    }
  }
}

/** What a snapshot says of somebody counts as said before the first change. */
function beforeAny(id: string, person: PersonFacts | null): RegistryChanged | null {
  if (person === null) return null;
  const { birthDate, simulated } = person;
  const value = { birthDate, simulated };
  return { schema: 1, kind: "patient", id, version: 0, value, by: "", reason: null, at: 0 };
}

function peopleOf(movement: Movement): readonly string[] {
  switch (movement.kind) {
    case "person":
    case "stay":
      return [movement.patientId];
    case "merge":
      return [movement.surviving, movement.replaced];
    case "unlink":
      return [movement.one, movement.other];
  }
}
