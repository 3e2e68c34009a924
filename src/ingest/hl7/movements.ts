import type { Hl7Message, Hl7Segment } from "./message.js";
import { patientIdAt } from "./person.js";
import { isoDate, isoTime } from "./time.js";

/** What a message of the administration (ADT) says happened; in the order in which it says it. */
export type Movement =
  /** Somebody is on record. `birthDate` undefined: not said; null: there is none. */
  | {
      readonly kind: "person";
      readonly patientId: string;
      readonly birthDate: string | null | undefined;
      readonly simulated: boolean;
    }
  | { readonly kind: "stay"; readonly patientId: string; readonly stay: Stay }
  /** Both are one person; `replaced` is no longer used. */
  | { readonly kind: "merge"; readonly surviving: string; readonly replaced: string }
  /** They are two people after all. */
  | { readonly kind: "unlink"; readonly one: string; readonly other: string };

export interface Stay {
  readonly event: "ADMITTED" | "TRANSFERRED" | "DISCHARGED" | "CHANGED";
  readonly visit: string | null;
  /** Ward, room and bed. */
  readonly location: string | null;
  /** ISO 8601, as it came: without an offset in the zone of its source; null where nothing is said. */
  readonly at: string | null;
}

export interface MovementFault {
  readonly kind: "fault";
  readonly field: string;
  readonly found: string | null;
  readonly expected: string;
}

const STAYS: Readonly<Record<string, Stay["event"]>> = {
  A01: "ADMITTED",
  A02: "TRANSFERRED",
  A03: "DISCHARGED",
  A04: "ADMITTED",
  A08: "CHANGED",
};

/** Admission, transfer, discharge, registration, update, merge and unlink; a fault for any other event. */
export function movementsOf(message: Hl7Message): readonly Movement[] | MovementFault {
  const { trigger, segments } = message;
  const people = segments.filter(({ name }) => name === "PID");
  if (Object.hasOwn(STAYS, trigger)) return stayOf(message, people[0]);
  if (trigger === "A40") return mergesOf(segments, message.isTraining);
  if (trigger === "A37") {
    const [one, other] = people.map((person) => patientIdAt(person, 3));
    if (one == null || other == null) return fault("PID-3", one ?? null, "two patients, each with an identifier");
    return [{ kind: "unlink", one, other }];
  }
  return fault("MSH-9", `${message.type}^${trigger}`, `ADT with ${[...Object.keys(STAYS), "A37", "A40"].join(", ")}`);
}

function stayOf(message: Hl7Message, person: Hl7Segment | undefined): readonly Movement[] | MovementFault {
  const { trigger, segments, isTraining } = message;
  const patientId = person === undefined ? null : patientIdAt(person, 3);
  if (person === undefined || patientId === null) return fault("PID-3", person?.raw(3) ?? null, "an identifier");
  const visit = segments.find(({ name }) => name === "PV1");
  const event = segments.find(({ name }) => name === "EVN");
  const kind = STAYS[trigger]!;
  const own = kind === "ADMITTED" ? visit?.at(44) : kind === "DISCHARGED" ? visit?.at(45) : null;
  const at = own ?? event?.at(6) ?? event?.at(2) ?? null;
  return [
    personOf(person, patientId, isTraining),
    {
      kind: "stay",
      patientId,
      stay: {
        event: kind,
        visit: visit?.at(19) ?? null,
        location: visit === undefined ? null : locationOf(visit),
        at: at === null ? null : isoTime(at),
      },
    },
  ];
}

/** A message may hold several pairs: who survives, and under which id they were. */
function mergesOf(segments: readonly Hl7Segment[], isTraining: boolean): readonly Movement[] | MovementFault {
  const movements: Movement[] = [];
  let surviving: string | null = null;
  for (const segment of segments) {
    if (segment.name === "PID") {
      surviving = patientIdAt(segment, 3);
      if (surviving === null) return fault("PID-3", segment.raw(3), "an identifier");
      movements.push(personOf(segment, surviving, isTraining));
    } else if (segment.name === "MRG") {
      const replaced = patientIdAt(segment, 1);
      if (surviving === null || replaced === null) return fault("MRG-1", segment.raw(1), "an identifier behind a PID");
      if (replaced === surviving) return fault("MRG-1", replaced, "another patient than the surviving one");
      movements.push({ kind: "merge", surviving, replaced });
    }
  }
  const isMerge = movements.some(({ kind }) => kind === "merge");
  return isMerge ? movements : fault("MRG", null, "the patient whose record is replaced");
}

function personOf(person: Hl7Segment, patientId: string, isTraining: boolean): Movement {
  const born = person.at(7);
  const isDeleted = person.raw(7) === '""';
  const birthDate = born === null ? (isDeleted ? null : undefined) : isoDate(born);
  return { kind: "person", patientId, birthDate, simulated: isTraining };
}

function locationOf(visit: Hl7Segment): string | null {
  const parts = [1, 2, 3].flatMap((component) => visit.at(3, component) ?? []);
  return parts.length === 0 ? null : parts.join(" ");
}

function fault(field: string, found: string | null, expected: string): MovementFault {
  return { kind: "fault", field, found, expected };
}
