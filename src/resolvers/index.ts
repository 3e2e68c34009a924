import { AlertConnectionResolver, AlertResolver, PatientAlertResolver } from "./alert.js";
import { AlertCommandResolver } from "./alert-command.js";
import { AlertChangeResolver, AlertEventResolver, AlertStreamResolver } from "./alert-stream.js";
import {
  ClinicalSignificanceResolver,
  GeneResolver,
  VariantAnnotationResolver,
  VariantAnnotationsResolver,
  VariantFacetResolver,
} from "./annotation.js";
import { AnnotationJobResolver } from "./annotation-job.js";
import { BacktestResolver } from "./backtest.js";
import { CallSetResolver } from "./call-set.js";
import { CleanUpResolver } from "./clean-up.js";
import { ClinicalJobResolver } from "./clinical-job.js";
import { CohortResolver } from "./cohort.js";
import { ConsentResolver } from "./consent.js";
import { ExportResolver } from "./export.js";
import { IngestLedgerResolver, JobResolver } from "./job.js";
import { DatasetPublicationResolver, LiveResolver } from "./live.js";
import { News2Resolver } from "./news2.js";
import { ObservationResolver } from "./observation.js";
import { PatientConnectionResolver, PatientResolver } from "./patient.js";
import { GenotypePersonResolver, SampleLinkResolver } from "./sample-link.js";
import { ServiceResolver } from "./service.js";
import { RegisteredResolver } from "./registered.js";
import { AlertRuleResolver } from "./alert-rule.js";
import { SubmissionResolver } from "./submission.js";
import {
  GenotypeConnectionResolver,
  VariantConnectionResolver,
  VariantLookupResolver,
  VariantResolver,
} from "./variant.js";
import { VitalResolver } from "./vital.js";
import { VitalEventResolver, VitalStreamResolver } from "./vital-stream.js";

/** Every resolver of the schema. */
export const RESOLVERS = [
  ServiceResolver,
  VariantResolver,
  VariantLookupResolver,
  VariantConnectionResolver,
  GenotypeConnectionResolver,
  CallSetResolver,
  VariantAnnotationResolver,
  VariantAnnotationsResolver,
  VariantFacetResolver,
  ClinicalSignificanceResolver,
  GeneResolver,
  AnnotationJobResolver,
  PatientResolver,
  PatientConnectionResolver,
  SampleLinkResolver,
  GenotypePersonResolver,
  ClinicalJobResolver,
  CleanUpResolver,
  BacktestResolver,
  ExportResolver,
  JobResolver,
  IngestLedgerResolver,
  LiveResolver,
  DatasetPublicationResolver,
  SubmissionResolver,
  AlertRuleResolver,
  RegisteredResolver,
  ConsentResolver,
  CohortResolver,
  ObservationResolver,
  News2Resolver,
  VitalResolver,
  VitalStreamResolver,
  VitalEventResolver,
  AlertResolver,
  AlertConnectionResolver,
  PatientAlertResolver,
  AlertCommandResolver,
  AlertStreamResolver,
  AlertEventResolver,
  AlertChangeResolver,
] as const;
