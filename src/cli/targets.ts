import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { Clock } from "../clock.js";
import { environment } from "../config.js";
import type { TakeLines } from "./deliver.js";
import { findEndpoint, type ConnectionOptions, type Endpoint } from "./client.js";
import { EXIT, failure, say } from "./output.js";
import { createLineSender } from "./send-lines.js";

/** Where simulated and replayed lines go. */
export interface Target {
  readonly take: TakeLines;
  close(): Promise<void>;
}

/** Standard output, or a file; a slow reader holds the writer back. */
export async function openLines(path: string | undefined): Promise<Target> {
  const stream = path === undefined ? process.stdout : createWriteStream(path);
  if (path !== undefined) {
    await once(stream, "open").catch((thrown: unknown) => {
      throw failure(EXIT.usage, `--out: cannot write ${path} (${(thrown as NodeJS.ErrnoException).code ?? ""})`);
    });
  }
  return {
    async take(text) {
      if (!stream.write(text)) await once(stream, "drain");
    },
    async close() {
      if (path === undefined) return;
      stream.end();
      await once(stream, "finish");
    },
  };
}

export interface ServiceOptions {
  readonly connection: ConnectionOptions;
  readonly endpoint: Endpoint;
  readonly source: string;
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A running service; one that was started again is found in its folder. */
export function openService({ connection, endpoint, ...options }: ServiceOptions): Target {
  let known: Endpoint | null = endpoint;
  let isAway = false;
  const sender = createLineSender({
    ...options,
    async target() {
      known ??= await findEndpoint(connection, environment()).catch(() => endpoint);
      return known;
    },
    onRetry(reason) {
      if (!isAway) say(`${reason}: trying again`);
      isAway = true;
      known = null;
    },
  });
  return {
    async take(text, key) {
      await sender.send(text, key);
      if (isAway) say("the service is back");
      isAway = false;
    },
    close: () => Promise.resolve(),
  };
}
