import type { Clock } from "../clock.js";
import { VitalomeError, isVitalomeError } from "../errors.js";
import type { Log } from "../log.js";
import type { Readiness } from "../server/http.js";

type State = Readiness["dependencies"][string];

/** Asks one system something small; answers what there is to say of it, or how it is where answering is not all. */
export type Probe = (signal: AbortSignal) => Promise<string | State>;

export interface Health {
  /** The last answer of each probe; one that has not answered in time is out of reach. */
  dependencies(): Readiness["dependencies"];
  close(): void;
}

const EVERY_MS = 2_000;
const LIMIT_MS = 5_000;

/**
 * Asks each system every two seconds, so that `/readyz` tells the truth of a few seconds ago and never waits. The log is told
 * when one is not well and when it is well again, not each time it was asked.
 */
export function watchHealth(probes: Readonly<Record<string, Probe>>, clock: Clock, log: Log): Health {
  const stop = new AbortController();
  const states = new Map<string, State>(
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
      if (wasThere && !state.ok) log.warn({ dependency: name, detail: state.detail }, "a dependency is not well");
      if (!wasThere && state.ok) log.warn({ dependency: name }, "a dependency is well again");
      asked.add(name);
      states.set(name, state);
      await clock.sleep(EVERY_MS, stop.signal).catch(() => undefined);
    }
  }

  async function ask(probe: Probe): Promise<State> {
    const late = new AbortController();
    const silent = clock.sleep(LIMIT_MS, AbortSignal.any([stop.signal, late.signal])).then(
      () => Promise.reject(new VitalomeError("BACKEND_UNAVAILABLE", "no answer")),
      () => new Promise<never>(() => undefined),
    );
    try {
      const found = await Promise.race([probe(late.signal), silent]);
      return typeof found === "string" ? { ok: true, detail: found } : found;
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
