import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSchema, parse, validate, type GraphQLSchema } from "graphql";
import { buildApiSchema } from "../../src/resolvers/build.js";
import { liveContext, openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { startTestServer, type Running } from "../server/running.js";

const CLIENT = resolve(import.meta.dirname, "../../clients/js");
const EXAMPLE = join(CLIENT, "examples/follow-alerts.mjs");

let schema: GraphQLSchema;
let log: LiveLog;
let running: Running;
let folder: string;
beforeAll(async () => {
  schema = await buildApiSchema();
  log = await openLiveLog();
  running = await startTestServer({ schema, clock: log.clock, contextFor: liveContext(log, 1_000) });
  // As an application has it: the package among its modules.
  folder = await mkdtemp(join(tmpdir(), "vitalome-client-"));
  await mkdir(join(folder, "node_modules/@vitalome"), { recursive: true });
  await symlink(CLIENT, join(folder, "node_modules/@vitalome/client"));
});
afterAll(async () => {
  await running.stop();
  await log.close();
  await rm(folder, { recursive: true });
});

const queriesIn = (text: string): string[] => [...text.matchAll(/query: `(.*?)`/gs)].map(([, query = ""]) => query);

describe("the client's documents", () => {
  it("ask in the README and the example only what the schema answers", async () => {
    const asked = [join(CLIENT, "README.md"), EXAMPLE].map((path) => readFile(path, "utf8"));
    const emitted = buildSchema(await readFile(resolve(CLIENT, "../../schema.graphql"), "utf8"));
    for (const text of await Promise.all(asked)) {
      expect(queriesIn(text)).toHaveLength(1);
      for (const query of queriesIn(text)) expect(validate(emitted, parse(query))).toEqual([]);
    }
  });

  it("name every option there is", async () => {
    const types = await readFile(join(CLIENT, "src/index.d.ts"), "utf8");
    const [options = ""] = /interface FollowOptions \{.*?\n\}/s.exec(types) ?? [];
    const readme = await readFile(join(CLIENT, "README.md"), "utf8");
    const names = [...options.matchAll(/readonly (\w+)\??:/g)].map(([, name = ""]) => name);
    for (const name of names.filter((one) => !["query", "variables", "clock"].includes(one)))
      expect(readme).toContain(`| \`${name}\``);
  });
});

describe("the example", () => {
  it("is a program that follows, keeps its cursor, and goes on there", async () => {
    const cursor = join(folder, "cursor");
    // Run where the package is found; the query is of jobs, of which this service tells.
    const text = (await readFile(EXAMPLE, "utf8"))
      .replace(/alerts\(after: \$after, minPriority: MEDIUM\)/, "jobUpdates(after: $after)")
      .replace("cursor sequence event", "cursor event")
      .replace(/\.\.\. on AlertChange \{.*\}/, "... on Job { id version }");
    const runUntil = async (wanted: number): Promise<string[]> => {
      const args = ["--input-type=module", "-", running.server.url, await running.token(), cursor];
      const child = spawn(process.execPath, args, {
        cwd: folder,
        env: { ...process.env, NODE_OPTIONS: "" },
        stdio: ["pipe", "pipe", "inherit"],
      });
      child.stdin.end(text);
      let out = "";
      const ended = once(child, "close");
      await new Promise<void>((done) => {
        const check = async (): Promise<void> => {
          if (out.split("\n").length > wanted && (await readFile(cursor, "utf8").catch(() => "")) !== "") done();
          else setTimeout(() => void check(), 20);
        };
        child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
        child.once("close", () => {
          done();
        });
        void check();
      });
      child.kill("SIGINT");
      await ended;
      return out.split("\n").slice(0, -1);
    };
    expect(await runUntil(0)).toEqual([]);
    await log.change({ version: 1 }, { version: 2 });
    expect((await runUntil(2)).map((line) => JSON.parse(line) as object)).toMatchObject([
      { version: 1 },
      { version: 2 },
    ]);
  });
});
