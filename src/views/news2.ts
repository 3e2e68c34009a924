import { news2, type News2Score } from "../domain/alert/news2.js";
import { news2Set, type News2Reading } from "../domain/alert/news2-set.js";
import { ageAt } from "../domain/alert/scope.js";
import type { Caller } from "../domain/caller.js";
import { policy } from "../policy.js";
import type { Registry } from "./registry.js";
import type { ServedPatient } from "./patient.js";
import type { LiveReading, VitalLayers } from "./vital-layers.js";
import { servedReading, type ServedObservation } from "./observation.js";
import type { HeldVitals } from "./vitals-held.js";

/** A score, when it holds, and the readings it rests on. */
export interface ServedScore extends News2Score {
  readonly at: number;
  /** In the order of the parameters; one reading may say two. */
  readonly readings: readonly ServedObservation[];
}

export interface ScoreView {
  /**
   * NEWS2 of the last live readings before a time that still counted then, by the plan in force then; `at` null: of now. Late
   * readings and corrections count as they are known today.
   */
  news2(patient: ServedPatient, at: number | null): Promise<ServedScore>;
}

export interface ScoreViewOptions {
  readonly caller: Caller;
  readonly held: HeldVitals;
  readonly registry: Pick<Registry, "knowledge" | "fold">;
  readonly clock: { now(): number };
}

type Kept = News2Reading & { readonly reading: LiveReading };

export function createScoreView({ caller, held, registry, clock }: ScoreViewOptions): ScoreView {
  const { knowledge, fold } = registry;

  function latest(layers: VitalLayers, patientId: string, code: string, at: number): Kept | null {
    const asked = { codes: [code], from: -Infinity, to: at + 1, includeErrors: false };
    for (const reading of layers.newestFirst(patientId, asked)) {
      const { eventId: id, effectiveTime, value, codedValue: coded, comparator, source } = reading;
      return { id, at: effectiveTime, value, coded, comparator, source, reading };
    }
    return null;
  }

  return {
    async news2({ id, row }, asked) {
      policy(caller, "observations");
      policy(caller, "patients");
      const [layers] = await Promise.all([held.open(), fold.ready()]);
      const at = asked ?? clock.now();
      const plan = knowledge.plan(id, at);
      const birthDate = typeof row["birth_date"] === "string" ? row["birth_date"] : null;
      const person = knowledge.person(id) ?? { id, birthDate, simulated: row["simulated"] === true };
      const set = news2Set<Kept>({
        latest: (code) => latest(layers, id, code, at),
        source: (name) => knowledge.source(name),
        at,
        staleAfterMs: null,
      });
      const used = Object.values(set.members).flatMap((member) =>
        member === undefined ? [] : [member.reading.reading],
      );
      return {
        ...news2(set.values, plan, ageAt(person, plan, at)),
        at,
        readings: [...new Set(used)].map((reading) => servedReading(reading, held, layers.reader)),
      };
    },
  };
}
