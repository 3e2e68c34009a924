"""Every job by its kind."""

from collections.abc import Mapping

from batch.context import Job
from batch.jobs.annotate_variants import annotate_variants
from batch.jobs.compact_log import compact_log
from batch.jobs.export import export_variants
from batch.jobs.ingest_annotations import ingest_annotations
from batch.jobs.ingest_clinical import ingest_clinical
from batch.jobs.ingest_variants import ingest_variants
from batch.jobs.remove_call_set import remove_call_set

JOBS: Mapping[str, Job] = {
    "annotate-variants": annotate_variants,
    "compact-log": compact_log,
    "export": export_variants,
    "ingest-annotations": ingest_annotations,
    "ingest-clinical": ingest_clinical,
    "ingest-variants": ingest_variants,
    "remove-call-set": remove_call_set,
}
