import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { follow } from "../../clients/js/src/index.js";
import { ensureBuilt } from "../helpers/built.js";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import { clusterEnvironment, stackForTests } from "../helpers/stack.js";

const START = Date.UTC(2026, 0, 1, 8);
const MINUTE = 60_000;
const FEW = 20;
const PAGE = `query Page($first: Int!, $after: Cursor) { observations(patientId: "p1", first: $first, after: $after) {
  nodes { id revision status valueQuantity { value } freshness { layer } } pageInfo { endCursor hasNextPage } } }`;
const STREAM = `subscription Readings($after: Cursor) {
  vitals(after: $after, patientIds: ["p1"]) { cursor event { __typename ... on Observation { id } } } }`;

interface Node {
  readonly id: string;
  readonly revision: number;
  readonly status: string;
  readonly valueQuantity: { readonly value: number };
  readonly freshness: { readonly layer: string };
}
interface Page {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

type Sent = readonly [id: string, minute: number, more?: object];

/** What a reader sees of a reading: all of it but where it comes from. */
const seen = ({ id, revision, status, valueQuantity }: Node): string =>
  [id, revision, status, valueQuantity.value].join(" ");

interface Stream {
  /** Ids in the order in which they came, with the cursor behind each. */
  readonly taken: (readonly [id: string, cursor: string])[];
  readonly others: string[];
  end(): Promise<void>;
}

function defineCompactionMeanwhile(name: string, seconds: number, start: (folder?: string) => Promise<Service>): void {
  describe(`while the log comes into tables in the ${name} profile`, () => {
    let service: Service;
    let scratch: string;
    beforeAll(async () => {
      await ensureBuilt();
      scratch = await mkdtemp(join(tmpdir(), "vitalome-meanwhile-"));
      service = await start();
      const file = join(scratch, "people.ndjson");
      await writeFile(file, JSON.stringify({ resourceType: "Patient", id: "p1", birthDate: "1950-01-01" }));
      expect((await service.cli("ingest-clinical", file)).code).toBe(0);
    }, seconds * 1_000);
    afterAll(async () => {
      await service.kill();
      for (const one of [service.directory, scratch]) await removeFolder(one);
    });

    async function send(...readings: readonly Sent[]): Promise<void> {
      const lines = readings.map(([eventId, minute, more]) => {
        const eventTime = new Date(START + minute * MINUTE).toISOString();
        const value = 60 + (minute % 30);
        return JSON.stringify({ eventId, patientId: "p1", code: "8867-4", value, unit: "/min", eventTime, ...more });
      });
      const answer = await fetch(new URL("/observations?source=ward&wait=30", service.url), {
        method: "POST",
        headers: { authorization: `Bearer ${service.token}`, "content-type": "application/x-ndjson" },
        body: lines.join("\n"),
      });
      const { ledger } = (await answer.json()) as { ledger: { accepted: number } };
      expect(ledger).toMatchObject({ read: readings.length, accepted: readings.length });
    }

    const page = async (first: number, after: string | null = null): Promise<Page> =>
      (await service.query<{ observations: Page }>(PAGE, { first, after })).observations;

    /** All there is once it holds so many. */
    async function whole(count: number): Promise<readonly Node[]> {
      for (;;) {
        const { nodes } = await page(1_000);
        if (nodes.length >= count) return nodes;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }

    /** Follows the service, whichever runs. */
    function open(after: string | null): Stream {
      const enough = new AbortController();
      const stream = { taken: [] as [string, string][], others: [] as string[] };
      const ended = (async () => {
        for await (const one of follow({
          ...{ url: service.url, token: service.token, query: STREAM, after, webSocket: WebSocket },
          signal: enough.signal,
        })) {
          if (one.kind === "event") stream.taken.push([String(one.event["id"]), one.envelope.cursor]);
          else stream.others.push(one.kind);
        }
      })();
      return {
        ...stream,
        async end() {
          enough.abort(new Error("enough"));
          await ended;
        },
      };
    }

    async function until(condition: () => boolean): Promise<void> {
      while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
    }

    it(
      "pages of readings and a subscription go on as if nothing was, and one that is cut off goes on behind its cursor",
      async () => {
        const stream = open(null);
        await until(() => stream.others.length > 0);
        const first = Array.from({ length: 200 }, (_none, n): Sent => [`e${String(n)}`, n]);
        await send(...first);
        const asked = await whole(200);
        expect(asked.map(({ id }) => id)).toEqual(first.map(([id]) => id).reverse());
        expect(new Set(asked.map(({ freshness }) => freshness.layer))).toEqual(new Set(["SPEED"]));
        const sent = first.map(([id]) => id);
        await until(() => stream.taken.length === 200);

        const paged: Node[] = [];
        let next: string | null = null;
        const turn = async (): Promise<void> => {
          const { nodes, pageInfo } = await page(FEW, next);
          expect(nodes).toHaveLength(FEW);
          paged.push(...nodes);
          next = pageInfo.endCursor;
        };
        /** A compaction; the page behind `next` is asked for until it is done, and is always the same. */
        let looks = 0;
        const compact = async (): Promise<void> => {
          const compaction = service.cli("compact-log");
          let isOver = false;
          void compaction.finally(() => (isOver = true));
          const { nodes } = await page(FEW, next);
          for (; !isOver; looks += 1) {
            await new Promise((resolve) => setTimeout(resolve, 50));
            expect((await page(FEW, next)).nodes.map(seen)).toEqual(nodes.map(seen));
          }
          const { code, stderr } = await compaction;
          expect({ code, stderr }).toMatchObject({ code: 0 });
        };
        const more = async (...readings: readonly Sent[]): Promise<void> => {
          await send(...readings);
          sent.push(...readings.map(([id]) => id));
        };
        await turn();
        await more(["new-1", 300], ["fixed", 100, { replaces: "e100", status: "corrected", value: 61 }]);
        await turn();
        await compact();
        await turn();
        await more(["late", 50.5], ["gone", 20, { replaces: "e20", status: "entered-in-error" }]);
        await Promise.all([compact(), more(["new-2", 301], ["new-3", 302])]);
        await turn();
        const folder = service.directory;
        await until(() => stream.taken.length >= sent.length);
        await stream.end();
        await service.kill();
        service = await start(folder);
        while (next !== null && paged.length < 200) await turn();
        expect(paged.map(seen)).toEqual(asked.map(seen));
        expect(paged.map(({ freshness }) => freshness.layer)).toContain("BATCH");

        // Each reading once, in the order of the log: of what was followed, and of what is followed from within it.
        expect(stream.taken.map(([id]) => id)).toEqual(sent);
        const [, cursor = ""] = stream.taken[90] ?? [];
        const again = open(cursor);
        await until(() => again.taken.length >= sent.length - 91);
        await more(["new-4", 303]);
        await until(() => again.taken.length >= sent.length - 91);
        await again.end();
        expect(again.taken.map(([id]) => id)).toEqual(sent.slice(91));
        for (const { others } of [stream, again]) expect(new Set(others)).toEqual(new Set(["heartbeat"]));

        // And who asks now finds what there is: two in tables and log are one.
        const now = await whole(204);
        expect(now.map(({ id }) => id)).toEqual([
          ...["new-4", "new-3", "new-2", "new-1"],
          ...asked.flatMap(({ id }) =>
            id === "e20" ? [] : id === "e100" ? ["fixed"] : id === "e50" ? ["late", id] : [id],
          ),
        ]);
        process.stderr.write(`meanwhile: a page was asked for ${String(looks)} times while the log came into tables\n`);
      },
      seconds * 1_000,
    );
  });
}

defineCompactionMeanwhile("embedded", 120, (folder) => startService(folder));

const CORNER = `meanwhile-${randomBytes(4).toString("hex")}`;
defineCompactionMeanwhile("cluster", 600, async (folder) =>
  startService(folder, ["--no-demo"], clusterEnvironment(await stackForTests(), CORNER)),
);
