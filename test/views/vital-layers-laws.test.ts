import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { VitalAccepted, VitalWindowed } from "../../src/domain/events/observation.js";
import { VITALS_ACCEPTED, VITALS_WINDOWED } from "../../src/ingest/streams/observation.js";
import { EMPTY_CATALOG } from "../../src/lake/catalog.js";
import type { LoggedReader } from "../../src/lake/logged-reader.js";
import type { LoggedReading } from "../../src/lake/logged-row.js";
import type { SnapshotReader } from "../../src/lake/snapshot-reader.js";
import { chainsOf } from "../../src/views/tail/chains.js";
import { compareIds, createReadings } from "../../src/views/tail/readings.js";
import { createWindows } from "../../src/views/tail/windows.js";
import { createVitalLayers, type VitalLayers } from "../../src/views/vital-layers.js";
import { buildWindow } from "../helpers/build.js";
import { buildReading } from "../helpers/live-views.js";

const PEOPLE = ["p1", "p2"] as const;
const CODES = ["8867-4", "2708-6"] as const;
const IDS = ["a", "b", "c", "d", "e", "f"] as const;
const ALL = { from: -Infinity, to: Infinity };
/** Windows of the range begin within it. */
const SPAN = [0, 10] as const;

/** What the log holds of one person, in order; a person is a partition of their own. */
interface Logged {
  readonly offset: number;
  readonly reading: VitalAccepted;
}

interface World {
  readonly readings: readonly (readonly Logged[])[];
  readonly windows: readonly (readonly { readonly offset: number; readonly window: VitalWindowed }[])[];
  /** Per partition, as parts of the log: where the tail began, how far tables come, what the question is about. */
  readonly cuts: readonly { readonly start: number; readonly horizon: number; readonly end: number }[];
}

const readingOf = (patientId: string): fc.Arbitrary<VitalAccepted> =>
  fc
    .record({
      eventId: fc.constantFrom(...IDS),
      code: fc.constantFrom(...CODES),
      effectiveTime: fc.integer({ min: 0, max: 4 }),
      late: fc.boolean(),
      replaces: fc.option(fc.constantFrom(...IDS), { freq: 2 }),
      status: fc.constantFrom("final", "corrected", "entered-in-error"),
    })
    .map(({ replaces, ...facts }) =>
      buildReading({ ...facts, patientId, replaces: replaces === facts.eventId ? null : replaces }),
    );

const windowOf = (patientId: string): fc.Arbitrary<VitalWindowed> =>
  fc
    .record({ code: fc.constantFrom(...CODES), start: fc.integer({ min: 0, max: 4 }), through: fc.nat(6) })
    .map(({ code, start, through }) => buildWindow({ patientId, code, start, throughOffset: String(through) }));

/** Offsets grow, with holes. */
const placed = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<readonly (readonly [number, T])[]> =>
  fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), values), { maxLength: 14 }).map((list) => {
    let offset = -1;
    return list.map(([step, value]) => [(offset += step), value] as const);
  });

const world: fc.Arbitrary<World> = fc.record({
  readings: fc
    .tuple(...PEOPLE.map((id) => placed(readingOf(id))))
    .map((all) => all.map((own) => own.map(([offset, reading]) => ({ offset, reading })))),
  windows: fc
    .tuple(...PEOPLE.map((id) => placed(windowOf(id))))
    .map((all) => all.map((own) => own.map(([offset, window]) => ({ offset, window })))),
  cuts: fc.tuple(
    ...PEOPLE.map(() =>
      fc.tuple(fc.nat(40), fc.nat(40), fc.nat(40)).map(([one, other, end]) => ({
        start: Math.min(one, other),
        horizon: Math.max(one, other),
        end,
      })),
    ),
  ),
});

/** Each event once: the first of its repeats. */
function distinct(events: readonly Logged[]): readonly Logged[] {
  const seen = new Set<string>();
  return events.filter(({ reading }) => !seen.has(reading.eventId) && seen.add(reading.eventId));
}

const newestFirst = (left: Logged, right: Logged): number =>
  right.reading.effectiveTime - left.reading.effectiveTime || compareIds(left.reading.eventId, right.reading.eventId);

/** The tables as a compaction leaves them that has read everything below the horizon. */
function tablesOf({ readings, windows, cuts }: World): LoggedReader {
  const rows = PEOPLE.map((_, partition) =>
    distinct((readings[partition] ?? []).filter(({ offset }) => offset < (cuts[partition]?.horizon ?? 0))).map(
      ({ offset, reading }): LoggedReading => ({ offset, reading, partition }),
    ),
  ).flat();
  const of = (patientId: string): readonly LoggedReading[] =>
    rows.filter(({ reading }) => reading.patientId === patientId);
  const latest = new Map<
    string,
    { readonly partition: number; readonly offset: number; readonly window: VitalWindowed }
  >();
  for (const [partition, own] of windows.entries()) {
    for (const { offset, window } of own) {
      const key = [window.patientId, window.code, window.size, String(window.start)].join("/");
      const known = latest.get(key)?.window;
      if (offset >= (cuts[partition]?.horizon ?? 0)) continue;
      if (known === undefined || BigInt(known.throughOffset) < BigInt(window.throughOffset))
        latest.set(key, { partition, offset, window });
    }
  }
  return {
    *vitals(patientId, code, from, to) {
      const found = of(patientId).filter(({ reading }) => reading.code === code);
      for (const one of [...found].sort(newestFirst))
        if (one.reading.effectiveTime >= from && one.reading.effectiveTime < to) yield one;
    },
    vitalCodes: (patientId) => [...new Set(of(patientId).map(({ reading }) => reading.code))].sort(),
    vital: (patientId, eventId) => of(patientId).find(({ reading }) => reading.eventId === eventId) ?? null,
    corrections: (patientId) => of(patientId).filter(({ reading }) => reading.replaces !== null),
    windows: (patientId, code, size, from, to) =>
      [...latest.values()].filter(
        ({ window }) =>
          window.patientId === patientId &&
          window.code === code &&
          window.size === size &&
          window.start >= from &&
          window.start < to,
      ),
    *alerts() {},
    *jobs() {},
  };
}

/** Tables below the horizon, and a tail that began at or before it. */
function layersOf(of: World): VitalLayers {
  const readings = createReadings();
  const windows = createWindows();
  const known = new Set<string>();
  const starts = new Map(of.cuts.map(({ start }, partition) => [partition, BigInt(start)]));
  for (const [partition, id] of PEOPLE.entries()) {
    const start = of.cuts[partition]?.start ?? 0;
    for (const { offset, reading } of of.readings[partition] ?? []) {
      if (offset < start) continue;
      known.add(id);
      readings.add(reading, offset);
    }
    for (const { offset, window } of of.windows[partition] ?? []) if (offset >= start) windows.add(window);
  }
  const tail = {
    start: { [VITALS_ACCEPTED]: starts, [VITALS_WINDOWED]: starts },
    readings,
    windows,
    partitionOf: (patientId: string) => (known.has(patientId) ? PEOPLE.indexOf(patientId as "p1") : null),
    watermarkOf: () => null,
    windowsThrough: () => null,
    windowsKeptSince: () => null,
  };
  const horizon = { [VITALS_ACCEPTED]: of.cuts.map((cut) => String(cut.horizon)) };
  const reader = { logged: tablesOf(of), catalog: { ...EMPTY_CATALOG, horizon } } as unknown as SnapshotReader;
  return createVitalLayers(tail, reader, new Map(of.cuts.map(({ end }, partition) => [partition, BigInt(end)])));
}

/** Everything one person's events say, looked at once, in the order of the log. */
function recomputed({ readings, cuts }: World, partition: number) {
  const { end = 0, horizon = 0 } = cuts[partition] ?? {};
  const events = distinct((readings[partition] ?? []).filter(({ offset }) => offset < end));
  const chains = chainsOf(
    events.filter(({ reading }) => reading.replaces !== null).map(({ offset, reading }) => ({ ...reading, offset })),
  );
  const list = (includeErrors: boolean): readonly unknown[] =>
    [...events].sort(newestFirst).flatMap(({ offset, reading }) => {
      const { fate, revision } = chains.stateOf(reading.eventId);
      const isError = fate === "error" || (reading.status === "entered-in-error" && fate === "stands");
      if (fate === "replaced" || (isError && !includeErrors)) return [];
      const layer = offset < horizon ? "BATCH" : "SPEED";
      return [{ id: reading.eventId, offset, revision, layer, status: isError ? "entered-in-error" : reading.status }];
    });
  return { events, chains, list };
}

const RUNS = { numRuns: 300 };

describe("readings of tables and of the log behind them, for any events, repeats, horizon and end", () => {
  it("are those of one pass over distinct events, each once, with the corrections that came in time", () => {
    fc.assert(
      fc.property(world, (of) => {
        const layers = layersOf(of);
        for (const [partition, patientId] of PEOPLE.entries()) {
          const { list } = recomputed(of, partition);
          for (const includeErrors of [false, true]) {
            const found = [...layers.newestFirst(patientId, { codes: null, ...ALL, includeErrors })];
            expect(
              found.map(({ eventId: id, offset, revision, layer, status }) => ({
                id,
                offset,
                revision,
                layer,
                status,
              })),
            ).toEqual(list(includeErrors));
          }
        }
      }),
      RUNS,
    );
  });

  it("are found by id, whatever became of them, and never those that came too late", () => {
    fc.assert(
      fc.property(world, (of) => {
        const layers = layersOf(of);
        for (const [partition, patientId] of PEOPLE.entries()) {
          const { events, chains } = recomputed(of, partition);
          for (const id of IDS) {
            const first = events.find(({ reading }) => reading.eventId === id);
            const { fate, revision } = chains.stateOf(id);
            expect(layers.find(patientId, id)?.offset ?? null).toBe(first?.offset ?? null);
            if (first !== undefined) expect(layers.find(patientId, id)?.revision).toBe(revision);
            expect(layers.fateOf(patientId, id)).toBe(fate);
          }
        }
      }),
      RUNS,
    );
  });

  it("are the same whatever part of them is in tables", () => {
    fc.assert(
      fc.property(world, fc.nat(40), (of, horizon) => {
        const moved = { ...of, cuts: of.cuts.map((cut) => ({ ...cut, start: Math.min(cut.start, horizon), horizon })) };
        const without = (layers: VitalLayers): readonly unknown[] =>
          PEOPLE.flatMap((patientId) =>
            [...layers.newestFirst(patientId, { codes: null, ...ALL, includeErrors: true })].map(
              ({ layer: _, ...reading }) => reading,
            ),
          );
        expect(without(layersOf(moved))).toEqual(without(layersOf(of)));
      }),
      RUNS,
    );
  });
});

describe("windows of tables and of the log behind them", () => {
  it("are each once, as the version that has read furthest left them", () => {
    fc.assert(
      fc.property(world, (of) => {
        const layers = layersOf(of);
        for (const [partition, patientId] of PEOPLE.entries()) {
          for (const code of CODES) {
            const latest = new Map<number, bigint>();
            for (const { window } of of.windows[partition] ?? []) {
              const through = BigInt(window.throughOffset);
              if (window.code === code && (latest.get(window.start) ?? -1n) < through)
                latest.set(window.start, through);
            }
            expect(
              layers
                .windows(patientId, code, "PT1M", ...SPAN)
                .map(({ start, throughOffset }) => [start, throughOffset]),
            ).toEqual(
              [...latest].sort(([left], [right]) => left - right).map(([start, read]) => [start, String(read)]),
            );
          }
        }
      }),
      RUNS,
    );
  });
});
