import { isObject, type Json } from "../../domain/observation/json.js";
import { refusal } from "./types.js";

/** Fields of JSON from outside: null where absent; each throws a refusal, naming the field, for another type. */
export function objectAt(parent: Json, name: string, field: string): Json | null {
  const value = parent[name];
  if (value === undefined || value === null) return null;
  if (!isObject(value)) throw refusal("FIELD_TYPE", field, value, "an object");
  return value;
}

export function listAt(parent: Json, name: string, field: string): readonly Json[] {
  const value = parent[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every(isObject)) throw refusal("FIELD_TYPE", field, value, "a list of objects");
  return value;
}

export function textAt(parent: Json, name: string, field: string): string | null {
  const value = parent[name];
  if (value === undefined || value === null || value === "") return null;
  if (typeof value !== "string") throw refusal("FIELD_TYPE", field, value, "a text");
  return value;
}
