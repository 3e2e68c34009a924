import type { Clock } from "../clock.js";
import type { PersonRecords } from "./person-records.js";

/** Who is in a cohort, as of a snapshot that was the newest some seconds ago. */
export interface CohortMembers {
  readonly id: string;
  /** Null while what is known is new enough; else resolves once it is. */
  update(): Promise<void> | null;
  /** A merged record is in where its person is. */
  has(patientId: string): boolean;
}

export interface CohortMembersOptions {
  readonly id: string;
  readonly people: PersonRecords;
  readonly clock: Clock;
  /** What tells one list of members from another: the definition, the snapshot, the day ages are counted on. */
  readonly key: () => Promise<string>;
  readonly list: () => Promise<readonly string[]>;
}

const NEW_ENOUGH_MS = 5_000;

/** Fails where the members cannot be listed at first; later those known last are kept until they can be. */
export async function openCohortMembers(options: CohortMembersOptions): Promise<CohortMembers> {
  const { id, people, clock, key, list } = options;
  let known = await key();
  let isMember = people.among(await list());
  let askedAt = clock.now();

  async function ask(): Promise<void> {
    const now = await key();
    if (now === known) return;
    isMember = people.among(await list());
    known = now;
  }

  return {
    id,
    update() {
      if (clock.now() - askedAt < NEW_ENOUGH_MS) return null;
      askedAt = clock.now();
      return ask().catch(() => undefined);
    },
    has: (patientId) => isMember(patientId),
  };
}
