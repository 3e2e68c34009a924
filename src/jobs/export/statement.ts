import { deflateRawSync, inflateRawSync } from "node:zlib";
import { z } from "zod";
import type { Sql } from "../../backend/sql.js";
import { VitalomeError } from "../../errors.js";

/** A job is logged with its parameters at every step. */
const MOST_CHARACTERS = 512 << 10;
const MOST_BYTES = 64 << 20;

const shape = z
  .strictObject({
    strings: z.array(z.string()).min(1),
    values: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .refine(({ strings, values }) => strings.length === values.length + 1);

/**
 * The statement of a job as one text: JSON of its strings and values, deflated, in base64. Text and values stay apart until
 * the job binds or renders them. LIMIT_EXCEEDED when it is too large for the log.
 */
export function encodeStatement({ strings, values }: Sql): string {
  const text = deflateRawSync(JSON.stringify({ strings, values })).toString("base64");
  if (text.length <= MOST_CHARACTERS) return text;
  throw new VitalomeError("LIMIT_EXCEEDED", "filter: names too much for one export", {
    details: { field: "filter", limit: "statement", max: MOST_CHARACTERS, actual: text.length },
  });
}

export function decodeStatement(text: string): Sql {
  try {
    const inflated = inflateRawSync(Buffer.from(text, "base64"), { maxOutputLength: MOST_BYTES });
    return shape.parse(JSON.parse(inflated.toString("utf8")));
  } catch (thrown) {
    throw new VitalomeError("BAD_USER_INPUT", "statement: is none", { cause: thrown, details: { field: "statement" } });
  }
}
