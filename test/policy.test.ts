import { describe, expect, it } from "@jest/globals";
import { ROLES, type Caller } from "../src/domain/caller.js";
import { POLICY_TABLES, policy } from "../src/policy.js";

function buildCaller(overrides: Partial<Caller> = {}): Caller {
  return { subject: "s", role: "owner", tenant: "default", tokenExpiresAt: 0, ...overrides };
}

describe("the policy", () => {
  it("shows the owner every row and column of every table", () => {
    for (const table of POLICY_TABLES)
      expect(policy(buildCaller(), table)).toMatchObject({ predicate: null, hiddenColumns: [] });
  });

  it("lets an operator see jobs, and no other role anything", () => {
    const allowed = ROLES.flatMap((role) =>
      POLICY_TABLES.flatMap((table) => {
        try {
          policy(buildCaller({ role }), table);
          return [`${role} ${table}`];
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: "FORBIDDEN" });
          return [];
        }
      }),
    );
    expect(allowed.filter((one) => !one.startsWith("owner "))).toEqual(["operator jobs"]);
  });

  it("has one hash for one view of a table, and another for each tenant, role and table", () => {
    const hash = (overrides: Partial<Caller>, table: (typeof POLICY_TABLES)[number] = "jobs"): string =>
      policy(buildCaller(overrides), table).hash;
    expect(hash({ subject: "a", tokenExpiresAt: 1 })).toBe(hash({ subject: "b", tokenExpiresAt: 2 }));
    expect(new Set([hash({}), hash({ tenant: "other" }), hash({ role: "operator" }), hash({}, "variants")]).size).toBe(
      4,
    );
  });
});
