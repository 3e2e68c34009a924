import webhdfs, { type WebhdfsRequest } from "webhdfs";
import type { Clock } from "../../../clock.js";
import { HdfsFault, faultOf, isNothingThere, lostAnswer } from "./faults.js";
import { encodePath, type WebhdfsAddress } from "./address.js";
import { retrying, within, type HdfsLimits } from "./limits.js";

/** Other users of the cluster may read, Spark's Thrift server among them; the root's own mode decides who gets there. */
export const FOLDER_MODE = "0755";

/** One entry of the namespace. */
export interface HdfsStatus {
  /** Its last segment; empty for what was asked for itself. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly isFile: boolean;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
  /** Stays the same when the file is renamed; no other file ever has it. */
  readonly fileId: number;
}

/** Calls of the NameNode about names. Each has a time limit, and is tried again while its fault may pass. */
export interface HdfsMetadata {
  /** Null when there is nothing. */
  stat(path: string): Promise<HdfsStatus | null>;
  /** Empty when there is nothing; the entry itself, with an empty name, for a file. */
  list(folder: string): Promise<readonly HdfsStatus[]>;
  /** Makes a folder and those above it; no error when it is there. */
  makeFolder(path: string, mode: string): Promise<void>;
  /** Removes a file, or a folder with all below; no error when there is nothing. */
  remove(path: string): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

export function createHdfsMetadata(address: WebhdfsAddress, clock: Clock, limits: HdfsLimits): HdfsMetadata {
  const { protocol, hostname, port, base, user, agent } = address;
  const client = webhdfs.createClient(
    { protocol: protocol.slice(0, -1), host: hostname, port, path: base, user },
    // Text, because the package looks into a parsed body without asking whether there is one, and throws where nobody
    // catches. No proxy: the underlying client takes one from the environment.
    { agent, json: false, followRedirect: false, proxy: null, timeout: limits.callMs },
  );

  /**
   * The package tells a refusal only by text, a 503 as a redirect, and `{"boolean": false}` not at all (T24 to T27): its
   * callback is ignored, and the answer taken from the request it returns.
   */
  async function ask(start: (ignore: () => void) => WebhdfsRequest): Promise<Answer> {
    return within(
      clock,
      limits.callMs,
      (signal) =>
        new Promise<Answer>((resolve, reject) => {
          const request = start(() => undefined);
          request.on("complete", (response: { readonly statusCode: number }, body: unknown) => {
            resolve({ status: response.statusCode, body: typeof body === "string" ? body : "" });
          });
          request.on("error", (error: unknown) => {
            reject(lostAnswer("the NameNode's connection failed", error));
          });
          signal.addEventListener("abort", () => {
            request.abort();
          });
        }),
    );
  }

  async function call(start: (ignore: () => void) => WebhdfsRequest): Promise<unknown> {
    return retrying(clock, limits, async () => {
      const { status, body } = await ask(start);
      if (status !== 200) throw faultOf(status, body);
      try {
        return JSON.parse(body) as unknown;
      } catch (thrown) {
        throw lostAnswer("the NameNode's answer is not JSON", thrown);
      }
    });
  }

  return {
    async stat(path) {
      return call((ignore) => client.stat(encodePath(path), ignore)).then(
        (answer) => parseStatus(memberOf(answer, "FileStatus")),
        nothingAs(null),
      );
    },

    async list(folder) {
      return call((ignore) => client.readdir(encodePath(folder), ignore)).then((answer) => {
        const statuses = memberOf(memberOf(answer, "FileStatuses"), "FileStatus");
        if (!Array.isArray(statuses)) throw new HdfsFault("LISTSTATUS answered no list");
        return statuses.map(parseStatus);
      }, nothingAs([]));
    },

    async makeFolder(path, mode) {
      const answer = await call((ignore) => client.mkdir(encodePath(path), mode, ignore));
      if (!isTrue(answer)) throw new HdfsFault("MKDIRS answered false");
    },

    async remove(path) {
      const answer = await call((ignore) => client.unlink(encodePath(path), true, ignore)).catch(nothingAs(true));
      // False is the answer for what is not there, and would be one for what cannot be removed.
      if (answer !== true && !isTrue(answer) && (await this.stat(path)) !== null)
        throw new HdfsFault("DELETE answered false");
    },
  };
}

function nothingAs<T>(value: T): (thrown: unknown) => T {
  return (thrown) => {
    if (isNothingThere(thrown)) return value;
    throw thrown;
  };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function isTrue(answer: unknown): boolean {
  return memberOf(answer, "boolean") === true;
}

function parseStatus(value: unknown): HdfsStatus {
  const { pathSuffix, type, length, modificationTime, fileId } = (value ?? {}) as Readonly<Record<string, unknown>>;
  // A number beyond 2^53 has lost its last digits on the way through JSON.
  const isExact = [length, modificationTime, fileId].every(Number.isSafeInteger);
  if (typeof pathSuffix !== "string" || typeof type !== "string" || !isExact)
    throw new HdfsFault("the NameNode's answer is not a file status");
  return {
    name: pathSuffix,
    isFolder: type === "DIRECTORY",
    isFile: type === "FILE",
    bytes: length as number,
    modifiedAt: modificationTime as number,
    fileId: fileId as number,
  };
}
