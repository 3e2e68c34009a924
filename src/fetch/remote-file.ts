import type { Clock } from "../clock.js";
import { VitalomeError, isVitalomeError } from "../errors.js";
import { plainUrl, unreachable, type Http, type HttpAnswer } from "./http.js";
import { RETRY, isPassing, waitBefore } from "./retry.js";

/** What tells one version of a file from another. */
export interface Identity {
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** Bytes; null where the server does not say. */
  readonly size: number | null;
}

export interface RemoteFile {
  readonly url: string;
  /** Of the first answer; null before it. Every later answer must agree, else CONFLICT. */
  identity(): Identity | null;
  /**
   * Bytes from `start` up to `end` (0-based, half-open; null is the end of the file), each once and in order. A cut
   * connection goes on where it broke, until attempts that bring nothing run out. Ends early only at the file's end.
   */
  read(start: number, end: number | null): AsyncGenerator<Buffer>;
}

export interface RemoteTools {
  readonly http: Http;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called with the bytes of each piece that arrives. */
  readonly onBytes: (bytes: number) => void;
}

export interface RemoteOptions {
  /** Most bytes of a file that is read from its start because the server ignores ranges; null where all is wanted. */
  readonly wholeLimit: number | null;
}

/** A part of a file is not worth more than this much of the rest. */
export const WHOLE_LIMIT = 64 << 20;

export function openRemote(
  { http, clock, signal, onBytes }: RemoteTools,
  url: string,
  { wholeLimit }: RemoteOptions,
): RemoteFile {
  let identity: Identity | null = null;
  const name = plainUrl(url);

  async function* read(start: number, end: number | null): AsyncGenerator<Buffer> {
    let at = start;
    let fruitless = 0;
    let gained = 0;
    for (;;) {
      signal.throwIfAborted();
      let retryAfter: string | null = null;
      let fault: unknown;
      try {
        const answer = await ask(at, end);
        if (isPassing(answer.status)) {
          retryAfter = answer.header("retry-after");
          answer.body.destroy();
          fault = new Error(`the server answered ${String(answer.status)}`);
        } else {
          for await (const piece of bodyOf(answer, at, end)) {
            at += piece.length;
            gained += piece.length;
            onBytes(piece.length);
            yield piece;
          }
          const stop = Math.min(end ?? Infinity, identity?.size ?? Infinity);
          if (stop === Infinity || at >= stop) return;
          fault = new Error("the connection was cut");
        }
      } catch (thrown) {
        if (signal.aborted) throw signal.reason;
        if (isVitalomeError(thrown)) throw thrown;
        fault = thrown;
      }
      fruitless = gained >= RETRY.progressBytes ? 1 : fruitless + 1;
      gained = 0;
      if (fruitless > RETRY.attempts) throw unreachable(url, fault);
      await clock.sleep(waitBefore(fruitless, retryAfter, clock.now(), url), signal);
    }
  }

  function ask(at: number, end: number | null): Promise<HttpAnswer> {
    const headers: Record<string, string> = {};
    if (at > 0 || end !== null) {
      headers["range"] = `bytes=${String(at)}-${end === null ? "" : String(end - 1)}`;
      const validator = strong(identity?.etag ?? null) ?? (identity?.etag == null ? identity?.lastModified : null);
      if (validator != null) headers["if-range"] = validator;
    }
    return http.get(url, headers, signal);
  }

  /** The wanted bytes of an answer, or the fault it tells. */
  async function* bodyOf(answer: HttpAnswer, at: number, end: number | null): AsyncGenerator<Buffer> {
    const { body, status } = answer;
    try {
      if (status === 416) throw pastEnd(name, at);
      if (status !== 200 && status !== 206) throw refused(name, status);
      pin(answer);
      const isWhole = status === 200;
      let skip = 0;
      if (isWhole) {
        if (at > 0 || end !== null) checkWhole();
        skip = at;
      } else if (rangeOf(answer)?.start !== at) {
        throw new VitalomeError("BAD_REQUEST", `${name}: the server answered another range than was asked for`);
      }
      let left = end === null ? Infinity : end - at;
      for await (const chunk of body as AsyncIterable<Buffer>) {
        const piece = chunk.subarray(Math.min(skip, chunk.length), Math.min(chunk.length, skip + left));
        skip = Math.max(0, skip - chunk.length);
        left -= piece.length;
        if (piece.length > 0) yield piece;
        if (left === 0) return;
      }
    } finally {
      body.destroy();
    }
  }

  /** A server that ignores ranges sends everything each time. */
  function checkWhole(): void {
    const size = identity?.size ?? null;
    if (wholeLimit === null || (size !== null && size <= wholeLimit)) return;
    throw new VitalomeError(
      "LIMIT_EXCEEDED",
      `${name}: the server ignores byte ranges, and the whole file ${size === null ? "may be huge" : `has ${String(size)} bytes`}: use a mirror that knows ranges (--base-url)`,
      { details: { limit: "bytes", max: wholeLimit, ...(size === null ? {} : { actual: size }) } },
    );
  }

  function pin(answer: HttpAnswer): void {
    const found = identityOf(answer);
    if (identity === null) identity = found;
    else if (!agree(identity, found)) {
      throw new VitalomeError("CONFLICT", `${name}: changed while it was read; run again`);
    }
  }

  return { url, identity: () => identity, read };
}

/** All of a small file. LIMIT_EXCEEDED past `limit` bytes. */
export async function readAll(file: RemoteFile, limit: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of file.read(0, null)) {
    bytes += piece.length;
    if (bytes > limit) {
      throw new VitalomeError("LIMIT_EXCEEDED", `${plainUrl(file.url)}: is larger than ${String(limit)} bytes`, {
        details: { limit: "bytes", max: limit },
      });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

export function identityOf(answer: HttpAnswer): Identity {
  const length = answer.header("content-length");
  const size = answer.status === 206 ? (rangeOf(answer)?.total ?? null) : length === null ? null : Number(length);
  return { etag: answer.header("etag"), lastModified: answer.header("last-modified"), size };
}

function rangeOf(answer: HttpAnswer): { readonly start: number; readonly total: number | null } | null {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.header("content-range") ?? "");
  return match === null ? null : { start: Number(match[1]), total: match[2] === "*" ? null : Number(match[2]) };
}

/** What either side does not say cannot disagree. */
function agree(known: Identity, found: Identity): boolean {
  const same = <T>(a: T | null, b: T | null): boolean => a === null || b === null || a === b;
  return (
    same(known.size, found.size) &&
    same(known.etag, found.etag) &&
    (known.etag !== null || same(known.lastModified, found.lastModified))
  );
}

/** `If-Range` takes no weak validator. Source: RFC 9110, 13.1.5. */
function strong(etag: string | null): string | null {
  return etag === null || etag.startsWith("W/") ? null : etag;
}

function pastEnd(name: string, at: number): VitalomeError {
  return at === 0
    ? new VitalomeError("INGEST_REJECTED", `${name}: is empty`)
    : new VitalomeError("CONFLICT", `${name}: ends before byte ${String(at)}; index and file do not belong together`);
}

function refused(name: string, status: number): VitalomeError {
  const text = `${name}: the server answered ${String(status)}`;
  if (status === 404 || status === 410) return new VitalomeError("NOT_FOUND", text);
  if (status === 401 || status === 403) return new VitalomeError("FORBIDDEN", text);
  return new VitalomeError("BAD_REQUEST", text);
}
