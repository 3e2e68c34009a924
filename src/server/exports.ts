import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Express, RequestHandler, Response } from "express";
import type { Caller } from "../domain/caller.js";
import { messageOf, systemCodeOf } from "../errors.js";
import type { Log } from "../log.js";
import { byteRange, type ByteRange } from "./byte-range.js";

/** The file of a complete export. It never changes. */
export interface ExportFile {
  /** What a client should call it. */
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
  read(range: ByteRange): AsyncIterable<Uint8Array>;
}

export interface Exports {
  /** NOT_FOUND while there is no such file; FORBIDDEN for who neither asked for it nor owns the store. */
  open(id: string, caller: Caller): Promise<ExportFile>;
}

export interface ExportRoutes {
  readonly exports: Exports;
  readonly authenticate: RequestHandler;
  readonly callerOf: (request: IncomingMessage) => Caller;
  readonly log: Log;
}

/** `GET` and `HEAD /exports/<job>`: the file of an export, whole or a range of it, straight from the store. */
export function addExports(app: Express, { exports, authenticate, callerOf, log }: ExportRoutes): void {
  app.get("/exports/:id", authenticate, async (request, response) => {
    const file = await exports.open(String(request.params["id"]), callerOf(request));
    const tag = `"${file.sha256}"`;
    // A date is not what names this file: whoever sends one gets the whole.
    const condition = request.header("if-range");
    const isAsked = request.method === "GET" && (condition === undefined || condition === tag);
    const range = isAsked ? byteRange(request.header("range"), file.bytes) : null;
    const isKnown = isNamed(request.header("if-none-match"), tag);
    const { offset, length } = typeof range === "object" && range !== null ? range : { offset: 0, length: file.bytes };
    const isSent = request.method === "GET" && !isKnown && range !== "unsatisfiable" && length > 0;
    // What cannot be read at all is an error with a body of its own.
    const content = isSent ? await begun(file.read({ offset, length })) : null;

    response.set({
      "accept-ranges": "bytes",
      "cache-control": "private, no-cache",
      "content-disposition": `attachment; filename="${file.name}"`,
      etag: tag,
    });
    if (isKnown) response.status(304).end();
    else if (range === "unsatisfiable")
      response
        .status(416)
        .set("content-range", `bytes */${String(file.bytes)}`)
        .end();
    else {
      response.set({ "content-type": file.mediaType, "content-length": String(length) });
      if (range !== null) {
        const last = String(offset + length - 1);
        response.status(206).set("content-range", `bytes ${String(offset)}-${last}/${String(file.bytes)}`);
      }
      if (content === null) response.end();
      else await send(content, response, log);
    }
  });
}

/** The same pieces, the first of them at hand. */
async function begun(content: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const pieces = content[Symbol.asyncIterator]();
  let next: IteratorResult<Uint8Array> = await pieces.next();
  return (async function* () {
    try {
      for (; next.done !== true; next = await pieces.next()) yield next.value;
    } finally {
      await pieces.return?.();
    }
  })();
}

/** A client that leaves ends the reading. What breaks on the way cuts the connection: a short body is never a whole one. */
async function send(content: AsyncIterable<Uint8Array>, response: Response, log: Log): Promise<void> {
  try {
    await pipeline(Readable.from(content, { objectMode: false }), response);
  } catch (thrown) {
    if (systemCodeOf(thrown) === "ERR_STREAM_PREMATURE_CLOSE") return;
    log.error({ cause: messageOf(thrown) }, "an export could not be sent to its end");
  }
}

function isNamed(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((given) => given.trim() === "*" || given.trim().replace(/^W\//, "") === tag);
}
