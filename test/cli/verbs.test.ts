import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { openKeyring } from "../../src/auth.js";
import { systemClock } from "../../src/clock.js";
import { ensureBuilt } from "../helpers/built.js";
import { runCli, startService, type Service } from "../helpers/service.js";
import { fault, startStandIn, TOKEN, type Answer, type Answers, type StandIn } from "./stand-in.js";

const BIN = resolve(import.meta.dirname, "../../bin/vitalome");
const VERBS = ["up", "demo", "fetch", "ingest", "query", "jobs", "clean-up", "watch", "token", "doctor"];

let folder: string;
let standIn: StandIn | null = null;
const services: Service[] = [];
beforeAll(async () => {
  await ensureBuilt();
  folder = await mkdtemp(join(tmpdir(), "vitalome-verbs-"));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(async () => {
  await standIn?.close();
  standIn = null;
  for (const service of services.splice(0)) {
    await service.kill();
    await rm(service.directory, { recursive: true, force: true });
  }
});

async function start(directory?: string): Promise<Service> {
  const service = await startService(directory);
  services.push(service);
  return service;
}

async function withStandIn(answers: Answers, ...args: string[]): ReturnType<typeof runCli> {
  standIn = await startStandIn(answers);
  return runCli(args, { VITALOME_URL: standIn.url, VITALOME_TOKEN: TOKEN });
}

/** A verb whose standard input is ours to write, and which we may signal. */
function startVerb(args: readonly string[]): ReturnType<typeof spawn> {
  const address = { VITALOME_URL: standIn?.url, VITALOME_TOKEN: TOKEN };
  return spawn(BIN, args, { env: { ...process.env, NODE_OPTIONS: "", ...address }, stdio: ["pipe", "pipe", "pipe"] });
}

describe("help", () => {
  it("lists every verb", async () => {
    const { stdout, code } = await runCli(["--help"]);
    expect(code).toBe(0);
    for (const verb of VERBS) expect(stdout).toMatch(new RegExp(`^  ${verb}\\b`, "m"));
  });

  it.each(VERBS)("of %s fits 40 lines and shows three examples whose options exist", async (verb) => {
    const { stdout } = await runCli([verb, "--help"]);
    expect(stdout.trimEnd().split("\n").length).toBeLessThanOrEqual(40);
    const [described = "", shown = ""] = stdout.split("Examples:");
    const examples = shown.split("\n").filter((line) => line.includes(`vitalome ${verb}`));
    expect(examples.length).toBeGreaterThanOrEqual(3);
    for (const [option] of shown.matchAll(/--[a-z-]+/g)) expect(described).toContain(`${option} `);
  });

  it.each([[["nonsense"]], [[]], [["query"]], [["jobs", "show"]], [["jobs", "paint", "x"]]])(
    "is pointed at, with 2, for %j",
    async (args) => {
      const run = await runCli(args, { VITALOME_URL: "http://127.0.0.1:9/graphql", VITALOME_TOKEN: TOKEN });
      expect(run.code).toBe(2);
      expect(run.stdout).toBe("");
      expect(run.stderr).not.toBe("");
    },
  );
});

describe("vitalome query", () => {
  const answer = { data: { answer: 42 } };

  it("prints the answer as it came, with 0", async () => {
    const run = await withStandIn({ Q: answer }, "query", "query Q { answer }", "--variables", '{"a":1}');
    expect(run).toMatchObject({ code: 0, stdout: `${JSON.stringify(answer)}\n`, stderr: "" });
    expect(standIn?.asked.operations[0]?.variables).toEqual({ a: 1 });
  });

  it("reads the document from a file", async () => {
    const path = join(folder, "question.graphql");
    await writeFile(path, "query Q { answer }");
    expect((await withStandIn({ Q: answer }, "query", `@${path}`)).stdout).toBe(`${JSON.stringify(answer)}\n`);
  });

  it("reads the document from standard input", async () => {
    standIn = await startStandIn({ Q: answer });
    const child = startVerb(["query", "-"]);
    let stdout = "";
    child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stdin?.end("query Q { answer }");
    expect(await once(child, "close")).toEqual([0, null]);
    expect(stdout).toBe(`${JSON.stringify(answer)}\n`);
  });

  it("ends with 130 on an interrupt, also while it waits for standard input", async () => {
    standIn = await startStandIn({});
    const child = startVerb(["query", "-"]);
    // More than a pipe holds: once it is taken, the verb is reading.
    await new Promise((done) => child.stdin?.write(" ".repeat(1 << 20), done));
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([130, null]);
  });

  it("prints errors too, and ends with 1; with 4 when it is not let in", async () => {
    const run = await withStandIn({ Q: fault("NOT_FOUND", "nothing") }, "query", "query Q { answer }");
    expect(run.code).toBe(1);
    expect(run.lines()[0]).toEqual(fault("NOT_FOUND", "nothing"));
    expect((await runCli(["query", "query Q { answer }", "--url", standIn?.url ?? "", "--token", "no"])).code).toBe(4);
  });

  it.each(["[1]", "{", "3"])("refuses %s for variables, with 2", async (variables) => {
    expect((await withStandIn({ Q: answer }, "query", "query Q { answer }", "--variables", variables)).code).toBe(2);
  });
});

describe("vitalome jobs", () => {
  const job = {
    id: "job-1",
    kind: "ingest-variants",
    state: "RUNNING",
    queuedAt: "2026-01-01T00:00:00.000Z",
    error: null,
  };

  it("lists every page, one JSON line per job in a pipe", async () => {
    const page = (after: unknown): Answer => ({
      data: {
        jobs: {
          nodes: [{ ...job, id: after === null ? "job-2" : "job-1" }],
          pageInfo: { hasNextPage: after === null, endCursor: "c" },
        },
      },
    });
    const run = await withStandIn({ List: ({ after }) => page(after) }, "jobs", "--state", "RUNNING");
    expect(run.lines().map(({ id }) => id)).toEqual(["job-2", "job-1"]);
    expect(standIn?.asked.operations.map(({ variables }) => variables["after"])).toEqual([null, "c"]);
    expect(standIn?.asked.operations[0]?.variables["state"]).toEqual(["RUNNING"]);
  });

  it("ends quietly when its reader goes away, however many pages there are", async () => {
    const page = { nodes: [job], pageInfo: { hasNextPage: true, endCursor: "c" } };
    standIn = await startStandIn({ List: { data: { jobs: page } } });
    const child = startVerb(["jobs"]);
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout?.once("data", () => child.stdout?.destroy());
    expect(await once(child, "close")).toEqual([0, null]);
    expect(stderr).toBe("");
  });

  it.each([
    ["show", "Show"],
    ["cancel", "Cancel"],
    ["retry", "Retry"],
  ])("%s asks for one job and prints it", async (verb, operation) => {
    const run = await withStandIn({ [operation]: { data: { job } } }, "jobs", verb, "job-1");
    expect(run).toMatchObject({ code: 0, stdout: `${JSON.stringify(job)}\n` });
    expect(standIn?.asked.operations[0]?.variables).toEqual({ id: "job-1" });
  });

  it("prints a job's log line by line", async () => {
    const run = await withStandIn({ Logs: { data: { job: { logTail: ["one", "two"] } } } }, "jobs", "logs", "job-1");
    expect(run.stdout).toBe("one\ntwo\n");
  });

  it("ends with 1 where there is no such job", async () => {
    const run = await withStandIn({ Show: { data: { job: null } } }, "jobs", "show", "job-9");
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("NOT_FOUND");
  });
});

describe("vitalome token", () => {
  beforeAll(async () => {
    await openKeyring(folder, systemClock);
  });

  it("makes no store where there is none", async () => {
    const wrong = join(folder, "typo");
    const run = await runCli(["token", "--data", wrong]);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toContain("holds no keys");
    expect(existsSync(wrong)).toBe(false);
    await mkdir(join(wrong, "keys"), { recursive: true, mode: 0o700 });
    expect((await runCli(["token", "--data", wrong])).code).toBe(2);
    expect(await readdir(wrong, { recursive: true })).toEqual(["keys"]);
  });

  it("prints a token the folder's key vouches for, of the role, subject and lifetime asked for", async () => {
    const run = await runCli([
      "token",
      "--data",
      folder,
      "--role",
      "operator",
      "--subject",
      "nightly",
      "--expires",
      "2h",
    ]);
    const keyring = await openKeyring(folder, systemClock);
    const caller = await keyring.verifyToken(run.stdout.trim());
    expect(caller).toMatchObject({ role: "operator", subject: "nightly" });
    expect(caller.tokenExpiresAt - Date.now()).toBeGreaterThan(7_100_000);
    expect(caller.tokenExpiresAt - Date.now()).toBeLessThanOrEqual(7_200_000);
  });

  it.each([
    ["--role", "god"],
    ["--expires", "soon"],
    ["--subject", " "],
  ])("refuses %s %s, with 2", async (option, value) => {
    expect((await runCli(["token", "--data", folder, option, value])).code).toBe(2);
  });
});

describe("vitalome doctor", () => {
  it("finds nothing at fault here, and makes nothing", async () => {
    const wanted = join(folder, "not", "yet");
    const run = await runCli(["doctor", "--data", wanted, "--port", "0"]);
    expect(run.code).toBe(0);
    expect(run.lines().map(({ check, ok }) => [check, ok])).toEqual(
      [
        "Node",
        "data folder",
        "disk",
        "clock",
        "keys",
        "catalogs",
        "event journal",
        "lock",
        "port",
        "DuckDB",
        "LMDB",
      ].map((check) => [check, true]),
    );
    expect(existsSync(join(folder, "not"))).toBe(false);
  });

  it("gives the cure for a port that is taken, and ends with 1", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const run = await runCli(["doctor", "--data", folder, "--port", String((taken.address() as AddressInfo).port)]);
    taken.close();
    expect(run.code).toBe(1);
    expect(run.lines().find(({ ok }) => ok === false)).toMatchObject({
      check: "port",
      cure: expect.stringContaining("--port"),
    });
  });

  it("names keys, a catalog and a journal that are damaged, changes nothing, and takes a catalog that is given up", async () => {
    const { directory: store, stop } = await start();
    expect(await stop()).toBe(0);
    const faults = async (): Promise<Record<string, unknown>[]> =>
      (await runCli(["doctor", "--data", store, "--port", "0"])).lines().filter(({ ok }) => ok === false);
    expect(await faults()).toEqual([]);
    const catalog = join(store, "snapshots", "000000000001.json");
    await mkdir(join(store, "snapshots"), { recursive: true });
    await writeFile(catalog, "torn");
    await writeFile(join(store, "keys", "secret"), "torn");
    const segment = join(store, "log", "journal", "00000001.log");
    const bytes = await readFile(segment);
    await writeFile(segment, bytes.fill(0, 0, 4));
    const before = await readdir(store, { recursive: true });
    const damage = await faults();
    expect(damage).toMatchObject([
      { check: "keys", found: expect.stringContaining("32 bytes"), cure: expect.stringContaining("restore") },
      {
        check: "catalogs",
        found: "snapshots/000000000001.json is damaged",
        cure: expect.stringContaining("000000000001.abandoned"),
      },
      { check: "event journal", found: expect.stringContaining("damaged"), cure: expect.stringContaining("backup") },
    ]);
    expect(await readdir(store, { recursive: true })).toEqual(before);
    await writeFile(catalog.replace(".json", ".abandoned"), "");
    expect((await faults()).map(({ check }) => check)).toEqual(["keys", "event journal"]);
    await rm(join(store, "keys", "secret"));
    expect(await faults()).toMatchObject([{ check: "keys", found: expect.stringContaining("gone") }, {}]);
    expect(await readdir(join(store, "keys"))).toEqual([]);
  });

  it("tells a lock that was left behind, and a clock that went back", async () => {
    const store = await mkdtemp(join(folder, "store-"));
    await writeFile(join(store, "lock"), "4194999\n1\n");
    await writeFile(join(store, "log"), "");
    await utimes(join(store, "log"), new Date(), new Date(Date.now() + 3_600_000));
    const run = await runCli(["doctor", "--data", store, "--port", "0"]);
    expect(run.code).toBe(1);
    expect(run.lines().find(({ check }) => check === "lock")).toMatchObject({
      ok: true,
      found: expect.stringContaining("gone"),
    });
    expect(run.lines().find(({ check }) => check === "clock")).toMatchObject({ ok: false });
  });
});

describe("vitalome up", () => {
  it.each([
    ["a cluster without all of its addresses", ["--profile", "cluster"], "KAFKA_BROKERS: "],
    ["a port that is none", ["--port", "http"], "VITALOME_PORT (--port)"],
  ])("ends with 78 for %s, says why, and makes no folder", async (_what, args, reason) => {
    const data = join(folder, "refused");
    const run = await runCli(["up", "--data", data, ...args], { HDFS_URL: "hdfs://127.0.0.1:9000" });
    expect(run).toMatchObject({ code: 78, stdout: "" });
    expect(run.stderr).toContain(reason);
    expect(existsSync(data)).toBe(false);
  });

  it("checks every setting before it starts a stack of its own", async () => {
    const data = join(folder, "no-stack");
    const none = { HDFS_WEBHDFS_URL: "", HDFS_URL: "", KAFKA_BROKERS: "", SPARK_THRIFT: "" };
    const args = ["up", "--data", data, "--profile", "cluster", "--port", "http"];
    const run = await runCli(args, { ...none, SPARK_DRIVER_MEMORY: "much" });
    expect(run).toMatchObject({ code: 78, stdout: "" });
    expect(run.stderr).toContain("VITALOME_PORT (--port)");
    expect(run.stderr).toContain("SPARK_DRIVER_MEMORY");
    expect(run.stderr).not.toContain("starting");
    expect(existsSync(data)).toBe(false);
  });

  it("keeps its address private, holds its folder alone, and a second start goes on", async () => {
    const first = await start();
    const endpoint = join(first.directory, "endpoint.json");
    expect((await stat(endpoint)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(endpoint, "utf8"))).toEqual({ url: first.url, token: first.token });
    const second = await runCli(["up", "--data", first.directory, "--port", "0"]);
    expect(second.code).toBe(78);
    expect(second.stderr).toContain("in use");
    const asked = await runCli(["query", "{ serviceInfo { profile } }", "--data", first.directory]);
    expect(asked.lines()[0]).toMatchObject({ data: { serviceInfo: { profile: "embedded" } } });
    expect(await first.stop()).toBe(0);
    expect(existsSync(endpoint)).toBe(false);
    const again = await start(first.directory);
    // A token of the first run still counts: the key is the folder's.
    const answer = await runCli(["query", "{ serviceInfo { profile } }", "--url", again.url, "--token", first.token]);
    expect(answer.code).toBe(0);
    expect(await again.stop()).toBe(0);
  });
});
