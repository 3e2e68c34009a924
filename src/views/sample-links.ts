import type { Predicate } from "../domain/variant-filter.js";
import { VitalomeError } from "../errors.js";
import type { PeopleReader } from "../lake/people-reader.js";
import type { SnapshotReader } from "../lake/snapshot-reader.js";

export type LinkStatus = "LINKED" | "AMBIGUOUS" | "UNLINKED";

/** Whose a sample is: what the statements about it come to. Nothing is guessed from names. */
export interface SampleLink {
  readonly sampleId: string;
  readonly status: LinkStatus;
  /** Everybody a statement names, sorted: one for LINKED, several for AMBIGUOUS. */
  readonly patientIds: readonly string[];
  readonly statements: readonly { readonly patientId: string; readonly system: string; readonly statedBy: string }[];
  readonly reader: SnapshotReader;
}

export function sampleLink(reader: SnapshotReader, sampleId: string): SampleLink {
  const statements = reader.people.linksOfSample(sampleId).map((row) => ({
    patientId: String(row["patient_id"]),
    system: String(row["system"]),
    statedBy: String(row["stated_by"]),
  }));
  const patientIds = [...new Set(statements.map(({ patientId }) => patientId))].sort();
  const status = patientIds.length === 0 ? "UNLINKED" : patientIds.length === 1 ? "LINKED" : "AMBIGUOUS";
  return { sampleId, status, patientIds, statements, reader };
}

/** Samples a statement gives to the person, sorted; also those that others claim. */
export function claimedSamples(people: PeopleReader, patientId: string): readonly string[] {
  return [...new Set(people.linksOfPatient(patientId).map((row) => String(row["id"])))].sort();
}

/** Samples that are this person's and nobody else's. NOT_FOUND for somebody the snapshot does not know. */
export function samplesOfPatient(reader: SnapshotReader, patientId: string): readonly string[] {
  if (reader.people.patient(patientId) === null) {
    throw new VitalomeError("NOT_FOUND", `there is no patient ${patientId.slice(0, 64)} in this snapshot`, {
      details: { field: "patientIds" },
    });
  }
  return claimedSamples(reader.people, patientId).filter((sample) => sampleLink(reader, sample).status === "LINKED");
}

/** Fills in the samples of the people a filter names. */
export function withPatientSamples(
  predicate: Predicate,
  samplesOf: (patientId: string) => readonly string[],
): Predicate {
  switch (predicate.kind) {
    case "and":
    case "or":
      return { ...predicate, parts: predicate.parts.map((part) => withPatientSamples(part, samplesOf)) };
    case "not":
      return { ...predicate, part: withPatientSamples(predicate.part, samplesOf) };
    case "samples": {
      const { patients = [], samples, ...rest } = predicate;
      return { ...rest, samples: [...new Set([...samples, ...patients.flatMap(samplesOf)])] };
    }
    default:
      return predicate;
  }
}
