import type { PersonFacts } from "../domain/alert/inputs.js";
import { personLinkSchema, type PersonLink } from "../domain/person-link.js";
import type { Registry } from "./registry.js";

/** Which records are one person's, as the registry of this process says. */
export interface PersonRecords {
  /** Resolves once everything is known that was in the registry when the process began. */
  ready(): Promise<void>;
  /** Resolves once everything is known that the registry holds now. */
  untilNow(): Promise<void>;
  /** Who a record is on record as now. */
  resolve(id: string): string;
  /** All records of the person a record is of: the one that is read, then those that were merged into it, by id. */
  recordsOf(id: string): readonly string[];
  /** The record this one was merged into; null where it was not. */
  linkOf(id: string): PersonLink | null;
  /** What a message said of somebody; null where none did. */
  registered(id: string): PersonFacts | null;
  /** Whether a record is of one of these people, asked at any time later; null: of anybody. */
  among(ids: readonly string[] | null): (id: string) => boolean;
}

export function createPersonRecords({
  fold,
  knowledge,
  find,
}: Pick<Registry, "fold" | "knowledge" | "find">): PersonRecords {
  return {
    ready: fold.ready,
    untilNow: fold.untilNow,
    resolve: knowledge.resolve,
    recordsOf: knowledge.recordsOf,
    linkOf: (id) => personLinkSchema.safeParse(find("link", id)?.value).data ?? null,
    registered: knowledge.person,
    among(ids) {
      if (ids === null) return () => true;
      const own = new Set(ids);
      let people = new Set<string>();
      let asOf: bigint | null = null;
      return (id) => {
        if (own.has(id)) return true;
        const now = fold.next.get(0) ?? 0n;
        if (asOf !== now) {
          people = new Set(ids.map(knowledge.resolve));
          asOf = now;
        }
        return people.has(knowledge.resolve(id));
      };
    },
  };
}
