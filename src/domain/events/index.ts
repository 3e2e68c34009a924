import type { AlertCommanded, AlertsHanded, AlertTransitioned, InputForwarded } from "./alert.js";
import type { AuditRecorded } from "./audit.js";
import type { DatasetPublished } from "./dataset.js";
import type { JobChanged, JobCommanded } from "./job.js";
import type {
  ObservationRejected,
  ObservationsCounted,
  ObservationsSubmitted,
  ObservedRecord,
  VitalAccepted,
  VitalWindowed,
} from "./observation.js";
import type { RegistryChanged, WorkerState } from "./state.js";

/** What each topic carries: the contract between whoever writes and whoever reads it, by version. */
export interface TopicEvents {
  readonly "vitals.observed.v1": ObservedRecord;
  readonly "labs.observed.v1": ObservedRecord;
  readonly "vitals.accepted.v1": VitalAccepted;
  readonly "observations.rejected.v1": ObservationRejected;
  readonly "observations.counted.v1": ObservationsCounted;
  readonly "observations.submitted.v1": ObservationsSubmitted;
  readonly "vitals.windowed.v1": VitalWindowed;
  readonly "alert.commanded.v1": AlertCommanded | AlertsHanded | InputForwarded;
  readonly "alert.transitioned.v1": AlertTransitioned;
  readonly "job.commanded.v1": JobCommanded;
  readonly "job.changed.v1": JobChanged;
  readonly "dataset.published.v1": DatasetPublished;
  readonly "audit.recorded.v1": AuditRecorded;
  readonly "worker.state.v1": WorkerState;
  readonly "registry.changed.v1": RegistryChanged;
}

export type TopicName = keyof TopicEvents;
