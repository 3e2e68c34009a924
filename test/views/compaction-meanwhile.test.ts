import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { GraphQLSchema } from "graphql";
import { isStreamGap, isStreamHeartbeat, type LiveSource } from "../../src/domain/live.js";
import { buildApiSchema } from "../../src/resolvers/build.js";
import { openCompaction, type Compaction } from "../helpers/compaction.js";
import { openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { openLiveViews, type LiveViews } from "../helpers/live-views.js";

const LIST = `query List($first: Int!, $after: Cursor) { observations(patientId: "p1", first: $first, after: $after) {
  nodes { id revision status } pageInfo { endCursor hasNextPage } } }`;
const at = (time: string): number => Date.parse(`2026-01-01T${time}Z`);

let schema: GraphQLSchema;
let log: LiveLog;
let compaction: Compaction;
const opened: LiveViews[] = [];
beforeAll(async () => {
  schema = await buildApiSchema();
});
beforeEach(async () => {
  log = await openLiveLog();
  compaction = await openCompaction(log);
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await compaction.close();
  await log.close();
});

/** A process over the log and the store; `surplus`: so many readings in tables free its memory of them. */
async function open(surplus = 1_000): Promise<LiveViews> {
  const { snapshots, readers } = compaction;
  const views = await openLiveViews({ log, store: { snapshots, readers }, surplus });
  opened.push(views);
  return views;
}

interface Listed {
  readonly ids: readonly string[];
  readonly next: string | null;
}

async function page(views: LiveViews, after: string | null): Promise<Listed> {
  const { data, errors } = await views.ask(schema, LIST, { first: 2, after });
  expect(errors).toEqual([]);
  const { nodes, pageInfo } = data.observations as {
    nodes: { id: string; revision: number; status: string }[];
    pageInfo: { endCursor: string; hasNextPage: boolean };
  };
  const ids = nodes.map(({ id, revision, status }) => `${id} ${String(revision)} ${status}`);
  return { ids, next: pageInfo.hasNextPage ? pageInfo.endCursor : null };
}

/** Takes payloads until there are so many; nothing may be skipped over. */
async function taken<T extends object>(source: LiveSource<T>, count: number): Promise<readonly T[]> {
  const found: T[] = [];
  while (found.length < count) {
    const { value, done } = await source.next();
    if (done === true) throw new Error("the stream has ended");
    const { event } = value;
    if (isStreamGap(event)) throw new Error("a gap");
    if (!isStreamHeartbeat(event)) found.push(event);
  }
  return found;
}

describe("while the log comes into tables", () => {
  it("pages stay those of the readings there were at first, whatever is accepted, corrected and taken back meanwhile", async () => {
    const views = await open();
    const hours = ["08", "07", "06", "05", "04", "03"];
    await views.accept(...hours.map((hour) => ({ eventId: hour, effectiveTime: at(`${hour}:00:00`) })));
    await views.settled();
    const meanwhile = [
      // Would come again on a later page, and be missing from another.
      async () => views.accept({ eventId: "x", effectiveTime: at("03:30:00"), replaces: "08", status: "corrected" }),
      async () => views.accept({ eventId: "late", effectiveTime: at("03:10:00") }),
      async () =>
        views.accept({ eventId: "y", effectiveTime: at("03:00:00"), replaces: "03", status: "entered-in-error" }),
    ];
    const seen: string[] = [];
    let next: string | null = null;
    for (const change of meanwhile) {
      // Another process, that began after what came in between.
      const found: Listed = await page(seen.length === 2 ? await open() : views, next);
      seen.push(...found.ids);
      next = found.next;
      await change();
      await compaction.compact(`after ${String(seen.length)}`);
      await views.settled();
    }
    expect(next).toBeNull();
    expect(seen).toEqual(hours.map((hour) => `${hour} 0 final`));
    expect((await page(views, null)).ids).toEqual(["07 0 final", "06 0 final"]);
  });

  it("a subscription tells each reading once, also repeats of what is in tables by then and no longer in memory", async () => {
    const views = await open(1);
    const filter = { patientIds: null, cohort: null, codes: null, size: null, pauseMs: 0 };
    const source = await views.context().vitals.watch(filter, null);
    const told: string[] = [];
    const take = async (count: number): Promise<void> => {
      for (const move of await taken(source, count))
        told.push(move.kind === "reading" ? `${move.reading.eventId} ${String(move.reading.revision)}` : "window");
    };
    await views.accept({ eventId: "a" }, { eventId: "b" });
    await take(1);
    await compaction.compact("one");
    await freed(views);
    await views.accept({ eventId: "a" }, { eventId: "c" }, { eventId: "a2", replaces: "a", status: "corrected" });
    await take(3);
    await compaction.compact("two");
    await freed(views);
    await views.accept({ eventId: "c" }, { eventId: "a2" }, { eventId: "d" });
    await take(1);
    expect(told).toEqual(["a 0", "b 0", "c 0", "a2 1", "d 0"]);
    await source.return?.();
  });

  it("a subscription of alerts tells each step once", async () => {
    const views = await open(1);
    const filter = {
      patientIds: null,
      cohort: null,
      kinds: null,
      codes: null,
      includeShadow: true,
      minPriority: "INFO",
    } as const;
    const source = await views.context().alerts.watch(filter, null);
    const told: number[] = [];
    for (let version = 1; version <= 4; version += 1) {
      await views.transition({ id: "a", version });
      if (version % 2 === 0) await compaction.compact(`version ${String(version)}`);
      const [move] = await taken(source, 1);
      told.push(move?.alert.version ?? 0);
    }
    expect(told).toEqual([1, 2, 3, 4]);
    await source.return?.();
  });
});

/** Asks until the process has let go of what tables hold. */
async function freed(views: LiveViews): Promise<void> {
  for (let look = 0; views.held.tail.readings.size > 0; look += 1) {
    if (look === 500) throw new Error("memory was not freed");
    await views.held.open();
    await log.clock.sleep(10);
  }
}
