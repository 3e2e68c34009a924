import type { Caller } from "./domain/caller.js";
import type { Log } from "./log.js";
import type { AlertView } from "./views/alert.js";
import type { AnnotationView } from "./views/annotation.js";
import type { BacktestView } from "./views/backtest.js";
import type { CallSetView } from "./views/call-set.js";
import type { DatasetView } from "./views/dataset.js";
import type { ExportView } from "./views/export.js";
import type { JobView } from "./views/job.js";
import type { ScoreView } from "./views/news2.js";
import type { ObservationView } from "./views/observation.js";
import type { PatientView } from "./views/patient.js";
import type { RegisteredView } from "./views/registered.js";
import type { RejectedObservationsView } from "./views/rejected-observations.js";
import type { SubmissionView } from "./views/submission.js";
import type { VariantView } from "./views/variant.js";
import type { VitalView } from "./views/vital.js";

/** What `serviceInfo` says. */
export interface ServiceFacts {
  readonly apiVersion: string;
  readonly schemaHash: string;
  readonly snapshotId: string;
  readonly profile: string;
  readonly annotationSources: readonly {
    readonly name: string;
    readonly version: string;
    readonly releasedAt: number | null;
  }[];
  readonly intendedUse: string;
}

/** What one request may touch. Views are made for the caller; their loaders live as long as the request. */
export interface RequestContext {
  readonly caller: Caller;
  readonly requestId: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly variants: VariantView;
  readonly callSets: CallSetView;
  readonly annotations: AnnotationView;
  readonly patients: PatientView;
  readonly observations: ObservationView;
  readonly submissions: SubmissionView;
  readonly rejections: RejectedObservationsView;
  readonly registered: RegisteredView;
  readonly vitals: VitalView;
  readonly scores: ScoreView;
  readonly alerts: AlertView;
  readonly jobs: JobView;
  readonly exports: ExportView;
  readonly backtests: BacktestView;
  readonly datasets: DatasetView;
  service(): Promise<ServiceFacts>;
}
