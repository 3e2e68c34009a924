"""The staging tables of knowledge, and how a record becomes rows of them."""

from collections.abc import Sequence
from typing import Final

from batch.domain.clinical import ClinicalStatement
from batch.domain.contig import contig_rank
from batch.domain.gene import Gene
from batch.domain.json_text import json_of_texts
from batch.domain.numbers import number_text
from batch.ingest_variants.staged_tables import Tables
from batch.sources.annotations.types import AnnotationRecord, Clinical
from batch.table import schema_of
from batch.transforms.content_hash import ContentHash

KNOWLEDGE_TABLES: Final = ("genes", "gene_disease", "annotations")

ROW_KEYS: Final = {
    "annotations": ("build", "contig", "pos", "ref", "alt", "variation_id", "kind"),
    "genes": ("build", "gene_id"),
    "gene_disease": ("symbol", "system", "code"),
}
"""The columns that make two rows of one release the same, in the order their values are joined to a key."""

_ROW: Final = {
    "reading": "int",
    "row_index": "bigint",
    "file_index": "int",
    "line": "int",
    "row_key": "string",
    "content_hash": "bigint",
}
_SOURCED: Final = ("source", "version", "released_at", "content_hash", "source_file", "source_line", "run_id")


def _cells_of_table(table: str) -> dict[str, str]:
    columns = schema_of(table)["columns"]
    return {column["name"]: column["type"] for column in columns if column["name"] not in _SOURCED}


TABLES: Final[Tables] = {
    **{table: {**_ROW, **_cells_of_table(table)} for table in KNOWLEDGE_TABLES},
    "rejected": {"reading": "int", "file_index": "int", "phase": "int", "line": "int", "text": "binary"},
}
"""`reading` numbers what was read in one go. `phase` is 1 for rejections that stand behind those of the VCF reader."""

_LINE_BITS: Final = 8
_FILE_BITS: Final = 44

Cell = str | int | bool | None


def rows_of_record(
    reading: int, file_index: int, line: int, record: AnnotationRecord
) -> list[tuple[str, tuple[Cell, ...]]]:
    """The rows one record gives, each with its table; their numbers grow with file and line."""
    members: Sequence[tuple[str, tuple[Cell, ...]]]
    if isinstance(record, Clinical):
        members = [("annotations", _statement_cells(statement)) for statement in record.statements]
    elif isinstance(record, Gene):
        members = [("genes", (record.build, record.contig, contig_rank(record.contig), *record[2:]))]
    else:
        members = [("gene_disease", tuple(record))]
    first = file_index << _FILE_BITS | line << _LINE_BITS
    rows: list[tuple[str, tuple[Cell, ...]]] = []
    for place, (table, cells) in enumerate(members):
        named = dict(zip(_NAMES[table], cells, strict=True))
        key = "\t".join(str(named[column]) for column in ROW_KEYS[table])
        rows.append((table, (reading, first | place, file_index, line, key, content_hash(cells), *cells)))
    return rows


_NAMES: Final = {table: tuple(_cells_of_table(table)) for table in KNOWLEDGE_TABLES}


def content_hash(cells: Sequence[Cell | float]) -> int:
    """Of a row's cells as text; none is told from every text a cell may hold."""
    content = ContentHash()
    for cell in cells:
        content.add_text(cell_text(cell))
    return content.digest()


def cell_text(cell: Cell | float) -> str:
    """`String(cell)`, and a NUL for none."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return "\0"
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return number_text(float(cell))


def _statement_cells(row: ClinicalStatement) -> tuple[Cell, ...]:
    return (
        row.build,
        row.contig,
        contig_rank(row.contig),
        row.pos,
        row.ref,
        row.alt,
        row.variation_id,
        row.kind,
        row.significance,
        "|".join(row.classifications) if row.classifications else None,
        row.conflicting,
        row.group,
        row.review_status,
        row.gold_stars,
        json_of_texts([condition._asdict() for condition in row.conditions]) if row.conditions else None,
        row.last_evaluated,
        ",".join(row.gene_symbols) if row.gene_symbols else None,
        row.evidence,
    )
