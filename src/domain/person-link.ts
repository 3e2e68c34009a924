import { z } from "zod";

/**
 * A record that was merged into another one, in the registry under the id that is no longer used (kind `link`). Facts keep their
 * id; views and alerts read the surviving one. Taking the link back restores both as they were.
 */
export interface PersonLink {
  readonly surviving: string;
  /** Somebody doubts it: no dose and no alert across it. */
  readonly disputed: boolean;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

export const personLinkSchema: z.ZodType<PersonLink> = z.object({
  surviving: z.string().min(1),
  disputed: z.boolean(),
  since: z.number().int(),
});

/**
 * Who somebody is on record as now: the end of the chain of links, or the id itself where the chain runs in a circle or a link
 * is disputed.
 */
export function resolvePerson(id: string, linkOf: (id: string) => PersonLink | null): string {
  const seen = new Set([id]);
  let current = id;
  for (;;) {
    const link = linkOf(current);
    if (link === null || link.disputed) return current;
    current = link.surviving;
    if (seen.has(current)) return id;
    seen.add(current);
  }
}
