import { beforeAll, describe, expect, it } from "@jest/globals";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Stack } from "../../src/stack/index.js";
import { STACK_TIMEOUT_MS, stackForTests } from "../helpers/stack.js";

let stack: Stack;

beforeAll(async () => {
  stack = await stackForTests();
}, STACK_TIMEOUT_MS);

function hdfs(method: string, path: string, op: string, user = stack.user): Promise<Response> {
  return fetch(`${stack.webhdfs}/webhdfs/v1${path}?op=${op}&user.name=${user}`, { method });
}

describe("the stack of a test run", () => {
  it("has a folder in HDFS that belongs to the user who started it, and not to everyone", async () => {
    const answer = (await (await hdfs("GET", "/vitalome", "GETFILESTATUS")).json()) as {
      FileStatus: { owner: string; permission: string };
    };
    expect(answer.FileStatus).toMatchObject({ owner: stack.user, permission: "755" });
  });

  it("keeps a stranger from writing there", async () => {
    const answer = await hdfs("PUT", "/vitalome/stranger", "MKDIRS", "stranger");
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("AccessControlException");
  });

  it("stores and answers bytes through the DataNode", async () => {
    const path = `/vitalome/test-stack-${String(process.pid)}`;
    const answer = (await (await hdfs("PUT", path, "CREATE&noredirect=true")).json()) as { Location: string };
    // The DataNode's answer is not one that `fetch` accepts.
    const request = httpRequest(answer.Location, { method: "PUT" }).end("a genome");
    const [created] = (await once(request, "response")) as [IncomingMessage];
    expect(created.statusCode).toBe(201);
    expect(await (await hdfs("GET", path, "OPEN")).text()).toBe("a genome");
    await hdfs("DELETE", path, "DELETE");
  });

  it("names every part by an address on this machine alone", () => {
    for (const address of [stack.hdfs, stack.webhdfs, stack.kafka, stack.thrift]) {
      expect(address).toMatch(/^(?:\w+:\/\/)?127\.0\.0\.1:\d+$/);
    }
    expect(stack.jars.map((path) => path.replace(/^.*\/(\D+)-\d.*$/, "$1"))).toContain("kafka-clients");
  });

  it("is one and the same for all who ask", async () => {
    expect(await stackForTests()).toEqual(stack);
  });
});
