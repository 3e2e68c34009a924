/** Judges from heartbeats seen, and from when the lake could be read, whether a driver is gone. */
export interface Silence {
  /** The lake was read at `now` and held this heartbeat; `at` by the driver's clock. Milliseconds since the epoch. */
  see(now: number, at: number): void;
  /** The lake could not be read at `now`: a driver cannot have written to it either. */
  blind(now: number): void;
  /** It has been silent for `limitMs`, and not because nobody could hear it. */
  isDead(now: number, limitMs: number): boolean;
}

/** An old heartbeat that is seen for the first time is watched for so long: the whole lake may have been away. */
const WATCH_MS = 15_000;

export function createSilence(): Silence {
  let beat: number | null = null;
  /** When it could have changed and had not. */
  let since = 0;
  let watchedFrom = 0;
  return {
    see(now, at) {
      if (beat === at) return;
      // Of the first one only the driver's clock tells how old it is.
      since = beat === null ? Math.min(now, at) : now;
      if (beat === null) watchedFrom = now;
      beat = at;
    },
    blind(now) {
      watchedFrom = now;
    },
    isDead: (now, limitMs) => beat !== null && now - since > limitMs && now - watchedFrom > WATCH_MS,
  };
}
