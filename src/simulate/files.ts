import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { createBgzfWriter } from "../bgzf.js";

/** A file as written. */
export interface DemoFile {
  /** Below the folder, with `/`. */
  readonly path: string;
  readonly kind: "vcf" | "samples" | "fhir" | "annotations";
  /** Lines without the header. */
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  /** Of the text before compression: the same on every machine. */
  readonly textSha256: string;
}

export interface DemoWriter {
  /** Lines of text with their newlines; `rows` of them are records. */
  write(text: Buffer, rows: number): Promise<void>;
  end(): Promise<DemoFile>;
  /** Lets go of the file without finishing it. */
  abandon(): Promise<void>;
}

interface Sink {
  write(text: Buffer): Promise<void>;
  end(): Promise<void>;
  abandon(): Promise<void>;
}

const PIECE = 1 << 18;

/** A new file: VCF in BGZF, anything else as plain text. What it is given is written in pieces of a quarter MiB. */
export async function createDemoWriter(root: string, path: string, kind: DemoFile["kind"]): Promise<DemoWriter> {
  const stored = createHash("sha256");
  const text = createHash("sha256");
  let bytes = 0;
  let rows = 0;
  const onBytes = (piece: Buffer): void => {
    stored.update(piece);
    bytes += piece.length;
  };
  const target = join(root, ...path.split("/"));
  const sink = kind === "vcf" ? createBgzfWriter(target, onBytes) : await createTextSink(target, onBytes);
  let pending: Buffer[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    const piece = Buffer.concat(pending);
    pending = [];
    size = 0;
    text.update(piece);
    await sink.write(piece);
  };
  return {
    async write(given, records) {
      pending.push(given);
      size += given.length;
      rows += records;
      if (size >= PIECE) await flush();
    },
    async end() {
      await flush();
      await sink.end();
      return { path, kind, rows, bytes, sha256: stored.digest("hex"), textSha256: text.digest("hex") };
    },
    abandon: () => sink.abandon(),
  };
}

async function createTextSink(path: string, onBytes: (bytes: Buffer) => void): Promise<Sink> {
  const file = await open(path, "wx");
  return {
    async write(text) {
      onBytes(text);
      await file.writeFile(text);
    },
    async end() {
      await file.sync();
      await file.close();
    },
    abandon: () => file.close(),
  };
}
