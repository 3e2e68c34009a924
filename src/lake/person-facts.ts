import type { PersonFacts } from "../domain/alert/inputs.js";
import type { PeopleReader } from "./people-reader.js";

/** What alerts rest on of somebody a snapshot knows; null for nobody. */
export function personFacts(people: Pick<PeopleReader, "patient">, id: string): PersonFacts | null {
  const row = people.patient(id);
  if (row === null) return null;
  const birthDate = row["birth_date"];
  return { id, birthDate: typeof birthDate === "string" ? birthDate : null, simulated: row["simulated"] === true };
}
