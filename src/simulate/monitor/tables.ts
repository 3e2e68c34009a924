import tables from "../../../reference/simulated-vitals.json" with { type: "json" };

/** A measured quantity and how it moves. Sizes are in its unit. */
export interface Signal {
  readonly name: string;
  /** LOINC. */
  readonly code: string;
  /** UCUM. */
  readonly unit: string;
  readonly decimals: number;
  /** `sample`: as often as the monitor samples; else a name of `everySeconds`. */
  readonly every: string;
  /** Of people; `spread` is a standard deviation between them. */
  readonly mean: number;
  readonly spread: number;
  /** How much it moves with what other signals move with too. */
  readonly arousal: number;
  readonly breathing: number;
  /** How much it moves on its own. */
  readonly noise: number;
  readonly least: number;
  readonly most: number;
}

/** What happens to one bed for a while. */
export interface EpisodeKind {
  readonly note: string;
  /** How long it lasts unless told. */
  readonly seconds: number;
  /** Shares of its length in which it comes and goes; without them it is there at once, and gone at once. */
  readonly rise?: number;
  readonly fall?: number;
  /** By signal, at its height. */
  readonly changes?: Readonly<Record<string, number>>;
  /** Levels of consciousness from this share of its height on, rising. */
  readonly consciousness?: readonly { readonly from: number; readonly level: string }[];
  /** Inspired oxygen given from this share of its height on, rising. */
  readonly oxygen?: readonly { readonly from: number; readonly percent: number }[];
  /** Signals of which nothing is measured. */
  readonly silent?: readonly string[];
  /** What signals read instead. */
  readonly values?: Readonly<Record<string, number>>;
  readonly isMonitorSilent?: boolean;
  /** The monitor begins another session behind it. */
  readonly endsSession?: boolean;
  /** What is measured never arrives. */
  readonly isLost?: boolean;
  /** How far the monitor's clock is ahead. */
  readonly clockMs?: number;
}

export interface Wave {
  /** Between two points of the curve. */
  readonly seconds: number;
  readonly size: number;
}

export const SIGNALS: readonly Signal[] = tables.signals;
export const EPISODES: Readonly<Record<string, EpisodeKind>> = tables.episodes;
export const SHARED: Readonly<Record<"arousal" | "breathing", readonly Wave[]>> = tables.shared;
export const EVERY_SECONDS: Readonly<Record<string, number>> = tables.everySeconds;
export const FIRST_WITHIN_SECONDS = tables.firstWithinSeconds;
export const SPOT_CHECK = tables.spotCheck;
export const DELIVERY = tables.delivery;
export const LEAST_PULSE_PRESSURE = tables.leastPulsePressure;
