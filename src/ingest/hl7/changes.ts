import type { RegistryChanged, RegistryKind } from "../../domain/events/state.js";
import { parseTime } from "../../domain/observation/time.js";
import { personLinkSchema, resolvePerson, type PersonLink } from "../../domain/person-link.js";
import { patientStaySchema, type PatientStay } from "../../domain/stay.js";
import type { Movement, Stay } from "./movements.js";

export interface ChangeOptions {
  /** The newest change of an entry; null where there is none. */
  readonly known: (kind: RegistryKind, id: string) => RegistryChanged | null;
  readonly by: string;
  /** Where it comes from, such as the control id of a message. */
  readonly reason: string;
  readonly receivedAt: number;
  /** IANA zone of times without an offset; null: then the receipt stands for them. */
  readonly zone: string | null;
}

/**
 * What movements change in the registry, each in its next version, in order; what is so already changes nothing. A merge that
 * would close a circle takes back what it contradicts.
 */
export function changesOf(movements: readonly Movement[], options: ChangeOptions): readonly RegistryChanged[] {
  const { by, reason, receivedAt } = options;
  const changes: RegistryChanged[] = [];
  const newest = (kind: RegistryKind, id: string): RegistryChanged | null =>
    changes.findLast((change) => change.kind === kind && change.id === id) ?? options.known(kind, id);

  function put(kind: RegistryKind, id: string, value: object | null): void {
    const before = newest(kind, id);
    if (isSame(before?.value ?? null, value)) return;
    const version = (before?.version ?? 0) + 1;
    changes.push({
      schema: 1,
      kind,
      id,
      version,
      value: value as RegistryChanged["value"],
      by,
      reason,
      at: receivedAt,
    });
  }

  const linkOf = (id: string): PersonLink | null => personLinkSchema.safeParse(newest("link", id)?.value).data ?? null;

  for (const movement of movements) {
    switch (movement.kind) {
      case "person": {
        const before = newest("patient", movement.patientId)?.value ?? null;
        const birthDate = movement.birthDate === undefined ? (before?.["birthDate"] ?? null) : movement.birthDate;
        put("patient", movement.patientId, { ...before, birthDate, simulated: movement.simulated });
        break;
      }
      case "stay": {
        const { patientId, stay } = movement;
        const before = patientStaySchema.safeParse(newest("stay", patientId)?.value).data ?? null;
        put("stay", patientId, stayAfter(before, stay, timeOf(stay, options)));
        break;
      }
      case "merge": {
        const { surviving, replaced } = movement;
        // Who survives is nobody's replaced record.
        if (resolvePerson(surviving, linkOf) === replaced) put("link", surviving, null);
        if (linkOf(replaced)?.surviving === surviving) break;
        put("link", replaced, { surviving, disputed: false, since: receivedAt } satisfies PersonLink);
        break;
      }
      case "unlink": {
        const { one, other } = movement;
        if (linkOf(one)?.surviving === other) put("link", one, null);
        if (linkOf(other)?.surviving === one) put("link", other, null);
      }
    }
  }
  return changes;
}

/** An update of what is said of a person does not move them. */
function stayAfter(before: PatientStay | null, stay: Stay, at: number): PatientStay | null {
  const visit = stay.visit ?? before?.visit ?? null;
  const location = stay.location ?? before?.location ?? null;
  if (stay.event === "CHANGED") return before === null ? null : { ...before, visit, location };
  return { state: stay.event === "DISCHARGED" ? "OUT" : "IN", visit, location, since: at };
}

function timeOf({ at }: Stay, { zone, receivedAt }: ChangeOptions): number {
  const parsed = at === null ? null : parseTime(at, zone, receivedAt);
  return parsed?.kind === "time" && parsed.at <= receivedAt ? parsed.at : receivedAt;
}

function isSame(before: object | null, after: object | null): boolean {
  const text = (value: object | null): string => JSON.stringify(value === null ? null : Object.entries(value).sort());
  return text(before) === text(after);
}
