import { describe, expect, it } from "@jest/globals";
import { openCohortMembers, type CohortMembers } from "../../src/views/cohort-members.js";
import { createMovableClock } from "../helpers/live-log.js";

const SECOND = 1_000;

/** Members of a cohort over snapshots that a test publishes; p2 was merged into p1. */
async function open(): Promise<{
  readonly members: CohortMembers;
  readonly clock: ReturnType<typeof createMovableClock>;
  publish(...ids: readonly string[]): void;
  lose(): void;
  readonly listings: () => number;
}> {
  const clock = createMovableClock();
  let ids: readonly string[] = ["p1"];
  let snapshot = 1;
  let isLost = false;
  let listings = 0;
  const isSame = (one: string): string => (one === "p2" ? "p1" : one);
  const members = await openCohortMembers({
    id: "c",
    clock,
    people: {
      among: (all: readonly string[] | null) => (id: string) => all?.map(isSame).includes(isSame(id)) ?? true,
    } as never,
    key: () => (isLost ? Promise.reject(new Error("out of reach")) : Promise.resolve(String(snapshot))),
    list: () => Promise.resolve(((listings += 1), ids)),
  });
  return {
    members,
    clock,
    publish(...next) {
      ids = next;
      snapshot += 1;
    },
    lose() {
      isLost = true;
    },
    listings: () => listings,
  };
}

describe("the members of a cohort", () => {
  it("are those of the snapshot, whichever of their records is asked about", async () => {
    const { members } = await open();
    expect(["p1", "p2", "p3"].map(members.has)).toEqual([true, true, false]);
  });

  it("follow the newest snapshot, looked at every few seconds and listed only where it is another one", async () => {
    const { members, clock, publish, listings } = await open();
    publish("p3");
    expect(members.update()).toBeNull();
    clock.ahead(5 * SECOND);
    await members.update();
    expect(["p1", "p3"].map(members.has)).toEqual([false, true]);
    clock.ahead(5 * SECOND);
    await members.update();
    expect(listings()).toBe(2);
  });

  it("are those known last while nobody can tell", async () => {
    const { members, clock, publish, lose } = await open();
    publish("p3");
    lose();
    clock.ahead(5 * SECOND);
    await members.update();
    expect(members.has("p1")).toBe(true);
  });
});
