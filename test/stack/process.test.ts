import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/clock.js";
import { ensurePython, startStack, stopStack, type Stack } from "../../src/stack/index.js";
import { identify, isRunning } from "../../src/stack/process/identity.js";
import { writeRecord } from "../../src/stack/process/record.js";
import { withLock } from "../../src/stack/process/wait-lock.js";
import { openFolder } from "../../src/stack/folder.js";
import { choosePorts } from "../../src/stack/ports.js";
import { fill } from "../../src/stack/servers/template.js";

let folder: string;
let child: ChildProcess | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-stack-"));
});

afterEach(async () => {
  child?.kill("SIGKILL");
  child = null;
  await rm(folder, { recursive: true, force: true });
});

async function startChild(script: string): Promise<number> {
  child = spawn(process.execPath, ["-e", `${script}; console.log("ready"); setInterval(() => 0, 1000)`], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(child.stdout!, "data");
  return child.pid!;
}

async function recordOf(part: "kafka"): Promise<string> {
  return (await openFolder(folder)).processFile(part);
}

describe("a stack that is up", () => {
  it("gives jobs the Python of the requirements of today, and leaves its ports and processes alone", async () => {
    const { stackFile } = await openFolder(folder);
    const options = { folder, environment: process.env, clock: systemClock, say: () => undefined };
    const python = await ensurePython(options);
    const ports = await choosePorts();
    const old: Stack = {
      ...{ hdfs: "hdfs://127.0.0.1:1", webhdfs: "http://127.0.0.1:2", kafka: "127.0.0.1:3", thrift: "127.0.0.1:4" },
      ...{ user: "somebody", python: "/of/last/year/python", jars: [], processes: {}, ports },
    };
    await writeFile(stackFile, JSON.stringify(old));
    const { stack, started } = await startStack(options, []);
    expect(started).toEqual([]);
    const jars = [expect.stringContaining("kafka-clients")];
    const wanted = { ...old, python: python.program, jars: expect.arrayContaining(jars) };
    expect(stack).toEqual(wanted);
    expect(JSON.parse(await readFile(stackFile, "utf8"))).toEqual(wanted);
  }, 600_000);
});

describe("stopping", () => {
  it("leaves a process alone that only has the id of one of ours", async () => {
    const pid = await startChild("");
    await writeRecord(await recordOf("kafka"), { pid, began: "another time" });
    expect(await stopStack({ folder, clock: systemClock, graceMs: 0 })).toEqual([]);
    expect(await identify(pid)).not.toBeNull();
  });

  it("ends a process that does not heed SIGTERM", async () => {
    const identity = (await identify(await startChild("process.on('SIGTERM', () => 0)")))!;
    await writeRecord(await recordOf("kafka"), identity);
    expect(await stopStack({ folder, clock: systemClock, graceMs: 300 })).toEqual(["kafka"]);
    expect(await isRunning(identity)).toBe(false);
  });

  it("makes no folder where there is none", async () => {
    expect(await stopStack({ folder: join(folder, "none"), clock: systemClock })).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("the lock", () => {
  it("lets one in at a time", async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await systemClock.sleep(20);
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withLock(join(folder, "lock"), systemClock, work)));
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it("is taken over from a holder that is gone", async () => {
    const path = join(folder, "lock");
    await writeFile(path, JSON.stringify({ pid: process.pid, began: "another time" }));
    expect(await withLock(path, systemClock, async () => JSON.parse(await readFile(path, "utf8")) as object)).toEqual(
      await identify(process.pid),
    );
  });
});

describe("a folder", () => {
  it("is refused where its path would mean something else in a class path", async () => {
    await expect(openFolder(join(folder, "a b"))).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});

describe("ports", () => {
  it("are all different and below those of outgoing connections", async () => {
    const ports = Object.values(await choosePorts());
    expect(new Set(ports).size).toBe(ports.length);
    for (const port of ports) expect(port).toBeLessThan(32_768);
  });
});

describe("a template", () => {
  it("with a name that has no value is refused", () => {
    expect(fill("port={{port}}", { port: 1 })).toBe("port=1");
    expect(() => fill("port={{prot}}", { port: 1 })).toThrow("prot");
  });
});
