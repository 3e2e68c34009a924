/** Every topic with its partition count, fixed for ever: the partition of a key must never move. */
export const TOPICS = {
  "vitals.observed.v1": 4,
  "labs.observed.v1": 4,
  "vitals.accepted.v1": 4,
  "observations.rejected.v1": 4,
  "vitals.windowed.v1": 4,
  "alert.commanded.v1": 4,
  "alert.transitioned.v1": 4,
  "job.commanded.v1": 1,
  "job.changed.v1": 1,
  "dataset.published.v1": 1,
  "audit.recorded.v1": 4,
  "worker.state.v1": 4,
  "registry.changed.v1": 1,
} as const;

export type Topic = keyof typeof TOPICS;

export function isTopic(name: string): name is Topic {
  return Object.hasOwn(TOPICS, name);
}
