import { describe, expect, it } from "@jest/globals";
import { registryChangedSchema, type RegistryChanged } from "../../../src/domain/events/state.js";
import { personLinkSchema, resolvePerson } from "../../../src/domain/person-link.js";
import { changesOf, readHl7 } from "../../../src/ingest/hl7/index.js";
import { foldRegistry, registryKey } from "../../../src/ingest/streams/registry.js";
import { itShared } from "../../helpers/shared.js";
import { buildMessage, realMessage } from "./build.js";

const RECEIVED = Date.parse("2026-03-01T12:00:00Z");

function openHospital(zone: string | null = null) {
  const entries = new Map<string, RegistryChanged>();
  const linkOf = (id: string) => personLinkSchema.safeParse(entries.get(registryKey("link", id))?.value).data ?? null;
  return {
    value: (kind: RegistryChanged["kind"], id: string) => entries.get(registryKey(kind, id))?.value ?? null,
    resolve: (id: string) => resolvePerson(id, linkOf),
    take(text: string, receivedAt = RECEIVED): readonly RegistryChanged[] {
      const known = (kind: RegistryChanged["kind"], id: string) => entries.get(registryKey(kind, id)) ?? null;
      return readHl7(text).flatMap((content) => {
        if (content.kind !== "movements") throw new Error(JSON.stringify(content));
        const reason = `HL7 ${content.controlId ?? ""}`;
        const changes = changesOf(content.movements, { known, by: "adt", reason, receivedAt, zone });
        for (const change of changes) {
          expect(registryChangedSchema.parse(change)).toEqual(change);
          expect(foldRegistry(entries, change)).toBe(true);
        }
        return changes;
      });
    },
  };
}

const visit = (location: string, admitted = "", discharged = ""): string =>
  `PV1|1|I|${location}${"|".repeat(16)}V1${"|".repeat(25)}${admitted}|${discharged}`;
const adt = (trigger: string, ...segments: string[]): string =>
  buildMessage(
    `ADT^${trigger}`,
    `EVN|${trigger}|20260301110000+0100`,
    "PID|1||p1^^^H1^MR||Doe^J||19500307|M",
    ...segments,
  );

describe("a movement in HL7", () => {
  it("admits, transfers and discharges", () => {
    const hospital = openHospital();
    hospital.take(adt("A01", visit("W7^1^3", "20260301090000+0100")));
    expect(hospital.value("patient", "p1")).toEqual({ birthDate: "1950-03-07", simulated: false });
    expect(hospital.value("stay", "p1")).toEqual({
      ...{ state: "IN", visit: "V1", location: "W7 1 3", since: Date.parse("2026-03-01T08:00:00Z") },
    });
    hospital.take(adt("A02", visit("ICU^^2")));
    expect(hospital.value("stay", "p1")).toMatchObject({
      location: "ICU 2",
      since: Date.parse("2026-03-01T10:00:00Z"),
    });
    hospital.take(adt("A03", visit("ICU^^2", "", "20260301123000+0100")));
    expect(hospital.value("stay", "p1")).toMatchObject({ state: "OUT", since: Date.parse("2026-03-01T11:30:00Z") });
  });

  it("registers, and updates what is said of a person without moving them", () => {
    const hospital = openHospital();
    hospital.take(adt("A04", visit("CLINIC")));
    const before = hospital.value("stay", "p1");
    hospital.take(adt("A08", visit("")).replace("19500307", "19500308"));
    expect(hospital.value("patient", "p1")).toMatchObject({ birthDate: "1950-03-08" });
    expect(hospital.value("stay", "p1")).toEqual(before);
    hospital.take(adt("A08").replace("19500307", ""));
    expect(hospital.value("patient", "p1")).toMatchObject({ birthDate: "1950-03-08" });
    hospital.take(adt("A08").replace("19500307", '""'));
    expect(hospital.value("patient", "p1")).toMatchObject({ birthDate: null });
  });

  it("that says what is so already changes nothing", () => {
    const hospital = openHospital();
    expect(hospital.take(adt("A01", visit("W7")))).toHaveLength(2);
    expect(hospital.take(adt("A01", visit("W7")))).toEqual([]);
  });

  it("without a zone happens by that of its source, and else when it is received", () => {
    const local = adt("A01", visit("W7", "20260301090000"));
    const [berlin, nowhere] = [openHospital("Europe/Berlin"), openHospital()];
    berlin.take(local);
    nowhere.take(local);
    expect(berlin.value("stay", "p1")).toMatchObject({ since: Date.parse("2026-03-01T08:00:00Z") });
    expect(nowhere.value("stay", "p1")).toMatchObject({ since: RECEIVED });
  });

  it("merges two records, and an unlink restores both", () => {
    const hospital = openHospital();
    hospital.take(adt("A40", "MRG|p2^^^H1^MR"));
    expect([hospital.resolve("p2"), hospital.resolve("p1")]).toEqual(["p1", "p1"]);
    expect(hospital.take(adt("A40", "MRG|p2^^^H1^MR"), RECEIVED + 1000)).toEqual([]);
    hospital.take(buildMessage("ADT^A37", "EVN|A37|20260301", "PID|1||p1", "PID|2||p2"));
    expect([hospital.resolve("p2"), hospital.resolve("p1")]).toEqual(["p2", "p1"]);
    expect(hospital.take(buildMessage("ADT^A37", "PID|1||p1", "PID|2||p2"))).toEqual([]);
  });

  it("follows one merge after another, and never in a circle", () => {
    const hospital = openHospital();
    const merge = (surviving: string, replaced: string) =>
      hospital.take(buildMessage("ADT^A40", `PID|1||${surviving}`, `MRG|${replaced}`));
    merge("b", "a");
    merge("c", "b");
    expect(["a", "b", "c"].map(hospital.resolve)).toEqual(["c", "c", "c"]);
    merge("b", "c");
    expect(["a", "b", "c"].map(hospital.resolve)).toEqual(["b", "b", "b"]);
  });

  it.each([
    ["another event", adt("A11"), "MSH-9"],
    ["an admission of nobody", buildMessage("ADT^A01", "PID|1||"), "PID-3"],
    ["an admission without a patient", buildMessage("ADT^A01", "EVN|A01"), "PID-3"],
    ["a merge with nobody", adt("A40"), "MRG"],
    ["a merge with oneself", adt("A40", "MRG|p1"), "MRG-1"],
    ["an unlink of one", buildMessage("ADT^A37", "PID|1||p1"), "PID-3"],
    ["an order", buildMessage("ORM^O01", "PID|1||p1"), "MSH-9"],
    ["a message that is none", "hello", "MSH"],
  ])("of %s is refused whole", (_name, text, field) => {
    expect(readHl7(text)).toMatchObject([{ kind: "refused", field, text }]);
  });
});

describe("a link", () => {
  const link = (surviving: string, disputed = false) => ({ surviving, disputed, since: 0 });

  it("in doubt is not followed", () => {
    expect(resolvePerson("a", (id) => (id === "a" ? link("b", true) : null))).toBe("a");
  });

  it("in a circle that others wrote leads nowhere", () => {
    const circle: Record<string, string> = { a: "b", b: "c", c: "b" };
    expect(resolvePerson("a", (id) => (circle[id] === undefined ? null : link(circle[id])))).toBe("a");
  });
});

describe("real movements in HL7", () => {
  itShared("ADT-A40-01 merges 56789 into 12345", () => {
    const hospital = openHospital();
    hospital.take(realMessage("ADT-A40-01.hl7"));
    expect([hospital.resolve("56789"), hospital.resolve("12345")]).toEqual(["12345", "12345"]);
    expect(hospital.value("patient", "12345")).toEqual({ birthDate: "2018-02-05", simulated: false });
  });

  itShared("ADT-A01, A08 and A03 admit, update and discharge the same patient", () => {
    const hospital = openHospital();
    const states = ["ADT-A01-01.hl7", "ADT-A08-01.hl7", "ADT-A03-01.hl7"].map((name) => {
      hospital.take(realMessage(name));
      return hospital.value("stay", "PATID1234");
    });
    expect(states.map((stay) => stay?.["state"])).toEqual(["IN", "IN", "OUT"]);
    expect(states[0]).toMatchObject({
      location: "HUH AE OMU OMU B Bed 03",
      since: Date.parse("2015-02-08T11:34:19+01:10"),
    });
  });

  itShared("ADT04-23 registers an outpatient", () => {
    const hospital = openHospital();
    hospital.take(realMessage("ADT04-23.hl7"));
    expect(hospital.value("patient", "123456789")).toEqual({ birthDate: "1985-01-01", simulated: false });
    expect(hospital.value("stay", "123456789")).toMatchObject({ state: "IN" });
  });
});
