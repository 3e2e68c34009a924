import type { Clock } from "../../../clock.js";
import { operationUrl, type WebhdfsAddress } from "./address.js";
import { HdfsFault, faultOf, lostAnswer } from "./faults.js";
import { ask, open, readAnswer, send, type HttpAnswer, type HttpOptions } from "./http.js";
import { within, type HdfsLimits } from "./limits.js";

/** Blocks are as large as HDFS's default, whatever the installation's: the checksum depends on their size. */
export const BLOCK_BYTES = 128 * 1024 * 1024;

/** Contents and what the `webhdfs` package cannot ask. One attempt each: the caller knows what may be repeated. */
export interface HdfsContents {
  /** Creates or replaces a file; on its blocks' disks when it resolves. */
  create(path: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Exactly `length` bytes (more than 0) from `offset`, as they come: a body that ends before is a fault. */
  read(path: string, offset: number, length: number): AsyncIterable<Uint8Array>;
  /** False when the server said so in place of an exception. `NONE` never replaces, nor moves into a folder. */
  rename(from: string, to: string, option: "NONE" | "OVERWRITE"): Promise<boolean>;
  checksum(path: string): Promise<{ readonly algorithm: string; readonly bytes: string }>;
}

export function createHdfsContents(address: WebhdfsAddress, clock: Clock, limits: HdfsLimits): HdfsContents {
  const toNameNode: HttpOptions = { clock, waitMs: limits.callMs, agent: address.agent };
  const toDataNode: HttpOptions = { clock, waitMs: limits.idleMs };

  /** The DataNode that the NameNode names for an operation on contents. */
  async function dataNodeFor(
    method: string,
    operation: string,
    path: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<URL> {
    const answer = await ask(method, operationUrl(address, operation, path, parameters), toNameNode);
    if (answer.status !== 307 || answer.location === null) throw faultOf(answer.status, answer.body);
    const url = URL.canParse(answer.location) ? new URL(answer.location) : null;
    if (url === null || !/^https?:$/.test(url.protocol)) throw new HdfsFault("a redirect that is no HTTP URL");
    return url;
  }

  return {
    async create(path, content) {
      const url = await dataNodeFor("PUT", "CREATE", path, {
        overwrite: "true",
        blocksize: String(BLOCK_BYTES),
        createflag: "create,overwrite,sync_block",
      });
      const answer = await send("PUT", url, content, toDataNode);
      if (answer.status !== 201) throw faultOf(answer.status, answer.body);
    },

    async *read(path, offset, length) {
      const url = await dataNodeFor("GET", "OPEN", path, { offset: String(offset), length: String(length) });
      const stop = new AbortController();
      try {
        const { status, length: announced, response } = await open(url, toDataNode, stop.signal);
        // Only a 200 holds contents: a 503 page was once taken for a file (T24).
        if (status !== 200 && status !== 206) throw await refusalOf(readAnswer(response));
        if (announced !== null && announced !== length)
          throw lostAnswer(`HDFS announced ${String(announced)} bytes in place of ${String(length)}`);
        let left = length;
        const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
        while (left > 0) {
          const next = await within(clock, limits.idleMs, async () =>
            chunks.next().catch((thrown: unknown) => {
              throw lostAnswer("a body of HDFS was cut off", thrown);
            }),
          );
          if (next.done === true) throw lostAnswer("a body of HDFS ended early");
          left -= next.value.length;
          if (left < 0) throw lostAnswer("a body of HDFS is longer than announced");
          yield next.value;
        }
      } finally {
        stop.abort(lostAnswer("the reader went away"));
      }
    },

    async rename(from, to, option) {
      const url = operationUrl(address, "RENAME", from, { destination: to, renameoptions: option });
      const { status, body } = await ask("PUT", url, toNameNode);
      if (status !== 200) throw faultOf(status, body);
      // A server that does not know the option answers as without it: by a boolean, and false is no success (T26).
      return !/"boolean"\s*:\s*false/.test(body);
    },

    async checksum(path) {
      const url = await dataNodeFor("GET", "GETFILECHECKSUM", path);
      const { status, body } = await ask("GET", url, toDataNode);
      if (status !== 200) throw faultOf(status, body);
      try {
        const { algorithm, bytes } = (JSON.parse(body) as { FileChecksum: Record<string, unknown> }).FileChecksum;
        return { algorithm: String(algorithm), bytes: String(bytes) };
      } catch (thrown) {
        throw lostAnswer("the DataNode's answer is not a checksum", thrown);
      }
    },
  };

  async function refusalOf(answer: Promise<HttpAnswer>): Promise<HdfsFault> {
    const { status, body } = await within(clock, limits.idleMs, async () => answer);
    return faultOf(status, body);
  }
}
