import type { Clock } from "../clock.js";
import { VitalomeError, isVitalomeError } from "../errors.js";
import type { Log } from "../log.js";
import type { Readiness } from "../server/http.js";

/** Asks one system something small; answers what there is to say of it. */
export type Probe = (signal: AbortSignal) => Promise<string>;

export interface Health {
  /** The last answer of each probe; one that has not answered in time is out of reach. */
  dependencies(): Readiness["dependencies"];
  close(): void;
}

const EVERY_MS = 2_000;
const LIMIT_MS = 5_000;

/**
 * Asks each system every two seconds, so that `/readyz` tells the truth of a few seconds ago and never waits. The log is told
 * when one goes out of reach and when it answers again, not each time it was asked.
 */
export function watchHealth(probes: Readonly<Record<string, Probe>>, clock: Clock, log: Log): Health {
  const stop = new AbortController();
  const states = new Map<string, { readonly ok: boolean; readonly detail: string }>(
    Object.keys(probes).map((name) => [name, { ok: false, detail: "not asked yet" }]),
  );
  const asked = new Set<string>();
  for (const [name, probe] of Object.entries(probes)) void watch(name, probe);

  async function watch(name: string, probe: Probe): Promise<void> {
    while (!stop.signal.aborted) {
      const state = await ask(probe);
      if (stop.signal.aborted) return;
      // That one answers is no news at the start.
      const wasThere = !asked.has(name) || states.get(name)?.ok === true;
      if (wasThere && !state.ok) log.warn({ dependency: name, detail: state.detail }, "a dependency is out of reach");
      if (!wasThere && state.ok) log.warn({ dependency: name }, "a dependency answers again");
      asked.add(name);
      states.set(name, state);
      await clock.sleep(EVERY_MS, stop.signal).catch(() => undefined);
    }
  }

  async function ask(probe: Probe): Promise<{ readonly ok: boolean; readonly detail: string }> {
    const late = new AbortController();
    const silent = clock.sleep(LIMIT_MS, AbortSignal.any([stop.signal, late.signal])).then(
      () => Promise.reject(new VitalomeError("BACKEND_UNAVAILABLE", "no answer")),
      () => new Promise<never>(() => undefined),
    );
    try {
      return { ok: true, detail: await Promise.race([probe(late.signal), silent]) };
    } catch (thrown) {
      return { ok: false, detail: isVitalomeError(thrown) ? thrown.message : "out of reach" };
    } finally {
      late.abort(new Error("asked"));
    }
  }

  return {
    dependencies: () => Object.fromEntries(states),
    close() {
      stop.abort(new Error("closed"));
    },
  };
}
