import { VitalomeError } from "../errors.js";
import { invalid } from "./variant-predicate.js";

/** People a list or a stream may be asked for by id. */
const MOST = 10_000;

/** The ids without repeats, or null for everybody. BAD_USER_INPUT for none at all, LIMIT_EXCEEDED for too many. */
export function idsOf(ids: readonly string[] | null | undefined, field: string): readonly string[] | null {
  if (ids == null) return null;
  if (ids.length === 0) throw invalid(field, "at least one id, or null for all");
  if (ids.length > MOST) {
    throw new VitalomeError("LIMIT_EXCEEDED", `${field}: at most ${String(MOST)} ids`, {
      details: { field, limit: field, max: MOST, actual: ids.length },
    });
  }
  return [...new Set(ids)];
}
