import { findObservationCode, isPanel, type ObservationCode } from "../../domain/observation/code.js";
import type { ObservationEventStatus } from "../../domain/events/observation.js";
import { jsonText, type Json } from "../../domain/observation/json.js";
import { isId, patientOf, referenced } from "../../domain/observation/key.js";
import { LIVE } from "../../domain/observation/live.js";
import { absentReason, valueAt } from "./fhir-value.js";
import { listAt, objectAt, textAt } from "./fields.js";
import { hashOf } from "./hash.js";
import {
  PRELIMINARY,
  isRefusal,
  partId,
  preliminaryId,
  refusal,
  type Reading,
  type ReadingValue,
  type RecordReading,
  type Refusal,
} from "./types.js";
import { NO_VALUE, expectedOf } from "./value.js";

const LOINC = "http://loinc.org";
const VALUES = ["valueQuantity", "valueCodeableConcept", "valueString"] as const;
const TEST_DATA = ["HTEST", "SIMULATED"];

/** FHIR R4. Under the others nothing is known yet, or nothing was ever measured. */
const STATUS_OF: ReadonlyMap<string, ObservationEventStatus> = new Map([
  ["preliminary", "final"],
  ["final", "final"],
  ["amended", "corrected"],
  ["corrected", "corrected"],
  ["entered-in-error", "entered-in-error"],
]);

type Common = Omit<Reading, "part" | "code" | "codeAsReceived" | keyof ReadingValue>;

/** Every reading of one Observation; components are readings of their own. Throws a refusal where the whole of it is none. */
export function readFhirObservation(resource: Json): RecordReading {
  if (resource["resourceType"] !== "Observation") {
    throw refusal("RESOURCE_TYPE", "resourceType", resource["resourceType"]);
  }
  const common = commonOf(resource);
  const components = listAt(resource, "component", "component");
  if (components.length > LIVE.readingsPerRecord) throw refusal("TOO_MANY_READINGS", "component", components.length);
  const parts: { readonly own: Json; readonly at: string }[] = components.map((own, index) => ({
    own,
    at: `component[${String(index)}].`,
  }));
  // A panel has no value of its own; anything else has, beside its components.
  const isOnlyParts = parts.length > 0 && VALUES.every((name) => resource[name] == null);
  if (!isOnlyParts) parts.unshift({ own: resource, at: "" });
  const names = new Map<string, number>();
  const readings = parts.map(({ own, at }): Reading | Refusal => {
    try {
      const { code, codeAsReceived } = codeAt(own, at);
      const nth = (names.get(code.code) ?? 0) + 1;
      names.set(code.code, nth);
      const part = at === "" ? "" : `${code.code}${nth === 1 ? "" : `.${String(nth)}`}`;
      const absent = absentReason(own, at);
      const given = valueAt(own, at, code);
      if (given === null && absent === null && common.status !== "entered-in-error") {
        throw refusal("VALUE_MISSING", `${at}value[x]`, undefined, `${expectedOf(code)}, or dataAbsentReason`);
      }
      const quality = given === null && absent !== null ? [...common.quality, absent] : common.quality;
      const replaces = common.replaces === null ? null : partId(common.replaces, part);
      return { ...common, part, replaces, code, codeAsReceived, ...(given ?? NO_VALUE), quality };
    } catch (thrown) {
      if (isRefusal(thrown)) return thrown;
      throw thrown;
    }
  });
  return { readings: withPressures(readings), receivedAt: null };
}

function commonOf(resource: Json): Common {
  const said = textAt(resource, "status", "status");
  const status = said === null ? undefined : STATUS_OF.get(said);
  if (status === undefined) throw refusal("STATUS", "status", said ?? undefined, [...STATUS_OF.keys()].join(", "));
  const patientId = patientOf(resource);
  if (patientId === null) throw refusal("FIELD_MISSING", "subject.reference", resource["subject"], "Patient/<id>");
  const id = identityOf(resource);
  const isPreliminary = said === "preliminary";
  if (status !== "final" && id === null) {
    throw refusal("REPLACES", "id", undefined, "id or identifier of the observation it corrects");
  }
  return {
    kind: "reading",
    // The same resource with another status is another event, and about the first.
    ...(id === null ? { ownId: null, follows: null } : namesOfVersion(id, status, isPreliminary, resource)),
    deviceId: deviceOf(resource),
    session: null,
    sequence: null,
    patientId,
    ...timeOf(resource),
    quality: isPreliminary ? [PRELIMINARY] : [],
    status,
    replaces: status === "final" ? null : id,
    simulated: isTestData(resource),
  };
}

function namesOfVersion(
  id: string,
  status: ObservationEventStatus,
  isPreliminary: boolean,
  resource: Json,
): Pick<Reading, "ownId" | "follows"> {
  if (isPreliminary) return { ownId: preliminaryId(id), follows: null };
  if (status === "final") return { ownId: id, follows: preliminaryId(id) };
  return { ownId: `${id}@${versionOf(resource)}`, follows: null };
}

/** The business identifier where there is one: it stays when the resource moves to another server. */
function identityOf(resource: Json): string | null {
  for (const identifier of listAt(resource, "identifier", "identifier")) {
    const value = textAt(identifier, "value", "identifier.value");
    const system = textAt(identifier, "system", "identifier.system");
    const whole = value === null ? null : system === null ? value : `${system}|${value}`;
    if (whole !== null && isId(whole)) return whole;
  }
  const id = textAt(resource, "id", "id");
  return id !== null && isId(id) ? id : null;
}

function versionOf(resource: Json): string {
  const meta = objectAt(resource, "meta", "meta");
  const version = meta === null ? null : textAt(meta, "versionId", "meta.versionId");
  if (version !== null && isId(version)) return version;
  const { meta: _meta, ...content } = resource;
  return hashOf([jsonText(content)]).slice(0, 16);
}

function deviceOf(resource: Json): string | null {
  const device = objectAt(resource, "device", "device");
  if (device === null) return null;
  const identifier = objectAt(device, "identifier", "device.identifier");
  const value = identifier === null ? null : textAt(identifier, "value", "device.identifier.value");
  const reference = textAt(device, "reference", "device.reference");
  const id = value ?? (reference === null ? null : referenced("Device", reference));
  return id !== null && isId(id) ? id : null;
}

function timeOf(resource: Json): { readonly eventTime: string; readonly timeField: string } {
  for (const field of ["effectiveDateTime", "effectiveInstant"]) {
    const at = textAt(resource, field, field);
    if (at !== null) return { eventTime: at, timeField: field };
  }
  // What was observed over a while is known at its end.
  const period = objectAt(resource, "effectivePeriod", "effectivePeriod");
  for (const field of period === null ? [] : ["end", "start"]) {
    const at = textAt(period!, field, `effectivePeriod.${field}`);
    if (at !== null) return { eventTime: at, timeField: `effectivePeriod.${field}` };
  }
  throw refusal("FIELD_MISSING", "effective[x]", undefined, "effectiveDateTime, effectiveInstant or effectivePeriod");
}

function isTestData(resource: Json): boolean {
  const meta = objectAt(resource, "meta", "meta");
  if (meta === null) return false;
  return [...listAt(meta, "tag", "meta.tag"), ...listAt(meta, "security", "meta.security")].some(({ code }) =>
    TEST_DATA.includes(code as string),
  );
}

function codeAt(own: Json, at: string): { readonly code: ObservationCode; readonly codeAsReceived: string } {
  const field = `${at}code`;
  const concept = objectAt(own, "code", field);
  const codings = concept === null ? [] : listAt(concept, "coding", `${field}.coding`);
  const loinc = codings.flatMap((coding) =>
    coding["system"] === LOINC && typeof coding["code"] === "string" ? [coding["code"]] : [],
  );
  const known = loinc.flatMap((name) => {
    const code = findObservationCode(name);
    return code === null ? [] : [{ code, codeAsReceived: name }];
  });
  const [first] = known;
  if (first === undefined) {
    const panel = loinc.find(isPanel);
    if (panel !== undefined) throw refusal("VALUE_MISSING", "component", undefined, `components of the panel ${panel}`);
    throw refusal("UNKNOWN_CODE", field, loinc.length > 0 ? loinc : (concept ?? undefined));
  }
  if (known.some(({ code }) => code !== first.code)) throw refusal("AMBIGUOUS_CODE", field, loinc);
  return first;
}

/** A systolic pressure that is not above the diastolic one beside it: one of the two, or the sensor, is wrong. */
function withPressures(readings: readonly (Reading | Refusal)[]): readonly (Reading | Refusal)[] {
  const find = (code: string): number | null => {
    const found = readings.find((reading) => reading.kind === "reading" && reading.code.code === code);
    return found?.kind === "reading" && found.value !== null ? Number(found.value) : null;
  };
  const [systolic, diastolic] = [find("8480-6"), find("8462-4")];
  if (systolic === null || diastolic === null || systolic > diastolic) return readings;
  return readings.map((reading) =>
    reading.kind === "reading" && ["8480-6", "8462-4"].includes(reading.code.code)
      ? { ...reading, isExtreme: true }
      : reading,
  );
}
