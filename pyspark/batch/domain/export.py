"""What an export is: its columns, their order, and where its file lies. The twin of `src/domain/export.ts`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from batch.reference import read_reference

KIND: Final = "export"


class ExportColumn(NamedTuple):
    """A column of an export; `type` is string, int or double."""

    name: str
    type: str


COLUMNS: Final = tuple(ExportColumn(name, kind) for name, kind in read_reference("export-columns")["rows"])
"""Every column an export may have, in the order it has them unless told."""

ORDER: Final = ("assembly", "contig_rank", "contig", "position", "reference", "alternate", "call_set_id")
"""What orders its rows. Total."""

EXTENSIONS: Final = {"PARQUET": "parquet", "ARROW_IPC": "arrow", "CSV": "csv", "NDJSON": "ndjson", "VCF_BGZ": "vcf.gz"}


def export_folder(job: str) -> str:
    """The folder of one export, and all of it."""
    return f"exports/{job}"


def export_path(job: str, file_format: str) -> str:
    """Where its file lies."""
    return f"{export_folder(job)}/variants.{EXTENSIONS[file_format]}"


def export_columns(fields: Sequence[str] | None) -> tuple[ExportColumn, ...]:
    """Columns by their names, in that order; all of them for None."""
    if fields is None:
        return COLUMNS
    return tuple(column for field in fields for column in COLUMNS if column.name == field)


def exported_snapshot(kind: str, parameters: Mapping[str, Any]) -> int | None:
    """The snapshot an export reads: the one it was asked of, whatever was published since. None for other jobs."""
    snapshot = parameters.get("snapshot")
    return snapshot if kind == KIND and isinstance(snapshot, int) else None
