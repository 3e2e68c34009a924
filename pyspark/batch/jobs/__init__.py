"""Every job by its kind."""

from collections.abc import Mapping

from batch.context import Job
from batch.jobs.annotate_variants import annotate_variants
from batch.jobs.ingest_variants import ingest_variants
from batch.jobs.remove_call_set import remove_call_set

JOBS: Mapping[str, Job] = {
    "annotate-variants": annotate_variants,
    "ingest-variants": ingest_variants,
    "remove-call-set": remove_call_set,
}
