import type { MeasuredCode, ObservationCode } from "../../domain/observation/code.js";
import type { Json } from "../../domain/observation/json.js";
import { isId } from "../../domain/observation/key.js";
import { listAt, objectAt, textAt } from "./fields.js";
import { refusal, type ReadingValue } from "./types.js";
import { expectedOf, measuredValue, statedValue } from "./value.js";

const UCUM = "http://unitsofmeasure.org";
const COMPARATORS = ["<", "<=", ">=", ">"];

/** The value of an Observation, or of one of its components; null where it has none. Throws a refusal. */
export function valueAt(own: Json, at: string, code: ObservationCode): ReadingValue | null {
  const quantity = objectAt(own, "valueQuantity", `${at}valueQuantity`);
  const concept = objectAt(own, "valueCodeableConcept", `${at}valueCodeableConcept`);
  const words = textAt(own, "valueString", `${at}valueString`);
  if (code.kind === "coded") {
    if (concept !== null) return statedValue(code, namesOf(concept, at), `${at}valueCodeableConcept`);
    if (words !== null) return statedValue(code, [words], `${at}valueString`);
  } else if (quantity !== null && quantity["value"] != null) {
    return quantityValue(code, quantity, `${at}valueQuantity`);
  }
  const other = Object.keys(own).find((name) => name.startsWith("value") && own[name] != null);
  if (other === undefined) return null;
  if (other === "valueQuantity") return null;
  throw refusal("FIELD_TYPE", `${at}${other}`, own[other], expectedOf(code));
}

function quantityValue(code: MeasuredCode, quantity: Json, field: string): ReadingValue {
  const value = quantity["value"];
  if (typeof value !== "number") throw refusal("FIELD_TYPE", `${field}.value`, value, "a number");
  const comparator = textAt(quantity, "comparator", `${field}.comparator`);
  if (comparator !== null && !COMPARATORS.includes(comparator)) {
    throw refusal("FIELD_TYPE", `${field}.comparator`, comparator, COMPARATORS.join(", "));
  }
  const coded = quantity["system"] === UCUM ? textAt(quantity, "code", `${field}.code`) : null;
  const unit = coded ?? textAt(quantity, "unit", `${field}.unit`);
  return measuredValue(
    code,
    { value, comparator, unit },
    `${field}.value`,
    coded === null ? `${field}.unit` : `${field}.code`,
  );
}

function namesOf(concept: Json, at: string): readonly string[] {
  const codings = listAt(concept, "coding", `${at}valueCodeableConcept.coding`);
  const coded = codings.flatMap(({ system, code }) =>
    typeof code === "string" ? [typeof system === "string" ? `${system}|${code}` : code] : [],
  );
  const text = textAt(concept, "text", `${at}valueCodeableConcept.text`);
  return coded.length > 0 || text === null ? coded : [text];
}

/** Why there is no value; null where nothing is said. */
export function absentReason(own: Json, at: string): string | null {
  const concept = objectAt(own, "dataAbsentReason", `${at}dataAbsentReason`);
  if (concept === null) return null;
  const codes = listAt(concept, "coding", `${at}dataAbsentReason.coding`).map(({ code }) => code);
  const [code] = codes.filter((one): one is string => typeof one === "string" && isId(one));
  return code ?? "unknown";
}
