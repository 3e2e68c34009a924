"""ClinVar as VCF: contigs without `chr`, positions 1-based, ID is the VariationID (ALLELEID is another number)."""

import re
from typing import NamedTuple

from batch.domain.clinical import ClinicalKind
from batch.domain.contig import canonical_contig
from batch.refusal import Refusal
from batch.sources.annotations.cells import allele_of, position_of
from batch.sources.annotations.clinvar_statement import ClinVarClassification, ClinVarRecord, statements_of
from batch.sources.annotations.conditions import conditions_of_lists
from batch.sources.annotations.table import RowFault
from batch.sources.annotations.types import Clinical, Filtered
from batch.sources.vcf.types import VcfRecord


class _Kind(NamedTuple):
    kind: ClinicalKind
    significance: str
    status: str
    conflicts: str
    names: str
    ids: str
    submissions: str


_KINDS = (
    _Kind("germline", "CLNSIG", "CLNREVSTAT", "CLNSIGCONF", "CLNDN", "CLNDISDB", "CLNSIGSCV"),
    _Kind("oncogenicity", "ONC", "ONCREVSTAT", "ONCCONF", "ONCDN", "ONCDISDB", "ONCSCV"),
    _Kind("somatic_impact", "SCI", "SCIREVSTAT", "SCICONF", "SCIDN", "SCIDISDB", "SCISCV"),
)
"""Kinds of classification and their INFO keys. Source: the header of the ClinVar VCF."""

_ESCAPE = re.compile("%(3A|3B|3D|25|2C)", re.ASCII | re.IGNORECASE)
_GENE_ID = re.compile(r":[0-9]+\Z")


def build_of(header: str | None, stated: str | None) -> str:
    """The build is what the header says, or the caller where the header is silent.

    Raises:
        Refusal: They contradict each other, or neither says.
    """
    if header is not None and stated is not None and header != stated:
        message = f"the header says {header}, the caller says {stated}"
        raise Refusal("INGEST_REJECTED", message, 1, "##reference", stated)
    build = stated if header is None else header
    if build is None:
        message = "the header does not tell the build: state it as assemblyId"
        raise Refusal("INGEST_REJECTED", message, 1, "##reference", "GRCh37 or GRCh38")
    return build


def row_of(record: VcfRecord, build: str) -> Clinical | Filtered:
    """What one record says.

    Raises:
        RowFault: It breaks a rule beyond those of VCF.
    """
    if not record.alts or record.alts[0] == ".":
        return Filtered("NO_ALTERNATE")
    if len(record.alts) > 1:
        raise RowFault("ALT", "ONE_ALT", ",".join(record.alts))
    info = _info_of(record.info)

    def value(key: str) -> str | None:
        text = info.get(key)
        return None if text is None or text in ("", ".") else _unescape(text)

    if all(value(kind.significance) is None for kind in _KINDS):
        return Filtered("NO_CLASSIFICATION")
    contig = canonical_contig(record.contig)
    allele = allele_of(position_of("POS", str(record.pos), build, contig), record.ref, record.alts[0])
    genes = value("GENEINFO")
    stated = ClinVarRecord(
        build,
        contig,
        *allele,
        variation_id=record.ids[0] if record.ids else None,
        gene_symbols=() if genes is None else tuple(_GENE_ID.sub("", gene) for gene in genes.split("|")),
    )
    statements = statements_of(
        stated,
        (
            ClinVarClassification(
                kind.kind,
                significance=value(kind.significance),
                review_status=value(kind.status),
                conflicts=value(kind.conflicts),
                conflicting=False,
                conditions=conditions_of_lists(value(kind.names), value(kind.ids)),
                last_evaluated=None,
                submissions=value(kind.submissions),
            )
            for kind in _KINDS
        ),
    )
    return Clinical(statements)


def _info_of(info: str) -> dict[str, str]:
    parts = (part.partition("=") for part in info.split(";"))
    return {key: value for key, equals, value in parts if equals and key}


def _unescape(text: str) -> str:
    """The escapes of VCF 4.3; other per cent signs stay."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "%" in text else text
