import type { PersonFacts } from "../../domain/alert/inputs.js";
import { personFacts } from "../../lake/person-facts.js";
import type { SnapshotReader, SnapshotReaders } from "../../lake/snapshot-reader.js";
import type { Snapshots } from "../../lake/snapshots.js";
import type { Clock } from "../../clock.js";

/** Who the newest snapshot knows. */
export interface PeopleDirectory {
  find(patientId: string): PersonFacts | null;
  /** Looks at the newest snapshot this process knows; true when it is another one than before. */
  update(): Promise<boolean>;
  /** The same, after asking the store whether there is a newer one; at most once a second. */
  refresh(): Promise<boolean>;
}

export interface PeopleDirectoryOptions {
  readonly snapshots: Snapshots;
  readonly readers: SnapshotReaders;
  readonly clock: Clock;
}

const REFRESH_MS = 1_000;

export function createPeopleDirectory({ snapshots, readers, clock }: PeopleDirectoryOptions): PeopleDirectory {
  let reader: SnapshotReader | null = null;
  /** Whom the snapshot was asked about: every reading asks again. */
  const known = new Map<string, PersonFacts>();
  let askedAt = Number.NEGATIVE_INFINITY;

  async function update(): Promise<boolean> {
    const catalog = snapshots.latest();
    if (reader?.catalog.snapshot === catalog.snapshot) return false;
    reader = await readers.open(catalog);
    known.clear();
    return true;
  }

  function find(patientId: string): PersonFacts | null {
    const found = known.get(patientId) ?? (reader === null ? null : personFacts(reader.people, patientId));
    if (found !== null) known.set(patientId, found);
    return found;
  }

  return {
    find,
    update,
    async refresh() {
      if (clock.now() - askedAt >= REFRESH_MS) {
        askedAt = clock.now();
        await snapshots.refresh();
      }
      return update();
    },
  };
}
