import type { LoggedEvent } from "../../backend/index.js";

/** One event of a topic as it is handed to a job that cannot reach the log: a line of NDJSON. */
export type StagedEvent = Pick<LoggedEvent, "partition" | "offset" | "at" | "value">;

const NEWLINE = 0x0a;

/** Where the events of one topic lie for a job. */
export function stagedPath(jobId: string, topic: string): string {
  return `${stagedFolder(jobId)}/${topic}.ndjson`;
}

export function stagedFolder(jobId: string): string {
  return `runs/${jobId}/input`;
}

export function stagedLine({ partition, offset, at, value }: StagedEvent): string {
  return `${JSON.stringify({ partition, offset: String(offset), at, value })}\n`;
}

/** The events of a staged file, in its order. Holds one line more than it was given at once. */
export async function* readStaged(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StagedEvent> {
  let held: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const line = Buffer.concat([...held, chunk.subarray(from, end)]);
      held = [];
      from = end + 1;
      yield eventOf(line);
    }
    if (from < chunk.length) held.push(Uint8Array.from(chunk.subarray(from)));
  }
  if (held.length > 0) throw new Error("a staged file does not end with its last event");
}

function eventOf(line: Buffer): StagedEvent {
  const { partition, offset, at, value } = JSON.parse(line.toString("utf8")) as Omit<StagedEvent, "offset"> & {
    readonly offset: string;
  };
  return { partition, offset: BigInt(offset), at, value };
}
