import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt } from "../helpers/built.js";
import { runCli, type CliRun } from "../helpers/service.js";
import { RESTART_TIMEOUT_MS, STACK_TIMEOUT_MS } from "../helpers/stack.js";

let root: string;
/** Programs that a machine has before anything of ours. */
let bare: string;

beforeAll(async () => {
  await ensureBuilt();
  root = await mkdtemp(join(tmpdir(), "vitalome-stack-cli-"));
  bare = join(root, "bin");
  await mkdir(bare);
  await symlink(process.execPath, join(bare, "node"));
  for (const name of ["readlink", "dirname", "sh"]) await symlink(`/usr/bin/${name}`, join(bare, name));
}, STACK_TIMEOUT_MS);

afterAll(async () => {
  await stack("down", "kafka", "--kill");
  await rm(root, { recursive: true, force: true });
}, RESTART_TIMEOUT_MS);

function stack(...args: string[]): Promise<CliRun> {
  return runCli(["stack", ...args, "--folder", join(root, "stack")]);
}

async function onBareMachine(programs: Readonly<Record<string, string>>): Promise<CliRun> {
  const folder = await mkdtemp(join(root, "programs-"));
  for (const [name, says] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\necho '${says}'\n`);
    await chmod(join(folder, name), 0o755);
  }
  const environment = { PATH: `${folder}:${bare}`, JAVA_HOME: "", XDG_CACHE_HOME: join(root, "cache") };
  return runCli(["stack", "up", "kafka", "--folder", join(root, "bare")], environment);
}

describe("stack on a machine that lacks something", () => {
  const java = 'openjdk version "17.0.15" 2025-04-15';
  const python = "Python 3.11.7";

  it.each([
    ["Java is missing", {}],
    ["Java is version 11", { java: 'openjdk version "11.0.2" 2019-01-15' }],
    ["Maven is missing", { java, python3: python }],
    ["Python is version 3.8.1", { java, mvn: "Apache Maven 3.8.7", python3: "Python 3.8.1" }],
  ])("says that %s and how to cure it, and ends with 78", async (fact, programs) => {
    const { code, stderr } = await onBareMachine(programs);
    expect(stderr).toContain(`CONFIG_INVALID: ${fact}`);
    expect(stderr).toContain("install ");
    expect(code).toBe(78);
  });
});

describe("stack", () => {
  it(
    "starts, starts nothing twice, tells its state, and stops",
    async () => {
      expect((await stack("status")).code).toBe(1);
      const first = await stack("up", "kafka", "--output", "json");
      expect(first.stderr).toContain("kafka");
      expect(first.code).toBe(0);
      const [found] = first.lines();
      expect(Object.keys(found!)).toEqual(
        expect.arrayContaining(["hdfs", "webhdfs", "kafka", "thrift", "user", "python", "jars", "processes"]),
      );

      const second = await stack("up", "kafka", "--output", "json");
      expect(second.stderr).toContain("nothing to do: it is up");
      expect(second.lines()[0]).toEqual(found);

      const up = await stack("status", "kafka", "--output", "json");
      expect(up.code).toBe(0);
      expect(up.lines()[0]).toMatchObject({ part: "kafka", state: "up", address: found!["kafka"] });
      expect((await stack("status", "--output", "text")).stdout).toMatch(/^namenode +down/m);
      expect((await stack("logs", "kafka")).stdout).toContain("Kafka Server started");

      expect((await stack("down")).stderr).toContain("stopped kafka");
      expect((await stack("status", "kafka")).code).toBe(1);
      expect((await stack("down")).stderr).toContain("nothing runs");
    },
    RESTART_TIMEOUT_MS,
  );

  it("refuses a part or an action that it does not have", async () => {
    expect((await stack("up", "zookeeper")).code).toBe(2);
    expect((await stack("explode")).code).toBe(2);
    expect((await stack("logs")).code).toBe(2);
  });
});
