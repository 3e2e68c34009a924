import { z } from "zod";
import reference from "../../../reference/sources.json" with { type: "json" };
import { parseDuration } from "../duration.js";
import type { SourceFacts } from "./inputs.js";

export const SOURCE_KINDS = ["BEDSIDE", "SPOT_CHECK", "LABORATORY"] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

export const sourceFactsSchema: z.ZodType<Omit<SourceFacts, "id">> = z.object({
  kind: z.enum(SOURCE_KINDS),
  staleAfterMs: z.number().int().min(0),
  zone: z.string().nullable(),
  topic: z.string().nullable().optional(),
});

const STALE_AFTER = new Map(
  SOURCE_KINDS.map((kind) => {
    const stated = parseDuration(reference.kinds[kind].staleAfter);
    if (stated === null) throw new TypeError(`reference/sources.json: ${kind} has no duration`);
    return [kind, stated];
  }),
);

/** How long a reading of such a source speaks for its patient unless the source says otherwise, in milliseconds. */
export function staleAfterOf(kind: SourceKind): number {
  return STALE_AFTER.get(kind) ?? 0;
}

/** What is assumed of a source nobody has described: the kind whose silence is noticed first. */
export function unknownSource(id: string): SourceFacts {
  const kind = reference.unknown as SourceKind;
  return { id, kind, staleAfterMs: staleAfterOf(kind), zone: null };
}
