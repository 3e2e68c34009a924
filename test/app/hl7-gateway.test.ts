import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createHl7Gateway } from "../../src/app/hl7-gateway.js";
import type { PersonFacts } from "../../src/domain/alert/inputs.js";
import type { ObservedRecord } from "../../src/domain/events/observation.js";
import { LABS_OBSERVED } from "../../src/ingest/streams/observation.js";
import { everything } from "../helpers/live-outcome.js";
import { openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { buildCaller, openGateway, pieces, type Gateway } from "../helpers/submissions.js";
import { buildMessage } from "../ingest/hl7/build.js";

let log: LiveLog;
let gateway: Gateway;
beforeEach(async () => {
  log = await openLiveLog();
  gateway = openGateway(log);
});
afterEach(async () => {
  gateway.close();
  await log.close();
});

const LAB = { source: "lab", format: "hl7", simulated: false, idempotencyKey: null } as const;
const register = (born = ""): string => buildMessage("ADT^A08", `PID|1||p1^^^H1^MR||Doe^Jane||${born}||||1 Main St`);
const merge = (surviving: string, replaced: string): string =>
  buildMessage("ADT^A40", `PID|1||${surviving}`, `MRG|${replaced}`);
const result = (value: string): string =>
  buildMessage("ORU^R01", "PID|1||p1", "OBR|1||F1", `OBX|1|NM|2823-3^K^LN||${value}|mmol/L|||||F`);

async function observed(): Promise<readonly (readonly [key: string, value: ObservedRecord])[]> {
  const events = (await everything(log.eventLog, LABS_OBSERVED)).map(
    ({ key, value }) => [key, value as ObservedRecord] as const,
  );
  return events.sort(([, left], [, right]) => (left.line ?? 0) - (right.line ?? 0));
}

describe("messages of HL7 that are submitted", () => {
  it("lie among what laboratories observed: results, what moved people, and what nobody can read", async () => {
    const text = [register("19500307"), result("4.1"), "MSH|^~|x", buildMessage("MDM^T02", "PID|1||p1")].join("\r");
    expect(await gateway.view().submit(pieces(text), LAB)).toMatchObject({ lines: 4, ledger: null });
    const common = { schema: 1, source: "lab", by: "somebody", simulated: false };
    expect(await observed()).toMatchObject([
      ["p1", { ...common, line: 1, record: { event: "ADT^A08", controlId: "M1" }, message: { kind: "moved" } }],
      ["p1", { ...common, line: 3, record: { eventId: "F1|2823-3", value: "4.1" } }],
      ["lab", { line: 7, record: "MSH|^~|x", message: { kind: "refused", field: "MSH-2" } }],
      ["lab", { line: 8, message: { kind: "refused", field: "MSH-9", found: "MDM^T02" } }],
    ]);
    expect(gateway.registry.find("patient", "p1")).toMatchObject({
      ...{ version: 1, value: { birthDate: "1950-03-07", simulated: false } },
      ...{ by: "somebody", reason: "HL7 ADT^A08 M1" },
    });
  });

  it("leave no name and no address in the log of what they moved", async () => {
    await gateway.view().submit(pieces(register()), LAB);
    expect(JSON.stringify([await observed(), gateway.registry.find("patient", "p1")])).not.toMatch(/Doe|Jane|Main/);
  });

  it("keep what a snapshot says of somebody, where they do not say it", async () => {
    const known: PersonFacts = { id: "p1", birthDate: "1950", simulated: false };
    const { registry } = gateway;
    const openHl7 = createHl7Gateway({ registry, inSnapshot: () => known, clock: log.clock });
    await gateway.view({ openHl7 }).submit(pieces(register()), LAB);
    expect(registry.find("patient", "p1")).toBeNull();
    await gateway.view({ openHl7 }).submit(pieces(register("19500307")), LAB);
    expect(registry.find("patient", "p1")).toMatchObject({ version: 1, value: { birthDate: "1950-03-07" } });
  });

  it("that two processes take at once are both in the registry, and nothing twice", async () => {
    const other = openGateway(log);
    const text = Array.from({ length: 8 }, (_, at) => merge("p1", `q${String(at)}`)).join("\r");
    await Promise.all([gateway, other].map((one) => one.view().submit(pieces(text), LAB)));
    expect(gateway.registry.knowledge.recordsOf("q3")).toHaveLength(9);
    for (let at = 0; at < 8; at += 1) {
      expect(await gateway.registry.history("link", `q${String(at)}`)).toHaveLength(1);
    }
    other.close();
  });

  it("with a part no record can hold are told to be too long, and the next is read", async () => {
    const long = result("4.1").replace("2823-3", "c".repeat(70_000));
    await gateway.view().submit(pieces(`${long}\r${result("4.2")}`), LAB);
    expect(await observed()).toMatchObject([
      ["lab", { line: 1, record: { oversize: { bytes: expect.any(Number) } } }],
      ["p1", { line: 5, record: { value: "4.2" } }],
    ]);
  });

  it("answer to their key as everything else does, and not to that of lines", async () => {
    const keyed = { ...LAB, idempotencyKey: "k" };
    const first = await gateway.view().submit(pieces(result("4.1")), keyed);
    expect((await gateway.view().submit(pieces(result("4.1")), keyed)).id).toBe(first.id);
    expect(await observed()).toHaveLength(1);
    const lines = gateway.view().submit(pieces(result("4.1")), { ...keyed, format: "ndjson" });
    await expect(lines).rejects.toMatchObject({ code: "IDEMPOTENCY_CONFLICT" });
  });

  it("move nobody for whoever may not see people", async () => {
    const submitting = gateway
      .view({ caller: buildCaller({ role: "operator" }) })
      .submit(pieces(merge("p1", "p2")), LAB);
    await expect(submitting).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(gateway.registry.find("link", "p2")).toBeNull();
  });
});
