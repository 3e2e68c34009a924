import { createHash } from "node:crypto";
import type { Caller, Role } from "./domain/caller.js";
import { VitalomeError } from "./errors.js";
import type { Sql } from "./backend/sql.js";

/** What a caller may see of a table. */
export interface Policy {
  /** Rows beyond this are as if they were not there; null for no limit. */
  readonly predicate: Sql | null;
  readonly hiddenColumns: readonly string[];
  /** Part of every loader, cache and cursor key. */
  readonly hash: string;
}

export const POLICY_TABLES = [
  "variants",
  "calls",
  "call_sets",
  "annotations",
  "patients",
  "observations",
  "alerts",
  "rules",
  "jobs",
  "files",
] as const;
export type PolicyTable = (typeof POLICY_TABLES)[number];

/** Roles that see all of a table; every other role sees nothing of it. */
const FULL_ACCESS: Readonly<Record<PolicyTable, readonly Role[]>> = {
  variants: ["owner"],
  calls: ["owner"],
  call_sets: ["owner"],
  annotations: ["owner"],
  patients: ["owner"],
  observations: ["owner"],
  alerts: ["owner"],
  rules: ["owner"],
  jobs: ["owner", "operator"],
  files: ["owner"],
};

/** Whether the caller may see anything of a table. */
export function mayRead(caller: Caller, table: PolicyTable): boolean {
  return FULL_ACCESS[table].includes(caller.role);
}

/** The one place that decides. FORBIDDEN when the caller may see nothing of the table. */
export function policy(caller: Caller, table: PolicyTable): Policy {
  if (!mayRead(caller, table)) {
    throw new VitalomeError("FORBIDDEN", `the role ${caller.role} has no access to ${table.replace("_", " ")}`);
  }
  const hash = createHash("sha256")
    .update(`${caller.tenant}\n${caller.role}\n${table}\nall`)
    .digest("hex")
    .slice(0, 16);
  return { predicate: null, hiddenColumns: [], hash };
}
