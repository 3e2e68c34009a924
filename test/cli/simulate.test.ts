import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ensureBuilt } from "../helpers/built.js";
import { runCli } from "../helpers/service.js";

const BIN = resolve(import.meta.dirname, "../../bin/vitalome");
const PSV = "HR|ICULOS|Weird\n72|1|5\n74|2|NaN\n";
const SMALL = ["--patients", "a,b", "--start", "2026-03-01T08:00:00Z", "--minutes", "1", "--seed", "7"];

let folder: string;
const closing: (() => unknown)[] = [];
beforeAll(ensureBuilt);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-simulate-"));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(folder, { recursive: true });
});

interface Intake {
  readonly url: string;
  readonly requests: { readonly path: string; readonly key: string; readonly lines: readonly string[] }[];
  /** Each line that was taken, by the keys under which it was. */
  taken(): string[];
}

/** Takes lines as the service does, each key once; `answer` may do otherwise for the n-th request. */
async function startIntake(
  answer: (n: number, response: ServerResponse) => boolean = () => false,
  port = 0,
): Promise<Intake> {
  const requests: { path: string; key: string; lines: string[] }[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const key = String(request.headers["idempotency-key"]);
      requests.push({ path: request.url ?? "", key, lines: text.split("\n").slice(0, -1) });
      if (answer(requests.length, response)) return;
      response.writeHead(202, { "content-type": "application/json" }).end('{"id":"s1"}');
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/graphql`,
    requests,
    taken: () => [...new Map(requests.map(({ key, lines }) => [key, lines])).values()].flat(),
  };
}

const fault = (response: ServerResponse, status: number, code: string, canRetry: boolean): true => {
  const errors = [{ message: "not now", extensions: { code, canRetry } }];
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ errors }));
  return true;
};

const to = ({ url }: { readonly url: string }): Record<string, string> => ({
  VITALOME_URL: url,
  VITALOME_TOKEN: "a.b.c",
});

describe("vitalome simulate", () => {
  it("prints NDJSON with the times as lived, and its report beside it; the same for the same seed and start", async () => {
    const LIVED = [...SMALL, "--poison", "3", "--clock", "input"];
    const first = await runCli(["simulate", "--to", "ndjson", ...LIVED]);
    expect(first.code).toBe(0);
    const report = JSON.parse(first.stderr) as Record<string, number>;
    expect(first.stdout.trimEnd().split("\n")).toHaveLength(report["lines"]!);
    expect(report).toMatchObject({ simulated: true, seed: 7, patients: ["a", "b"], late: 0, isInterrupted: false });
    expect(report["poisonous"]).toBeGreaterThan(0);
    const records = first.stdout.split("\n").flatMap((line) => {
      const times = /"eventTime":"([^"]+)".*"receivedAt":"([^"]+)"/.exec(line);
      return times === null ? [] : [times];
    });
    expect(records.some(([, eventTime = ""]) => eventTime > "2026-03-01T08:00:50Z")).toBe(true);
    for (const [, eventTime = "", receivedAt = ""] of records.filter(([line]) => !line.includes("yesterday")))
      expect(receivedAt >= eventTime).toBe(true);
    const file = join(folder, "vitals.ndjson");
    const written = await runCli(["simulate", "--to", "ndjson", "--out", file, ...LIVED]);
    expect(await readFile(file, "utf8")).toBe(first.stdout);
    expect(written.lines()).toMatchObject([{ lines: report["lines"] }]);
  });

  it("sends the same lines to a service, at the speed it was told, as a simulation of its source", async () => {
    const intake = await startIntake();
    const started = performance.now();
    const run = await runCli(["simulate", ...SMALL, "--speed", "60"], to(intake));
    expect(run.code).toBe(0);
    expect(performance.now() - started).toBeGreaterThan(900);
    expect(intake.requests.length).toBeGreaterThanOrEqual(3);
    for (const { path } of intake.requests) expect(path).toBe("/observations?source=simulator&simulated=true");
    expect(intake.taken()).toHaveLength(Number(run.lines()[0]?.["lines"]));
    const times = intake.taken().map((line) => (JSON.parse(line) as { eventTime: string }).eventTime);
    expect(times.every((time) => time < "2026-03-01T08:00:01.100Z")).toBe(true);
  });

  it("loses nothing and sends nothing under two names when answers are lost or the service is away", async () => {
    const intake = await startIntake((n, response) => {
      if (n === 1) return fault(response, 503, "BACKEND_UNAVAILABLE", true);
      if (n === 2) return fault(response, 429, "RATE_LIMITED", true);
      if (n !== 4) return false;
      // Taken, but nobody is told.
      response.destroy();
      return true;
    });
    const run = await runCli(["simulate", ...SMALL, "--speed", "60"], to(intake));
    expect(run.code).toBe(0);
    expect(run.stderr).toContain("BACKEND_UNAVAILABLE: not now: trying again");
    expect(run.stderr).toContain("the service is back");
    expect(intake.taken()).toHaveLength(Number(run.lines()[0]?.["lines"]));
    expect(new Set(intake.taken()).size).toBe(intake.taken().length);
    expect(intake.requests.length).toBeGreaterThan(4);
    const named = new Map<string, string>();
    for (const { key, lines } of intake.requests) {
      expect(named.get(lines.join("\n")) ?? key).toBe(key);
      named.set(lines.join("\n"), key);
    }
  });

  it("ends with 4 when the service does not come back, and with 1 at once when it refuses for good", async () => {
    const away = await runCli(["simulate", ...SMALL, "--patience", "0"], to({ url: "http://127.0.0.1:9/graphql" }));
    expect(away).toMatchObject({ code: 4, stdout: "" });
    expect(away.stderr).toContain("cannot reach");
    const intake = await startIntake((_n, response) => fault(response, 404, "NOT_FOUND", false));
    expect((await runCli(["simulate", ...SMALL], to(intake))).code).toBe(1);
    expect(intake.requests).toHaveLength(1);
  });

  it("stops cleanly when interrupted: what it reports is what was taken", async () => {
    const intake = await startIntake();
    const child = spawn(BIN, ["simulate", "--patients", "a,b", "--minutes", "0", "--output", "json"], {
      env: { ...process.env, NODE_OPTIONS: "", ...to(intake) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    while (intake.requests.length < 3) await new Promise((done) => setTimeout(done, 20));
    child.kill("SIGINT");
    expect((await once(child, "close"))[0]).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ isInterrupted: true, lines: intake.taken().length });
  });

  it("says with 2 what is wrong with an option", async () => {
    const cases: readonly (readonly [readonly string[], string])[] = [
      [["--episode", "sepsis:c"], "--episode: expected a bed p1 to p2"],
      [["--late", "200"], "--late: expected a share"],
      [["--out", "/nowhere/at/all"], "--out: cannot write"],
    ];
    const runs = await Promise.all(cases.map(([args]) => runCli(["simulate", "--to", "ndjson", ...SMALL, ...args])));
    for (const [index, [, message]] of cases.entries()) {
      expect(runs[index]).toMatchObject({ code: 2, stdout: "" });
      expect(runs[index]?.stderr).toContain(message);
    }
  });
});

describe("vitalome replay", () => {
  it("sends a recorded stay, says whose it is taken for, and accounts for its columns", async () => {
    const file = join(folder, "p1.psv");
    await writeFile(file, PSV);
    const intake = await startIntake();
    const run = await runCli(
      ["replay", file, "--as", "a", "--speed", "7200", "--start", "2026-03-01T08:00:00Z"],
      to(intake),
    );
    expect(run.code).toBe(0);
    expect(run.stderr).toContain("p1 as a: 2 of 5 values, 2 columns left out");
    expect(run.lines()).toMatchObject([
      {
        simulated: true,
        lines: 2,
        stays: [
          {
            stay: "p1",
            patientId: "a",
            values: 5,
            absent: 1,
            replayed: { HR: 2 },
            skipped: [{ column: "ICULOS" }, { column: "Weird" }],
          },
        ],
      },
    ]);
    expect(intake.requests[0]?.path).toBe("/observations?source=replay&simulated=true");
    expect(intake.taken().map((line) => JSON.parse(line) as object)).toMatchObject([
      { patientId: "a", value: 72, eventTime: "2026-03-01T08:00:00.000Z" },
      { patientId: "a", value: 74, eventTime: "2026-03-01T08:00:00.500Z" },
    ]);
  });

  it("names what it passes over in a folder, and what is wrong with a file or with --as", async () => {
    await writeFile(join(folder, "a.psv"), PSV);
    await writeFile(join(folder, "b.psv"), "HR|ICULOS\n72\n");
    const run = await runCli(["replay", folder, "--to", "ndjson"]);
    expect(run.code).toBe(0);
    expect(run.stderr).toContain("passed over: b.psv, line 2: expected 2 cells, found 1");
    expect(run.lines()).toHaveLength(2);
    const wrong = [[join(folder, "b.psv")], [join(folder, "c.psv")], [folder, "--as", "x,y"]];
    const runs = await Promise.all(wrong.map((args) => runCli(["replay", ...args, "--to", "ndjson"])));
    expect(runs.map(({ code }) => code)).toEqual([2, 2, 2]);
  });
});
