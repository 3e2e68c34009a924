"""Sites of one build as VCF 4.3: the same text as `src/jobs/export/vcf.ts`."""

import re
from collections.abc import Sequence
from typing import Final

from batch.domain.contig import OTHER_RANK, PRIMARY_CONTIGS, contig_length, contig_rank
from batch.domain.export import export_columns
from batch.export.text_rows import Cell, cell_text
from batch.job_failure import JobFailure

VCF_COLUMNS: Final = export_columns(
    (
        "assembly",
        "contig",
        "position",
        "ids",
        "reference",
        "alternate",
        "qual",
        "filters",
        "ac",
        "an",
        "af",
        "call_set_id",
    )
)
"""What a record is made of."""

_MOST_NAMES: Final = 10_000
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.*:-]*")
_HEAD: Final = (
    "##fileformat=VCFv4.3",
    "##source=Vitalome",
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="Copies of the allele, recounted from genotypes">',
    '##INFO=<ID=AN,Number=1,Type=Integer,Description="Alleles that were called">',
    '##INFO=<ID=AF,Number=A,Type=Float,Description="AC / AN">',
    '##INFO=<ID=CALLSET,Number=1,Type=String,Description="Call set that the record and its counts are of">',
)


class VcfText:
    """A record per row; the header is known when the last record is."""

    def __init__(self) -> None:
        self._build: str | None = None
        self._contigs: dict[str, None] = {}
        self._filters: dict[str, None] = {}

    def record(self, cells: Sequence[Cell]) -> str:
        """One record.

        Raises:
            JobFailure: BAD_USER_INPUT at the first of a second build: a file has one.
        """
        assembly, contig, position, ids, reference, alternate, qual, filters, ac, an, af, call_set = cells
        if self._build is not None and assembly != self._build:
            message = "filter: expected alleles of one build, which is what a VCF file holds"
            raise JobFailure("BAD_USER_INPUT", message)
        self._build = str(assembly)
        place = str(contig)
        if contig_rank(place) == OTHER_RANK and len(self._contigs) < _MOST_NAMES:
            self._contigs[place] = None
        for name in filters.split(";") if isinstance(filters, str) and filters != "PASS" else ():
            if len(self._filters) < _MOST_NAMES:
                self._filters[name] = None
        fixed = [_text_of(cell) for cell in (place, position, ids, reference, alternate, qual, filters)]
        frequency = "" if af is None else f"AF={_text_of(af)};"
        return "\t".join(fixed) + f"\tAC={_text_of(ac)};AN={_text_of(an)};{frequency}CALLSET={_text_of(call_set)}\n"

    def header(self) -> str:
        """Every line before the records."""
        build = self._build
        filters = [f'##FILTER=<ID={name},Description="As the source states it">' for name in _plain(self._filters)]
        primary = [
            f"##contig=<ID={name},length={contig_length(build, name)},assembly={build}>"
            for name in (PRIMARY_CONTIGS if build is not None else ())
            if build is not None
        ]
        others = [f"##contig=<ID={name}>" for name in _plain(self._contigs)]
        columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        return "\n".join([*_HEAD, *filters, *primary, *others, columns])


def _plain(names: dict[str, None]) -> list[str]:
    return [name for name in names if _PLAIN_NAME.fullmatch(name)]


def _text_of(cell: Cell) -> str:
    return "." if cell is None else cell_text(cell)
