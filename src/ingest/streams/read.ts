import type { z } from "zod";
import type { LoggedEvent } from "../../backend/index.js";
import { VitalomeError } from "../../errors.js";

/**
 * The typed value of an event. STORAGE_NEWER when a later release wrote it, STORAGE_CORRUPT when it is not what its
 * topic carries; both name the place, not the content.
 */
export function readEvent<T>(event: LoggedEvent, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(event.value);
  if (parsed.success) return parsed.data;
  const place = `${event.topic}, partition ${String(event.partition)}, offset ${String(event.offset)}`;
  const version = (event.value as { readonly schema?: unknown } | null)?.schema;
  if (typeof version === "number" && version > 1) {
    throw new VitalomeError("STORAGE_NEWER", `a later release wrote the event at ${place}`, { cause: parsed.error });
  }
  const field = parsed.error.issues[0]?.path.map(String).join(".") ?? "";
  throw new VitalomeError("STORAGE_CORRUPT", `the event at ${place} is not readable: ${field}`, {
    cause: parsed.error,
  });
}
