import type { Files, JobSpec } from "../../index.js";

/** What a driver tells through the lake. Whatever is half-way or foreign reads as absent. */
export interface RunFiles {
  /** Removes what an earlier attempt left, and leaves the specification. `exists`: another process was faster. */
  prepare(spec: JobSpec): Promise<"created" | "exists">;
  /** When it was submitted, in milliseconds since the epoch by the store's clock; null: never. */
  submittedAt(id: string): Promise<number | null>;
  hasResult(id: string): Promise<boolean>;
  removeResult(id: string): Promise<void>;
  failure(id: string): Promise<Failure | null>;
  writeFailure(id: string, failure: Failure): Promise<void>;
  heartbeat(id: string): Promise<Heartbeat | null>;
  /** Asks the driver to end. */
  writeCancel(id: string): Promise<void>;
  /** Oldest first; empty when there are none. */
  log(id: string): Promise<readonly string[]>;
  writeLog(id: string, lines: readonly string[]): Promise<void>;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
}

export interface Heartbeat {
  /** Milliseconds since the epoch, by the driver's clock. */
  readonly at: number;
  readonly fraction: number | null;
  readonly stage: string | null;
}

export function createRunFiles(files: Files): RunFiles {
  const at = (id: string, name: string): string => `runs/${id}/${name}`;

  async function readJson(path: string): Promise<unknown> {
    if ((await files.stat(path)) === null) return null;
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of files.read(path)) chunks.push(chunk);
      return JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown;
    } catch (thrown) {
      if (thrown instanceof SyntaxError || (thrown as { code?: unknown }).code === "NOT_FOUND") return null;
      throw thrown;
    }
  }

  async function writeJson(path: string, value: unknown): Promise<void> {
    await files.write(path, once(JSON.stringify(value)));
  }

  return {
    async prepare(spec) {
      await files.remove(`runs/${spec.id}`);
      await files.remove(`quarantine/${spec.id}`);
      return files.putIfAbsent(at(spec.id, "spec.json"), Buffer.from(JSON.stringify(spec)));
    },
    submittedAt: async (id) => (await files.stat(at(id, "spec.json")))?.modifiedAt ?? null,
    hasResult: async (id) => (await files.stat(at(id, "result.json"))) !== null,
    removeResult: async (id) => files.remove(at(id, "result.json")),
    async failure(id) {
      const value = asRecord(await readJson(at(id, "failure.json")));
      if (value === null) return null;
      return { code: textOf(value.code) ?? "EXECUTOR_ERROR", message: textOf(value.message) ?? "the job failed" };
    },
    writeFailure: async (id, failure) => writeJson(at(id, "failure.json"), failure),
    async heartbeat(id) {
      const value = asRecord(await readJson(at(id, "status.json")));
      if (typeof value?.heartbeatAt !== "number") return null;
      const { heartbeatAt, fraction, stage } = value;
      return { at: heartbeatAt, fraction: typeof fraction === "number" ? fraction : null, stage: textOf(stage) };
    },
    writeCancel: async (id) => writeJson(at(id, "cancel"), {}),
    async log(id) {
      const value = await readJson(at(id, "log.json"));
      return Array.isArray(value) ? value.filter((line) => typeof line === "string") : [];
    },
    writeLog: async (id, lines) => writeJson(at(id, "log.json"), lines),
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}
