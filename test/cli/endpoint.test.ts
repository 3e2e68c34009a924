import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findEndpoint } from "../../src/cli/client.js";
import { EXIT } from "../../src/cli/output.js";

const STORED = { url: "http://127.0.0.1:4000/graphql", token: "stored" };
const GIVEN = { VITALOME_URL: "http://elsewhere:1/graphql", VITALOME_TOKEN: "given" };

let folder: string;
let empty: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-endpoint-"));
  empty = await mkdtemp(join(tmpdir(), "vitalome-endpoint-"));
  await writeFile(join(folder, "endpoint.json"), JSON.stringify(STORED));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await rm(empty, { recursive: true });
});

describe("the address and token of the service", () => {
  it("are the options, before the environment", async () => {
    const options = { url: "http://a/graphql", token: "b" };
    expect(await findEndpoint(options, GIVEN)).toEqual(options);
  });

  it("are the environment's where no option is given", async () => {
    expect(await findEndpoint({}, GIVEN)).toEqual({ url: GIVEN.VITALOME_URL, token: GIVEN.VITALOME_TOKEN });
  });

  it("are the ones a running service left in its folder, which goes before the environment when named", async () => {
    expect(await findEndpoint({}, { VITALOME_DATA: folder })).toEqual(STORED);
    expect(await findEndpoint({ data: folder }, GIVEN)).toEqual(STORED);
  });

  it("are never mixed so that a stored token goes to another address", async () => {
    await expect(findEndpoint({ url: "http://elsewhere:1/graphql", data: folder }, {})).rejects.toMatchObject({
      code: EXIT.usage,
    });
    expect(await findEndpoint({ url: STORED.url, data: folder }, {})).toEqual(STORED);
    expect(await findEndpoint({ token: "mine", data: folder }, {})).toEqual({ url: STORED.url, token: "mine" });
  });

  it("are asked for, with the ways to give them, where there are none", async () => {
    const missing = findEndpoint({}, { VITALOME_DATA: empty, VITALOME_URL: "", VITALOME_TOKEN: "" });
    await expect(missing).rejects.toMatchObject({ code: EXIT.usage, message: expect.stringContaining("--url") });
  });

  it("are out of reach where no service runs on the named folder", async () => {
    await expect(findEndpoint({ data: empty }, {})).rejects.toMatchObject({ code: EXIT.unreachable });
  });

  it("are refused where the address is none", async () => {
    await expect(findEndpoint({ url: "localhost", token: "t" }, {})).rejects.toMatchObject({ code: EXIT.usage });
  });
});
