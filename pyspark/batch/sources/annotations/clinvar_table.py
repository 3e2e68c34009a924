"""ClinVar as a table: NCBI's `variant_summary`, or a flat table with columns such as `chrom pos ref alt clnsig`."""

import re
from typing import NamedTuple

from batch.domain.clinical import ClinicalKind
from batch.sources.annotations.cells import allele_of, contig_of, date_of, position_of, stated_build
from batch.sources.annotations.clinvar_statement import ClinVarClassification, ClinVarRecord, statements_of
from batch.sources.annotations.conditions import conditions_of_lists, conditions_of_table
from batch.sources.annotations.table import RowFault, TableRow, column_finder
from batch.sources.annotations.types import Clinical, Filtered

_SYMBOLS = re.compile("[;,|]")


class _Kind(NamedTuple):
    kind: ClinicalKind
    significance: int
    review_status: int
    conflicts: int
    last_evaluated: int


class ClinVarTable:
    """Reads rows. Positions are those of the VCF, 1-based; a row's own `Assembly` goes before what a caller states."""

    def __init__(self, columns: tuple[str, ...], stated: str | None) -> None:
        """Raises `Refusal` where neither the table nor the caller says the build."""
        find = column_finder(columns)
        self._assembly = find("assembly")
        self._contig = find("chrom", "chromosome")
        self._pos = find("positionvcf", "pos")
        self._ref = find("referenceallelevcf", "ref")
        self._alt = find("alternateallelevcf", "alt")
        self._variation_id = find("variationid", "clinvar_variation_id", "variation_id")
        self._symbols = find("genesymbol", "symbol")
        self._diseases = find("diseases", "all_traits")
        self._names = find("phenotypelist")
        self._ids = find("phenotypeids")
        self._conflicted = find("conflicted")
        self._submissions = find("scv", "scvsforaggregategermlineclassification")
        self._kinds = (
            _Kind(
                "germline",
                find("clnsig", "clinicalsignificance", "clinical_significance"),
                find("clnrevstat", "reviewstatus", "review_status"),
                find("clnsigconf"),
                find("lastevaluated", "last_evaluated"),
            ),
            _Kind(
                "oncogenicity",
                find("oncogenicity"),
                find("reviewstatusoncogenicity"),
                -1,
                find("oncogenicitylastevaluated"),
            ),
            _Kind(
                "somatic_impact",
                find("somaticclinicalimpact"),
                find("reviewstatusclinicalimpact"),
                -1,
                find("somaticclinicalimpactlastevaluated"),
            ),
        )
        self._file_build = stated_build(stated) if self._assembly < 0 else stated

    def read(self, row: TableRow) -> Clinical | Filtered:
        """What one row says.

        Raises:
            RowFault: It breaks a rule.
        """
        assembly = row.text(self._assembly)
        if self._assembly >= 0 and assembly not in ("GRCh37", "GRCh38"):
            return Filtered("OTHER_ASSEMBLY")
        build = self._file_build if assembly is None else assembly
        if build not in ("GRCh37", "GRCh38"):
            raise RowFault("assembly", "ASSEMBLY", "nothing" if build is None else build)
        if self._file_build is not None and build != self._file_build:
            return Filtered("OTHER_ASSEMBLY")
        ref, alt, place = row.text(self._ref), row.text(self._alt), row.text(self._pos)
        if alt is None or ref is None or place == "-1":
            return Filtered("NO_ALTERNATE")
        contig = contig_of("chrom", row.text(self._contig))
        allele = allele_of(position_of("pos", place, build, contig), ref, alt)
        if self._diseases >= 0:
            conditions = conditions_of_table(row.text(self._diseases))
        else:
            conditions = conditions_of_lists(row.text(self._names), row.text(self._ids))
        symbols = row.text(self._symbols)
        record = ClinVarRecord(
            build,
            contig,
            *allele,
            variation_id=row.text(self._variation_id),
            gene_symbols=() if symbols is None else tuple(_SYMBOLS.split(symbols)),
        )
        classifications = [
            ClinVarClassification(
                kind.kind,
                significance=row.text(kind.significance),
                review_status=row.text(kind.review_status),
                conflicts=row.text(kind.conflicts),
                conflicting=kind.kind == "germline" and row.text(self._conflicted) == "1",
                conditions=conditions if kind.kind == "germline" else (),
                last_evaluated=date_of("last evaluated", row.text(kind.last_evaluated)),
                submissions=row.text(self._submissions) if kind.kind == "germline" else None,
            )
            for kind in self._kinds
        ]
        statements = statements_of(record, classifications)
        return Clinical(statements) if statements else Filtered("NO_CLASSIFICATION")


def is_clinvar_table(columns: tuple[str, ...]) -> bool:
    """Whether a table with these columns is ClinVar."""
    find = column_finder(columns)
    return (
        find("ref", "referenceallelevcf") >= 0
        and find("alt", "alternateallelevcf") >= 0
        and find("clnsig", "clinicalsignificance", "clinical_significance") >= 0
    )
