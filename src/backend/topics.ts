/** Every topic with its partition count, fixed for ever: the partition of a key must never move. */
export const TOPICS = {
  "vitals.observed.v1": 4,
  "labs.observed.v1": 4,
  "vitals.accepted.v1": 4,
  "observations.rejected.v1": 4,
  "observations.counted.v1": 4,
  "observations.submitted.v1": 4,
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

/**
 * What may go when it is old, never before every consumer with a place in the topic has passed it, nor before it is in the tables
 * of every snapshot that can be read, where it becomes tables:
 * `old` what is old, but for the last event of a partition; `superseded` only what a later event of the same key
 * replaces; `passed` as `old`, once there is a consumer or a table: the log is the only place that holds it until then; `kept`
 * nothing: who changed what, and what held at a time, is asked for years later.
 */
export type Expiry = "old" | "superseded" | "passed" | "kept";

export const EXPIRY: Readonly<Record<Topic, Expiry>> = {
  "vitals.observed.v1": "old",
  "labs.observed.v1": "old",
  "vitals.accepted.v1": "passed",
  "observations.rejected.v1": "passed",
  "observations.counted.v1": "old",
  "observations.submitted.v1": "old",
  "vitals.windowed.v1": "old",
  "alert.commanded.v1": "old",
  "alert.transitioned.v1": "passed",
  "job.commanded.v1": "old",
  "job.changed.v1": "superseded",
  "dataset.published.v1": "old",
  "audit.recorded.v1": "passed",
  "worker.state.v1": "superseded",
  "registry.changed.v1": "kept",
};

export function isTopic(name: string): name is Topic {
  return Object.hasOwn(TOPICS, name);
}
