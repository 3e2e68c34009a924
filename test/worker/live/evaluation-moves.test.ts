import { describe, expect, it } from "@jest/globals";
import type { LoggedEvent, NewEvent } from "../../../src/backend/index.js";
import { knowledgeFrom } from "../../../src/domain/alert/knowledge.js";
import type { AlertTransitioned } from "../../../src/domain/events/alert.js";
import { silentLog } from "../../../src/log.js";
import { createEvaluation } from "../../../src/worker/live/evaluation.js";
import { buildRule } from "../../helpers/build.js";
import { START, buildAccepted } from "./build-live.js";

const RULES = [buildRule({ id: "hr-high", limit: { comparator: ">", value: 100, unit: "/min" } })];

/** One registry, and a loop for each record that reads what it is given, in the order of the test. */
function openLoops() {
  const registry: LoggedEvent[] = [];
  const told: string[] = [];
  const event = (topic: string, offset: number, key: string, value: unknown): LoggedEvent => ({
    kind: "event",
    topic,
    partition: 0,
    offset: BigInt(offset),
    key,
    value,
    at: START,
  });

  function loop() {
    const entries = new Map<string, unknown>();
    const inbox: NewEvent[] = [];
    let [read, taken, seen] = [0, 0, 0];
    const faults: string[] = [];
    const body = createEvaluation({
      state: {
        get: (key) => entries.get(key) ?? null,
        set: (key, value) => void (value === null ? entries.delete(key) : entries.set(key, value)),
        entries: () => entries.entries(),
      },
      nextReading: 0n,
      nextChange: 0n,
      knowledge: knowledgeFrom([], {
        rules: RULES,
        person: (id) => ({ id, birthDate: "1950-01-01", simulated: false }),
      }),
      lookUp: () => Promise.resolve(),
      log: silentLog,
      isInputTime: true,
      onFault: (what) => faults.push(what),
    });
    const step = async (one: LoggedEvent): Promise<void> => {
      await body.step([one], null, {
        append(topic, written) {
          if (topic === "alert.commanded.v1") {
            const command = (written.value as { command: string }).command;
            told.push(`${command} to ${written.key}`);
            loops.get(written.key)?.inbox.push(JSON.parse(JSON.stringify(written)) as NewEvent);
            return;
          }
          const transition = written.value as AlertTransitioned;
          if (transition.kind === "changed") told.push(`${transition.step.reason} ${transition.alert.patientId}`);
        },
      });
      expect(faults).toEqual([]);
    };
    return {
      inbox,
      read: (patientId: string, value: string, second: number) =>
        step(
          event("vitals.accepted.v1", (read += 1), patientId, {
            ...buildAccepted({ patientId, value, effectiveTime: START + second * 1_000 }),
          }),
        ),
      async command() {
        for (const one of inbox.splice(0)) await step(event("alert.commanded.v1", (taken += 1), one.key, one.value));
      },
      async catchUp() {
        for (const one of registry.slice(seen)) await step(one);
        seen = registry.length;
      },
    };
  }

  const loops = new Map<string, ReturnType<typeof loop>>();
  for (const id of ["old", "new", "newest"]) loops.set(id, loop());
  const versions = new Map<string, number>();
  return {
    told,
    at: (id: string) => loops.get(id)!,
    link(id: string, surviving: string | null) {
      const version = (versions.get(id) ?? 0) + 1;
      versions.set(id, version);
      const value = surviving === null ? null : { surviving, disputed: false, since: START };
      const change = { schema: 1, kind: "link", id, version, value, by: "adt", reason: null, at: START };
      registry.push(event("registry.changed.v1", registry.length, `link/${id}`, change));
    },
  };
}

describe("alerts on their way from one record to another", () => {
  it("stay where they come, while the other loop has not read of the merge yet", async () => {
    const loops = openLoops();
    const [old, survivor] = [loops.at("old"), loops.at("new")];
    await old.read("old", "150", 0);
    loops.link("old", "new");
    await old.catchUp();
    await survivor.command();
    await survivor.catchUp();
    await survivor.command();
    expect(loops.told).toEqual(["RAISED old", "adopt to new", "MERGED new"]);
  });

  it("go back at once, where the records were parted meanwhile", async () => {
    const loops = openLoops();
    const [old, survivor] = [loops.at("old"), loops.at("new")];
    await old.read("old", "150", 0);
    loops.link("old", "new");
    await old.catchUp();
    loops.link("old", null);
    await survivor.catchUp();
    await survivor.command();
    await old.command();
    await old.catchUp();
    expect(loops.told).toEqual(["RAISED old", "adopt to new", "MERGED new", "adopt to old", "UNMERGED old"]);
  });

  it("go on, where the surviving record was merged meanwhile, and come back the way they went", async () => {
    const loops = openLoops();
    const [old, survivor, newest] = [loops.at("old"), loops.at("new"), loops.at("newest")];
    await old.read("old", "150", 0);
    loops.link("old", "new");
    await old.catchUp();
    loops.link("new", "newest");
    await survivor.catchUp();
    await survivor.command();
    await newest.catchUp();
    await newest.command();
    expect(loops.told.splice(0)).toEqual([
      ...["RAISED old", "adopt to new", "MERGED new", "adopt to newest", "MERGED newest"],
    ]);
    loops.link("old", null);
    for (const one of [old, survivor, newest]) await one.catchUp();
    await old.command();
    expect(loops.told).toEqual(["adopt to old", "UNMERGED old"]);
  });

  it("are called for by readings that come under the merged record, wherever these have to go", async () => {
    const loops = openLoops();
    const [old, survivor] = [loops.at("old"), loops.at("new")];
    loops.link("old", "new");
    await old.catchUp();
    await old.read("old", "150", 0);
    await survivor.command();
    expect(loops.told.splice(0)).toEqual(["forward to new", "RAISED new"]);
    await old.read("old", "160", 1);
    loops.link("old", null);
    await survivor.catchUp();
    await survivor.command();
    await old.catchUp();
    await old.command();
    expect(loops.told).toEqual(["forward to new", "adopt to old", "forward to old", "UNMERGED old"]);
  });
});
