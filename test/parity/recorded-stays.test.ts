import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { WebSocket } from "ws";
import { follow, type Followed } from "../../clients/js/src/index.js";
import { quiet } from "../chaos/live-run.js";
import { ensureBuilt } from "../helpers/built.js";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import { itShared, requireShared, sharedPath } from "../helpers/shared.js";
import { clusterEnvironment, stackForTests } from "../helpers/stack.js";

const SCRIPT = resolve(import.meta.dirname, "../independent/stay_alerts.py");
const FOLDER = "clinical/physionet-2019";
/** Twenty-eight hours, sepsis from the 19th on: limits, three rules on NEWS2 and silence. */
const SEPTIC = "p106836";
const LAST_ROW = 27 * 3_600;
const SPEED = 600;
const LIVE = `subscription Live($after: Cursor) {
  alerts(after: $after, patientIds: ["septic"], minPriority: INFO) { cursor event { __typename
    ... on AlertChange { alert { ruleId code { code } } transition { reason at } } } } }`;
const HOUR = 3_600_000;
/** No stay is so long. */
const CLOSE_HOURS = 1_000;
const iso = (at: number): string => new Date(at).toISOString();

type Step = readonly [rule: string, code: string | null, event: string, seconds: number];

interface Told {
  readonly ruleId: string;
  readonly code: { readonly code: string } | null;
}
interface Happened {
  readonly reason: string;
  readonly at: string;
}

/** A beginning or an end before the charts are closed; nothing of any other step. */
function stepOf({ ruleId, code }: Told, { reason, at }: Happened, first: number): readonly Step[] {
  const seconds = (Date.parse(at) - first) / 1_000;
  const counts = ["RAISED", "RECURRED", "CLEARED"].includes(reason) && seconds < CLOSE_HOURS * 3_600;
  return counts ? [[ruleId, code?.code ?? null, reason, seconds]] : [];
}

const inOrder = (steps: readonly Step[]): readonly string[] => steps.map((step) => JSON.stringify(step)).sort();

/** What the script, which shares nothing with the program, makes of stays. */
async function workedOut(stays: readonly string[]): Promise<readonly (readonly Step[])[]> {
  const files = stays.map((stay) => requireShared(`${FOLDER}/${stay}.psv`));
  const { stdout } = await promisify(execFile)("python3", [SCRIPT, ...files], { maxBuffer: 64 * 1024 * 1024 });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as readonly Step[]);
}

/** Recorded stays, replayed by the command line to a service whose time is that of its readings. */
function defineRecordedStays(name: string, seconds: number, start: () => Promise<Service>): void {
  describe(`recorded stays in the ${name} profile`, () => {
    const folder = sharedPath(FOLDER);
    const stays =
      folder === null
        ? []
        : readdirSync(folder)
            .flatMap((file) => /^(p\d+)\.psv$/.exec(file)?.[1] ?? [])
            .sort();
    let service: Service;
    let scratch: string;
    beforeAll(async () => {
      await ensureBuilt();
      scratch = await mkdtemp(join(tmpdir(), "vitalome-stays-"));
      service = await start();
      const people = ["septic", ...stays].map((id) => ({ resourceType: "Patient", id, birthDate: "1950-06-15" }));
      const file = join(scratch, "people.ndjson");
      await writeFile(file, people.map((person) => `${JSON.stringify(person)}\n`).join(""));
      expect((await service.cli("ingest-clinical", file)).code).toBe(0);
      await service.query(
        `mutation { setSource(id: "chart", kind: SPOT_CHECK, staleAfter: "PT2H", reason: "hourly") { id } }`,
      );
    }, seconds * 1_000);
    afterAll(async () => {
      await service.stop();
      await removeFolder(service.directory);
      await removeFolder(scratch);
    });

    async function replay(path: string, patients: readonly string[], at: number, speed: number): Promise<void> {
      const options = ["--as", patients.join(), "--source", "chart", "--clock", "input", "--speed", String(speed)];
      const run = await service.cli("replay", path, ...options, "--start", iso(at), "--output", "json");
      expect({ code: run.code, stderr: run.stderr }).toMatchObject({ code: 0 });
      // What is due behind the charts is told by the next reading, one no rule looks at.
      const close = iso(at + CLOSE_HOURS * HOUR);
      const lines = patients.map((patientId) =>
        JSON.stringify({ patientId, code: "29463-7", value: 80, unit: "kg", eventTime: close, receivedAt: close }),
      );
      const file = join(scratch, `${patients[0] ?? ""}-close.ndjson`);
      await writeFile(file, lines.join("\n"));
      expect((await service.cli("observe", file, "--source", "chart")).code).toBe(0);
      await quiet(() => service);
    }

    /** Beginnings and ends of a patient's alerts before the last reading. */
    async function stepsOf(patientId: string, first: number): Promise<readonly Step[]> {
      interface Page {
        readonly alerts: {
          readonly nodes: readonly (Told & { readonly history: readonly Happened[] })[];
          readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
        };
      }
      const document = `query Told($ids: [ID!], $after: Cursor) { alerts(patientIds: $ids, first: 100, after: $after) {
        nodes { ruleId code { code } history { reason at } } pageInfo { endCursor hasNextPage } } }`;
      const steps: Step[] = [];
      for (let after: string | null = null, more = true; more;) {
        const { alerts }: Page = await service.query<Page>(document, { ids: [patientId], after });
        steps.push(...alerts.nodes.flatMap((told) => told.history.flatMap((one) => stepOf(told, one, first))));
        after = alerts.pageInfo.endCursor;
        more = alerts.pageInfo.hasNextPage;
      }
      return steps;
    }

    itShared(
      "raise and end, each of them, what a script worked out from their charts",
      async () => {
        const at = Date.UTC(2026, 0, 1);
        await replay(requireShared(FOLDER), stays, at, 360_000_000);
        const wanted = await workedOut(stays);
        const found: Record<string, readonly string[]> = {};
        for (const stay of stays) found[stay] = inOrder(await stepsOf(stay, at));
        process.stderr.write(`stays: ${String(stays.length)}, ${String(wanted.flat().length)} steps of alerts\n`);
        expect(found).toEqual(Object.fromEntries(stays.map((stay, index) => [stay, inOrder(wanted[index] ?? [])])));
      },
      seconds * 1_000,
    );

    itShared(
      `raise live, at ${String(SPEED)} times the speed, what the script worked out`,
      async () => {
        const at = Date.UTC(2026, 5, 1);
        const [wanted = []] = await workedOut([SEPTIC]);
        const enough = new AbortController();
        const followed: { readonly one: Followed; readonly heardAt: number }[] = [];
        const following = (async () => {
          const options = { url: service.url, token: service.token, query: LIVE, webSocket: WebSocket };
          for await (const one of follow({ ...options, signal: enough.signal }))
            followed.push({ one, heardAt: Date.now() });
        })();
        while (followed.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
        const began = Date.now();
        await replay(requireShared(`${FOLDER}/${SEPTIC}.psv`), ["septic"], at, SPEED);
        const lived = Date.now() - began;
        const told = followed.flatMap(({ one, heardAt }) => {
          if (one.kind !== "event") return [];
          const { alert, transition } = one.event as unknown as { readonly alert: Told; readonly transition: Happened };
          return stepOf(alert, transition, at).map((step) => ({ step, afterMs: heardAt - began }));
        });
        enough.abort(new Error("the replay is over"));
        await following;
        expect(inOrder(told.map(({ step }) => step))).toEqual(inOrder(wanted));
        expect(inOrder(await stepsOf("septic", at))).toEqual(inOrder(wanted));
        // Rows came as they were due, and nothing was told before its row; only what is due behind the last is told early.
        const behind = told
          .filter(({ step: [, , , seconds] }) => seconds <= LAST_ROW)
          .map(({ step: [, , , seconds], afterMs }) => afterMs - (seconds * 1_000) / SPEED);
        expect(Math.min(...behind)).toBeGreaterThanOrEqual(0);
        process.stderr.write(`stays: ${String(told.length)} steps live in ${String(lived)} ms, `);
        process.stderr.write(`at most ${String(Math.max(...behind))} ms behind\n`);
      },
      seconds * 1_000,
    );
  });
}

const INPUT = { VITALOME_CLOCK: "input" };

defineRecordedStays("embedded", 600, () => startService(undefined, ["--no-demo"], INPUT));

defineRecordedStays("cluster", 900, async () => {
  const cluster = clusterEnvironment(await stackForTests(), `stays-${randomBytes(4).toString("hex")}`);
  return startService(undefined, ["--no-demo"], { ...cluster, ...INPUT });
});
