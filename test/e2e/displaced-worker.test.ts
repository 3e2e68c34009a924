import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createClusterFiles } from "../../src/backend/cluster/files.js";
import { systemClock } from "../../src/clock.js";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import { STACK_TIMEOUT_MS, clusterEnvironment, stackForTests } from "../helpers/stack.js";

const services: Service[] = [];
let sweep: () => Promise<void> = () => Promise.resolve();

beforeAll(async () => {
  const stack = await stackForTests();
  const corner = `displaced-${randomBytes(4).toString("hex")}`;
  const files = createClusterFiles({ ...stack, root: `/${corner}`, clock: systemClock });
  sweep = async () => {
    for (const folder of ["runs", "snapshots"]) await files.remove(folder);
  };
  // The later one takes the place.
  for (let count = 0; count < 2; count += 1)
    services.push(await startService(undefined, ["--no-demo"], clusterEnvironment(stack, corner)));
}, STACK_TIMEOUT_MS);
afterAll(async () => {
  for (const service of services) {
    await service.stop();
    await removeFolder(service.directory);
  }
  await sweep();
});

async function isAlive({ url }: Service): Promise<boolean> {
  return fetch(new URL("/livez", url)).then(
    ({ ok }) => ok,
    () => false,
  );
}

describe("two services of a cluster that both have a worker", () => {
  it("end as one: the first ends with 5 at the next command, which the second carries out", async () => {
    const [first, second] = services as [Service, Service];
    const run = await second.cli("clean-up", "--output", "json");
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.lines()).toEqual([expect.objectContaining({ dryRun: false, oldestReadable: "0", files: 0 })]);
    while (await isAlive(first)) await sleep(100);
    expect(await first.stop()).toBe(5);
    expect(await second.query('{ jobs(kind: "clean-up") { nodes { state } } }')).toEqual({
      jobs: { nodes: [{ state: "COMPLETE" }] },
    });
  });
});
