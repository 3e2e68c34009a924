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

/** A record that is read as another one than before; its own id: as itself. */
export interface PersonMove {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

/** Every link between records, as it grows. */
export interface PersonLinks {
  find(id: string): PersonLink | null;
  /** Who a record is on record as now. */
  resolve(id: string): string;
  /** All records of the person a record is of: the one that is read, then those that were merged into it, by id. */
  recordsOf(id: string): readonly string[];
  /** Whoever is read as another one from now on: the record itself first, then those that had been merged into it. */
  set(id: string, link: PersonLink | null): readonly PersonMove[];
}

export function createPersonLinks(): PersonLinks {
  const links = new Map<string, PersonLink>();
  const merged = new Map<string, Set<string>>();
  const find = (id: string): PersonLink | null => links.get(id) ?? null;
  const resolve = (id: string): string => (links.has(id) ? resolvePerson(id, find) : id);

  /** Everybody whose chain of links leads through the record, themselves first. */
  function through(id: string): readonly string[] {
    const seen = new Set([id]);
    for (const one of seen) for (const other of merged.get(one) ?? []) seen.add(other);
    return [...seen];
  }

  return {
    find,
    resolve,
    recordsOf(id) {
      const own = resolve(id);
      if (!merged.has(own)) return [own];
      const others = through(own).filter((one) => one !== own && resolve(one) === own);
      return [own, ...others.sort()];
    },
    set(id, link) {
      const touched = through(id).map((one) => ({ id: one, from: resolve(one) }));
      merged.get(links.get(id)?.surviving ?? "")?.delete(id);
      if (link === null) links.delete(id);
      else {
        links.set(id, link);
        const others = merged.get(link.surviving) ?? new Set();
        merged.set(link.surviving, others.add(id));
      }
      return touched.map((one) => ({ ...one, to: resolve(one.id) })).filter(({ from, to }) => from !== to);
    },
  };
}
