import type { Snapshots } from "../../lake/snapshots.js";
import type { Tables } from "../index.js";
import { filesNamed } from "../tables-named.js";

export interface NearTablesOptions {
  /** Over local copies. */
  readonly near: Tables;
  /** Over the whole store. */
  readonly far: Tables;
  readonly snapshots: Snapshots;
  /** Of all files of the tables that a statement names, up to which it is answered near. 0: never. */
  readonly maxBytes: number;
}

/**
 * What needs little data is answered from copies of it, in milliseconds; what needs more goes where the data are. Both
 * read the same files by the same text, so the answer is the same.
 */
export function createNearTables({ near, far, snapshots, maxBytes }: NearTablesOptions): Tables {
  return {
    async *query(statement, options) {
      const catalog = await snapshots.get(options.snapshot);
      const bytes = filesNamed(statement, catalog).reduce((sum, file) => sum + file.bytes, 0);
      yield* (maxBytes > 0 && bytes <= maxBytes ? near : far).query(statement, options);
    },
  };
}
