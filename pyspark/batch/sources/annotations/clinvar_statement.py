"""What one ClinVar record states, whatever its layout."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from batch.domain.clinical import (
    ClinicalKind,
    ClinicalStatement,
    ConditionCoding,
    canonical_significance,
    classifications_in,
    conflicting_classifications,
    gold_stars_of,
    is_conflicting,
    significance_group,
)
from batch.domain.text import utf16_length
from batch.sources.annotations.table import RowFault

_VARIATION_ID = re.compile(r"[0-9A-Za-z_.:-]{1,40}")
_SIGNIFICANCE_UNITS = 1_000


class ClinVarRecord(NamedTuple):
    """What a ClinVar record says whatever its kinds of classification."""

    build: str
    contig: str
    pos: int
    ref: str
    alt: str
    variation_id: str | None
    gene_symbols: tuple[str, ...]


class ClinVarClassification(NamedTuple):
    """One kind of classification of a record, as the file writes it.

    Attributes:
        conflicts: `Pathogenic(1)|Uncertain_significance(3)` where submitters conflict.
    """

    kind: ClinicalKind
    significance: str | None
    review_status: str | None
    conflicts: str | None
    conflicting: bool
    conditions: tuple[ConditionCoding, ...]
    last_evaluated: str | None
    submissions: str | None


def statements_of(
    record: ClinVarRecord, classifications: Iterable[ClinVarClassification]
) -> tuple[ClinicalStatement, ...]:
    """One statement per kind that has a classification; empty where the record states none."""
    stated = [one for one in classifications if one.significance is not None]
    if not stated:
        return ()
    variation_id = record.variation_id
    if variation_id is None or not _VARIATION_ID.fullmatch(variation_id):
        raise RowFault("variation id", "VARIATION_ID", "nothing" if variation_id is None else variation_id)
    return tuple(_statement(record, variation_id, one, one.significance or "") for one in stated)


def _statement(record: ClinVarRecord, variation_id: str, stated: ClinVarClassification, text: str) -> ClinicalStatement:
    if utf16_length(text) > _SIGNIFICANCE_UNITS:
        raise RowFault("significance", "SIGNIFICANCE", text)
    significance = canonical_significance(text)
    review_status = None if stated.review_status is None else stated.review_status.replace(" ", "_")
    classifications = classifications_in(significance)
    if stated.conflicts is not None:
        own = (part for part in classifications if not is_conflicting(part))
        classifications = tuple(dict.fromkeys((*conflicting_classifications(stated.conflicts), *own)))
    return ClinicalStatement(
        build=record.build,
        contig=record.contig,
        pos=record.pos,
        ref=record.ref,
        alt=record.alt,
        variation_id=variation_id,
        kind=stated.kind,
        significance=significance,
        classifications=classifications,
        conflicting=is_conflicting(significance) or stated.conflicting,
        group=significance_group(stated.kind, significance),
        review_status=review_status,
        gold_stars=gold_stars_of(review_status),
        conditions=stated.conditions,
        last_evaluated=stated.last_evaluated,
        gene_symbols=record.gene_symbols,
        evidence=stated.submissions if stated.conflicts is None else stated.conflicts,
    )
