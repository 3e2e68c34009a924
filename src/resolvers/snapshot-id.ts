import { VitalomeError } from "../errors.js";

/** The number of a snapshot; SNAPSHOT_NOT_FOUND for text that is none. */
export function snapshotOf(id: string): number {
  if (!/^\d{1,12}$/.test(id))
    throw new VitalomeError("SNAPSHOT_NOT_FOUND", "there is no such snapshot", { details: { field: "snapshotId" } });
  return Number(id);
}
