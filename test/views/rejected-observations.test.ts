import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { openGateway, type Gateway } from "../helpers/submissions.js";

let log: LiveLog;
let gateway: Gateway;
beforeEach(async () => {
  log = await openLiveLog();
  gateway = openGateway(log);
});
afterEach(async () => {
  gateway.close();
  await log.close();
});

const ALL = { source: null, submissionId: null };
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => String(from + at));

/** Rejections `from` to `to`, spread over the partitions, each a moment later than the last. */
async function reject(from: number, to: number, of: (n: number) => object = () => ({})): Promise<void> {
  for (let n = from; n <= to; n += 1) {
    log.clock.ahead(10);
    await gateway.reject({ rejectionId: String(n), ...of(n) }, `p${String(n)}`);
  }
}

/** Every page to the last. */
async function pages(filter: typeof ALL | object, first: number, mostRead?: number): Promise<string[][]> {
  const found: string[][] = [];
  let after: string | null = null;
  do {
    const page = await gateway.rejections(mostRead).list({ ...ALL, ...filter }, first, after);
    found.push(page.nodes.map(({ rejectionId }) => rejectionId));
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return found;
}

describe("rejected readings", () => {
  it("are none at first", async () => {
    const page = await gateway.rejections().list(ALL, 10, null);
    expect(page).toMatchObject({ nodes: [], pageInfo: { endCursor: null, hasNextPage: false } });
  });

  it("come in pages, the newest first over all partitions, each once", async () => {
    await reject(1, 50);
    const found = await pages(ALL, 7);
    expect(found.flat()).toEqual(numbers(1, 50).reverse());
    expect(found.map(({ length }) => length)).toEqual([7, 7, 7, 7, 7, 7, 7, 1]);
  });

  it("go on after any cursor, and what is rejected meanwhile changes no later page", async () => {
    await reject(1, 20);
    const { edges } = await gateway.rejections().list(ALL, 20, null);
    await reject(21, 30);
    for (const at of [0, 7, 18, 19]) {
      const { nodes, pageInfo } = await gateway.rejections().list(ALL, 20, edges[at]!.cursor);
      expect(nodes.map(({ rejectionId }) => rejectionId)).toEqual(numbers(1, 19 - at).reverse());
      expect(pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
    }
    expect((await pages(ALL, 1_000)).flat()).toEqual(numbers(1, 30).reverse());
  });

  it("can be those of one source or one submission", async () => {
    await reject(1, 30, (n) => ({ source: n % 2 === 0 ? "even" : "odd", submission: n % 3 === 0 ? "three" : null }));
    expect((await pages({ source: "even" }, 4)).flat()).toEqual(
      numbers(1, 30)
        .reverse()
        .filter((n) => Number(n) % 2 === 0),
    );
    expect((await pages({ source: "odd", submissionId: "three" }, 2)).flat()).toEqual(["27", "21", "15", "9", "3"]);
    expect(await pages({ source: "nobody" }, 2)).toEqual([[]]);
  });

  it("are looked for in bounded steps: a page may be short or empty, and the next goes on", async () => {
    await reject(1, 60, (n) => ({ source: n <= 3 ? "rare" : "common" }));
    const found = await pages({ source: "rare" }, 2, 1);
    expect(found.flat()).toEqual(["3", "2", "1"]);
  });

  it("are refused with a cursor of another list, and with a size that is none", async () => {
    await reject(1, 3);
    const { edges } = await gateway.rejections().list(ALL, 1, null);
    const other = gateway.rejections().list({ ...ALL, source: "ward" }, 1, edges[0]!.cursor);
    await expect(other).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    await expect(gateway.rejections().list(ALL, 0, null)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });
});
