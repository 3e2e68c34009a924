"""What a source says about an allele: kinds, significance, review status."""

import re
from typing import Final, Literal, NamedTuple

from batch.domain.text import SPACE, trim

CLINICAL_KINDS: Final = ("germline", "oncogenicity", "somatic_impact")
"""What a classification is about. Each kind is judged apart and has its own review status."""
ClinicalKind = Literal["germline", "oncogenicity", "somatic_impact"]
SignificanceGroup = Literal["P/LP", "VUS+conflicting", "B/LB", "other"]


class ConditionCoding(NamedTuple):
    """A condition as the source codes it: `system` is the source's own name of the vocabulary, such as MONDO."""

    system: str
    code: str
    display: str | None


class ClinicalStatement(NamedTuple):
    """What one source says about exactly one normalised allele, in the order its cells are stored.

    Attributes:
        pos: 1-based.
        ref: Upper case, as `alt`.
        variation_id: The source's own id of the variation; not its allele id.
        significance: Spelt as in the ClinVar VCF: `Pathogenic/Likely_pathogenic|drug_response`.
        classifications: Those inside `significance`; where submitters conflict, those they gave.
        gold_stars: 0 to 4; None where the review status is missing or is none that has a number of stars.
        last_evaluated: ISO 8601 date.
        gene_symbols: Genes the source itself names.
        evidence: Submissions, or the counts of conflicting classifications, as the source writes them.
    """

    build: str
    contig: str
    pos: int
    ref: str
    alt: str
    variation_id: str
    kind: ClinicalKind
    significance: str
    classifications: tuple[str, ...]
    conflicting: bool
    group: SignificanceGroup
    review_status: str | None
    gold_stars: int | None
    conditions: tuple[ConditionCoding, ...]
    last_evaluated: str | None
    gene_symbols: tuple[str, ...]
    evidence: str | None


_NO_CASE = re.ASCII | re.IGNORECASE
_BARS = re.compile(f"[{SPACE}]*[;|][{SPACE}]*")
_SPACES = re.compile(f"[{SPACE}]+")
_COMMA = re.compile(",_?(?!_?low_penetrance)", _NO_CASE)
_LOW_PENETRANCE = re.compile(",_?(?=low_penetrance)", _NO_CASE)
_SEPARATOR = re.compile("[/|]")
_CONFLICTING = re.compile(r"(?:^|\|)conflicting_", _NO_CASE)
_COUNT = re.compile(r"\([0-9]+\)\Z")
_ONE_STAR = re.compile("criteria provided, (?:single submitter|conflicting (?:classifications|interpretations))")
_NO_STAR = re.compile("no (?:assertion|classification)")


def canonical_significance(text: str) -> str:
    """One spelling for all layouts: white space becomes `_`, the separators `;` and `,` of other tables become `|`.

    >>> canonical_significance("Pathogenic, low penetrance; drug response")
    'Pathogenic,_low_penetrance|drug_response'
    """
    text = _SPACES.sub("_", _BARS.sub("|", trim(text)))
    return _LOW_PENETRANCE.sub(",_", _COMMA.sub("|", text))


def classifications_in(significance: str) -> tuple[str, ...]:
    """`Pathogenic/Likely_pathogenic|drug_response` holds three. A low penetrance belongs to its classification."""
    return tuple(dict.fromkeys(part for part in _SEPARATOR.split(significance) if part != ""))


def is_conflicting(significance: str) -> bool:
    """Whether submitters contradict each other."""
    return _CONFLICTING.search(significance) is not None


def conflicting_classifications(text: str) -> tuple[str, ...]:
    """`Pathogenic(1)|Uncertain_significance(3)`: what submitters said, without how many did."""
    parts = (_COUNT.sub("", part) for part in canonical_significance(text).split("|"))
    return tuple(dict.fromkeys(part for part in parts if part != ""))


def significance_group(kind: ClinicalKind, significance: str) -> SignificanceGroup:
    """Groups of germline pathogenicity; what is not about pathogenicity is `other`."""
    if kind != "germline":
        return "other"
    if is_conflicting(significance):
        return "VUS+conflicting"
    parts = [part.lower().removesuffix(",_low_penetrance") for part in classifications_in(significance)]
    if "pathogenic" in parts or "likely_pathogenic" in parts:
        return "P/LP"
    if "uncertain_significance" in parts:
        return "VUS+conflicting"
    return "B/LB" if "benign" in parts or "likely_benign" in parts else "other"


def gold_stars_of(review_status: str | None) -> int | None:
    """Gold stars of a ClinVar review status; None for a text that has none.

    >>> gold_stars_of("criteria_provided,_multiple_submitters,_no_conflicts")
    2
    """
    status = trim((review_status or "").lower().replace("_", " "))
    if status == "practice guideline":
        return 4
    if status == "reviewed by expert panel":
        return 3
    if status == "criteria provided, multiple submitters, no conflicts":
        return 2
    if _ONE_STAR.fullmatch(status):
        return 1
    return 0 if _NO_STAR.match(status) else None
