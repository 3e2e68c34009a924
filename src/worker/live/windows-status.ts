import { z } from "zod";
import type { EventLog, Files } from "../../backend/index.js";
import type { Clock } from "../../clock.js";
import { isVitalomeError } from "../../errors.js";
import { VITALS_ACCEPTED } from "../../ingest/streams/observation.js";

/** How the streaming job is that computes windows. */
export interface WindowsStatus {
  /**
   * As it said last; `silent`: it has not said anything for half a minute; `absent`: it never did. `failed` lasts until
   * somebody has acted.
   */
  readonly state: "waiting" | "running" | "failed" | "stopped" | "silent" | "absent";
  /** What it waits for, or what is to be done. */
  readonly message: string | null;
  /** Accepted readings it has not read, at most: offsets have holes. Null where nothing is known of it. */
  readonly behind: number | null;
  /** How long its last batch took, in milliseconds. */
  readonly batchMs: number | null;
  /** By partition of accepted readings, the next offset it reads: what lies below may go. */
  readonly next: ReadonlyMap<number, bigint>;
}

export interface WindowsStatusOptions {
  readonly files: Files;
  readonly eventLog: EventLog;
  readonly clock: Clock;
}

/** Written by `pyspark/stream/status.py`. */
const FILE = "checkpoints/windows-status.json";
/** It is written every five seconds. */
const LONGEST_SILENCE_MS = 30_000;
const READS = 5;

const said = z.object({
  at: z.number(),
  state: z.enum(["waiting", "running", "failed", "stopped"]),
  message: z.string().nullable(),
  batchMs: z.number().nullable(),
  next: z.record(z.string(), z.number()),
});

/** What it tells of itself, beside what the log says. Rejects while the store or the log is out of reach. */
export async function readWindowsStatus({ files, eventLog, clock }: WindowsStatusOptions): Promise<WindowsStatus> {
  const nothing = { message: null, behind: null, batchMs: null, next: new Map<number, bigint>() };
  const found = await readWhole(files);
  if (found === null) return { ...nothing, state: "absent" };
  const { at, state, message, batchMs, ...rest } = found;
  const next = new Map(Object.entries(rest.next).map(([partition, offset]) => [Number(partition), BigInt(offset)]));
  const isSilent = (state === "waiting" || state === "running") && clock.now() - at > LONGEST_SILENCE_MS;
  const ranges = await eventLog.positions(VITALS_ACCEPTED);
  const behind = ranges.reduce(
    (sum, { partition, start, end }) => sum + Number(end - (next.get(partition) ?? start)),
    0,
  );
  return { state: isSilent ? "silent" : state, message, behind: Math.max(0, behind), batchMs, next };
}

/** Null where there is none. It may be replaced while it is read: then it is read again. */
async function readWhole(files: Files): Promise<z.infer<typeof said> | null> {
  for (let attempt = 1; ; attempt += 1) {
    if ((await files.stat(FILE)) === null) return null;
    try {
      const chunks: Uint8Array[] = [];
      for await (const chunk of files.read(FILE)) chunks.push(chunk);
      return said.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    } catch (thrown) {
      const isReplaced = thrown instanceof SyntaxError || (isVitalomeError(thrown) && thrown.code === "NOT_FOUND");
      if (!isReplaced || attempt === READS) throw thrown;
    }
  }
}
