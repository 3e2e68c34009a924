import { parseMessages, type Hl7Message } from "./message.js";
import { movementsOf, type Movement } from "./movements.js";
import { recordsOfResults, type ResultRecord } from "./results.js";

export { changesOf, type ChangeOptions } from "./changes.js";
export type { Movement } from "./movements.js";
export type { ResultRecord } from "./results.js";

/** What one message holds. */
export type Hl7Content =
  /** For `labs.observed`: each is judged as any other record. */
  | { readonly kind: "results"; readonly controlId: string | null; readonly records: readonly ResultRecord[] }
  /** For the registry, through `changesOf`. */
  | {
      readonly kind: "movements";
      /** Such as `ADT^A40`. */
      readonly event: string;
      readonly controlId: string | null;
      readonly movements: readonly Movement[];
      readonly text: string;
    }
  | {
      readonly kind: "refused";
      readonly controlId: string | null;
      readonly field: string;
      readonly found: string | null;
      readonly expected: string;
      readonly text: string;
    };

/** Every message of a text in HL7 version 2, in order: results (ORU^R01) and movements (ADT); what is neither is refused whole. */
export function readHl7(text: string): readonly Hl7Content[] {
  return parseMessages(text).map((message) => {
    if (message.kind === "fault") return { ...message, kind: "refused", controlId: null, found: null };
    if (message.type === "ADT") return movements(message);
    if (message.type === "ORU" && ["R01", ""].includes(message.trigger)) {
      return { kind: "results", controlId: message.controlId, records: recordsOfResults(message) };
    }
    const found = `${message.type}^${message.trigger}`;
    return refused(message, { field: "MSH-9", found, expected: "ORU^R01 or ADT" });
  });
}

function movements(message: Hl7Message): Hl7Content {
  const read = movementsOf(message);
  if ("kind" in read) return refused(message, read);
  const { type, trigger, controlId, text } = message;
  return { kind: "movements", event: `${type}^${trigger}`, controlId, movements: read, text };
}

function refused(
  { controlId, text }: Hl7Message,
  { field, found, expected }: { readonly field: string; readonly found: string | null; readonly expected: string },
): Hl7Content {
  return { kind: "refused", controlId, field, found, expected, text };
}
