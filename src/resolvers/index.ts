import {
  ClinicalSignificanceResolver,
  GeneResolver,
  VariantAnnotationResolver,
  VariantAnnotationsResolver,
  VariantFacetResolver,
} from "./annotation.js";
import { AnnotationJobResolver } from "./annotation-job.js";
import { CallSetResolver } from "./call-set.js";
import { IngestLedgerResolver, JobResolver } from "./job.js";
import { DatasetPublicationResolver, LiveResolver } from "./live.js";
import { ServiceResolver } from "./service.js";
import {
  GenotypeConnectionResolver,
  VariantConnectionResolver,
  VariantLookupResolver,
  VariantResolver,
} from "./variant.js";

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
  JobResolver,
  IngestLedgerResolver,
  LiveResolver,
  DatasetPublicationResolver,
] as const;
