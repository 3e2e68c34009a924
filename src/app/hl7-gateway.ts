import type { Clock } from "../clock.js";
import type { PersonFacts } from "../domain/alert/inputs.js";
import type { Caller } from "../domain/caller.js";
import type { RegistryChanged, RegistryKind } from "../domain/events/state.js";
import { isVitalomeError } from "../errors.js";
import { changesOf } from "../ingest/hl7/index.js";
import { openMessageRecords, type MessageRecords, type MovePeople } from "../ingest/hl7/records.js";
import { policy } from "../policy.js";
import type { Registry } from "../views/registry.js";

export interface Hl7GatewayOptions {
  readonly registry: Registry;
  /** Who the newest snapshot knows. */
  readonly inSnapshot: (id: string) => PersonFacts | null;
  readonly clock: Clock;
}

/** Opens messages of HL7 version 2 of a source, sent by somebody. */
export type Hl7Gateway = (source: string, caller: Caller) => MessageRecords;

/** Somebody else changes the same entries at the same time: then it is looked at again what is left to change. */
const ATTEMPTS = 5;

/** What messages say of people goes into the registry before they are records. FORBIDDEN for whoever may not see people. */
export function createHl7Gateway({ registry, inSnapshot, clock }: Hl7GatewayOptions): Hl7Gateway {
  const known = (kind: RegistryKind, id: string): RegistryChanged | null =>
    registry.find(kind, id) ?? (kind === "patient" ? beforeAny(id, inSnapshot(id)) : null);

  const moveFor =
    (source: string, caller: Caller): MovePeople =>
    async (movements, reason) => {
      policy(caller, "patients");
      await registry.fold.ready();
      const { zone } = registry.knowledge.source(source);
      for (let attempt = 1; ; attempt += 1) {
        const options = { known, by: caller.subject, reason, receivedAt: clock.now(), zone };
        try {
          for (const change of changesOf(movements, options)) await registry.write(change);
          return;
        } catch (thrown) {
          if (!isVitalomeError(thrown) || thrown.code !== "CONFLICT" || attempt === ATTEMPTS) throw thrown;
        }
      }
    };
  return (source, caller) => openMessageRecords(moveFor(source, caller));
}

/** What a snapshot says of somebody counts as said before the first change. */
function beforeAny(id: string, person: PersonFacts | null): RegistryChanged | null {
  if (person === null) return null;
  const { birthDate, simulated } = person;
  const value = { birthDate, simulated };
  return { schema: 1, kind: "patient", id, version: 0, value, by: "", reason: null, at: 0 };
}
