import { createHash } from "node:crypto";
import { cut, jsonText } from "../../domain/observation/json.js";
import type { RecordLine } from "../../domain/observation/lines.js";
import { LIVE } from "../../domain/observation/live.js";
import type { Movement } from "./movements.js";
import { createMessageReader, type ReadMessage } from "./reader.js";

/** Brings what a message says of people into the registry, and why; resolves once it is there. */
export type MovePeople = (movements: readonly Movement[], reason: string) => Promise<void>;

export interface MessageRecords {
  /** Records of the messages that end in this piece, in their order. */
  take(piece: Uint8Array): Promise<readonly RecordLine[]>;
  /** Those of the last one. */
  end(): Promise<readonly RecordLine[]>;
}

/** Bytes of HL7 version 2 as records for the observed topic: each result, and each message that gives none. */
export function openMessageRecords(move: MovePeople): MessageRecords {
  const reader = createMessageReader(LIVE.messageBytes);
  const all = async (messages: Iterable<ReadMessage>): Promise<readonly RecordLine[]> => {
    const records: RecordLine[] = [];
    for (const message of messages) records.push(...(await recordsOf(message, move)));
    return records;
  };
  return { take: (piece) => all(reader.take(piece)), end: () => all(reader.end()) };
}

async function recordsOf({ line, content }: ReadMessage, move: MovePeople): Promise<readonly RecordLine[]> {
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
      await move(movements, cut(`HL7 ${[event, controlId ?? ""].join(" ").trim()}`, 200));
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
