import { cut } from "../../domain/observation/json.js";
import { isId } from "../../domain/observation/key.js";
import { hashOf } from "../observations/hash.js";
import type { Hl7Message, Hl7Segment } from "./message.js";
import { patientIdAt } from "./person.js";
import { isoTime } from "./time.js";

/** A record in the short form. */
export type ResultRecord = Readonly<Record<string, unknown>>;

/** HL7 table 0085: what each status of a result is here, and why a result may have no value. */
const STATUS: Readonly<Record<string, { readonly status: string; readonly absent: string }>> = {
  F: { status: "final", absent: "unknown" },
  C: { status: "corrected", absent: "unknown" },
  P: { status: "preliminary", absent: "temp-unknown" },
  R: { status: "preliminary", absent: "temp-unknown" },
  S: { status: "preliminary", absent: "temp-unknown" },
  I: { status: "preliminary", absent: "temp-unknown" },
  D: { status: "entered-in-error", absent: "unknown" },
  W: { status: "entered-in-error", absent: "unknown" },
  X: { status: "final", absent: "error" },
  N: { status: "final", absent: "not-asked" },
};

/** Under these there is no value, whatever stands in the place of one. */
const WITHOUT_VALUE = ["I", "N", "X", "D", "W"];

const SYSTEMS: Readonly<Record<string, string>> = { LN: "http://loinc.org", SCT: "http://snomed.info/sct" };
const ORIGINAL = 16_384;

/**
 * Each OBX of a message (ORU^R01) as a record of its own, in the short form, with the segment beside it. Nothing is judged: what
 * no reading can be made of is handed on as it is, so that it is refused, with everything else, where readings are judged.
 */
export function recordsOfResults(message: Hl7Message): readonly ResultRecord[] {
  const { segments, isTraining } = message;
  let patientId: string | null = null;
  let order: Hl7Segment | null = null;
  return segments.flatMap((segment, at): readonly ResultRecord[] => {
    if (segment.name === "PID") {
      patientId = patientIdAt(segment, 3);
      order = null;
    } else if (segment.name === "OBR") order = segment;
    else if (segment.name === "OBX") {
      const collectedAt = specimenTime(segments, at);
      return [recordOf(segment, { order, patientId, collectedAt, isTraining })];
    }
    return [];
  });
}

interface ResultGroup {
  readonly order: Hl7Segment | null;
  readonly patientId: string | null;
  /** When the specimen was taken. */
  readonly collectedAt: string | null;
  readonly isTraining: boolean;
}

/** A specimen (SPM) stands behind the results of its order. */
function specimenTime(segments: readonly Hl7Segment[], from: number): string | null {
  const next = segments.slice(from).find(({ name }) => name === "SPM" || name === "OBR" || name === "PID");
  return next?.name === "SPM" ? next.at(17) : null;
}

function recordOf(result: Hl7Segment, { order, patientId, collectedAt, isTraining }: ResultGroup): ResultRecord {
  const said = result.at(11) ?? "";
  const known = Object.hasOwn(STATUS, said) ? STATUS[said] : undefined;
  const status = known?.status ?? said;
  const code = codeOf(result);
  const value = WITHOUT_VALUE.includes(said) ? {} : valueOf(result);
  const time = result.at(14) ?? order?.at(7) ?? collectedAt;
  const isAboutFirst = status === "corrected" || status === "entered-in-error";
  const id = identityOf(result, order, code);
  const deviceId = result.at(18);
  return {
    ...(id === null
      ? {}
      : isAboutFirst
        ? { eventId: `${id}@${hashOf([result.text]).slice(0, 16)}`, replaces: id }
        : { eventId: id }),
    ...(patientId === null ? {} : { patientId }),
    ...(code === null ? {} : { code }),
    ...value,
    ...(Object.keys(value).length === 0 && known !== undefined ? { absentReason: known.absent } : {}),
    ...(time === null ? {} : { eventTime: isoTime(time) }),
    ...(deviceId === null || !isId(deviceId) ? {} : { deviceId }),
    status,
    ...(isTraining ? { simulated: true } : {}),
    original: cut(result.text, ORIGINAL),
  };
}

/** The LOINC code among the two a result may have, else the first. */
function codeOf(result: Hl7Segment): string | null {
  return (result.at(3, 3) !== "LN" && result.at(3, 6) === "LN" ? result.at(3, 4) : result.at(3, 1)) ?? null;
}

function valueOf(result: Hl7Segment): ResultRecord {
  const unit = result.at(6);
  const units = unit === null ? {} : { unit };
  // Several values of one result are none that can be shown as one.
  if (result.count(5) > 1) return { value: cut(result.raw(5), 128), ...units };
  switch (result.at(2)) {
    case "SN": {
      const parts = [1, 2, 3, 4].map((component) => result.at(5, component) ?? "");
      return parts.every((part) => part === "") ? {} : { value: parts.join(""), ...units };
    }
    case "CE":
    case "CWE":
    case "CNE": {
      const [name, system] = [result.at(5, 1) ?? result.at(5, 2), SYSTEMS[result.at(5, 3) ?? ""]];
      return name === null ? {} : { valueCode: system === undefined ? name : `${system}|${name}` };
    }
    default: {
      const value = result.at(5);
      return value === null ? {} : { value: cut(value, 128), ...units };
    }
  }
}

/** A result is the same where order, code and sub-id are; null where no order is named. */
function identityOf(result: Hl7Segment, order: Hl7Segment | null, code: string | null): string | null {
  const filler = order?.at(3) ?? order?.at(2) ?? null;
  if (filler === null || code === null) return null;
  const namespace = order?.at(3, 2) ?? order?.at(2, 2) ?? "";
  const id = [filler, namespace, code, result.at(4) ?? ""].filter((part) => part !== "").join("|");
  return isId(`${id}@0123456789abcdef`) ? id : hashOf([id]);
}
