import type { DeviceRecord } from "./delivery.js";

type Spoil = (record: DeviceRecord) => string;

const json =
  (change: (record: DeviceRecord) => unknown): Spoil =>
  (record) => {
    // Without its place among the device's records: a spoiled line must never be taken for the sound one beside it.
    const { sequence: _sequence, session: _session, ...rest } = record;
    return JSON.stringify(change(rest as DeviceRecord));
  };

/** Lines of which no reading can be made, each from a sound record. */
export const POISON: Readonly<Record<string, Spoil>> = {
  "cut off": (record) => JSON.stringify(record).slice(0, -20),
  "no JSON": () => "HR=72;SpO2=97",
  "no object": json(({ value }) => [value]),
  "no patient": json(({ patientId: _patientId, ...rest }) => rest),
  "no code": json(({ code: _code, ...rest }) => rest),
  "unknown code": json((record) => ({ ...record, code: "0000-0" })),
  "unknown unit": json((record) => ({ ...record, code: "8867-4", value: 72, unit: "furlong" })),
  "no number": json((record) => ({ ...record, code: "8867-4", value: "seventy-two", unit: "/min" })),
  "impossible value": json((record) => ({ ...record, code: "2708-6", value: 130, unit: "%" })),
  "negative value": json((record) => ({ ...record, code: "8867-4", value: -72, unit: "/min" })),
  "no time": json((record) => ({ ...record, eventTime: "yesterday" })),
};

export const POISON_KINDS = Object.keys(POISON);
