import { VITALS_ACCEPTED } from "../../ingest/streams/observation.js";
import { readWindowsStatus, type WindowsStatus, type WindowsStatusOptions } from "./windows-status.js";

/** Watches the streaming job that computes windows: it keeps its place where the log does not know of it. */
export interface WindowsWatch {
  /** The first offset it has not read: it has to stay. Everything until it was first looked at; null where nobody reads. */
  needs(topic: string, partition: number): bigint | null;
  /** Looks anew, and says how the job is. Rejects while the store or the log is out of reach. */
  look(options: WindowsStatusOptions): Promise<{ readonly ok: boolean; readonly detail: string }>;
}

export function createWindowsWatch(): WindowsWatch {
  let next: ReadonlyMap<number, bigint> | null = null;
  return {
    needs(topic, partition) {
      if (topic !== VITALS_ACCEPTED) return null;
      return next === null ? 0n : (next.get(partition) ?? null);
    },
    async look(options) {
      const status = await readWindowsStatus(options);
      ({ next } = status);
      return { ok: status.state === "running" || status.state === "waiting", detail: describe(status) };
    },
  };
}

function describe({ state, message, behind, batchMs }: WindowsStatus): string {
  const lag = behind === null ? "" : `, ${String(behind)} readings behind`;
  const pace = batchMs === null ? "" : `, the last batch took ${String(batchMs)} ms`;
  const said: Readonly<Record<WindowsStatus["state"], string>> = {
    running: "runs",
    waiting: "waits",
    failed: "ended",
    stopped: "was stopped",
    silent: "says nothing any more",
    absent: "was never started",
  };
  return `the windows query ${said[state]}${message === null ? "" : `: ${message}`}${lag}${pace}`;
}
