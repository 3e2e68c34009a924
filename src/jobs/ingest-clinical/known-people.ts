import type { Engine } from "../../engine/duckdb.js";
import { parquetRows } from "../../engine/parquet.js";
import type { KnownPerson } from "../../ingest/sources/clinical/index.js";
import type { JobContext } from "../context.js";

/** Everybody in the base snapshot whose link of `system` names a subject. One entry per person is held in memory. */
export async function readKnownPeople(
  context: JobContext,
  engine: Engine,
  system: string,
): Promise<(subject: string) => readonly KnownPerson[]> {
  const known = new Map<string, KnownPerson[]>();
  const sourceOf = async (table: string): Promise<string | null> => {
    const paths = await context.tableFiles(table);
    return paths.length === 0 ? null : parquetRows(paths);
  };
  const links = await sourceOf("links");
  const patients = await sourceOf("patients");
  if (links !== null && patients !== null) {
    const rows = await engine.rows(
      `SELECT DISTINCT l.id AS subject, p.id AS patient_id, p.gender FROM ${links} l JOIN ${patients} p ON p.id = l.patient_id
       WHERE l.system = $1 ORDER BY l.id, p.id`,
      [system],
    );
    for (const row of rows) {
      const subject = String(row["subject"]);
      const person = { patientId: String(row["patient_id"]), gender: row["gender"] as string | null };
      const others = known.get(subject);
      if (others === undefined) known.set(subject, [person]);
      else others.push(person);
    }
  }
  return (subject) => known.get(subject) ?? [];
}
