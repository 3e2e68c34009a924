"""Contigs of the two builds: names, lengths, order."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from batch.reference import read_reference

BUILDS: Final = ("GRCh37", "GRCh38")

OTHER_RANK: Final = 1000
"""Contigs outside the primary assembly sort after it, by name."""


class _Facts(NamedTuple):
    rank: int
    lengths: dict[str, int]
    accession: str
    version: int
    """RefSeq version in GRCh37; GRCh38 is the next one, except for MT, which did not change."""


class StatedContig(NamedTuple):
    """A `##contig` line."""

    id: str
    length: int | None
    assembly: str | None


_REFERENCE = read_reference("contigs")
_CONTIGS: dict[str, _Facts] = {
    name: _Facts(rank, {"GRCh37": grch37, "GRCh38": grch38}, accession, version)
    for rank, (name, grch37, grch38, accession, version) in enumerate(_REFERENCE["rows"], 1)
}
PRIMARY_CONTIGS: Final = tuple(_CONTIGS)
"""Names of the primary assembly, in their order."""

_BY_ACCESSION = {facts.accession: name for name, facts in _CONTIGS.items()}
_ACCESSION = re.compile(r"(NC_[0-9]{6})(?:\.([0-9]+))?")
_BUILD_NAMES = {
    "GRCh37": re.compile(
        r"(?<![a-z0-9])(?:GRCh37(?:\.?p\d+)?|hg19|b37|hs37d5|g1k_v37)(?![a-z0-9])", re.ASCII | re.IGNORECASE
    ),
    "GRCh38": re.compile(
        r"(?<![a-z0-9])(?:GRCh38(?:\.?p\d+)?|hg38|b38|hs38(?:dh|d1)?)(?![a-z0-9])", re.ASCII | re.IGNORECASE
    ),
}


def canonical_contig(name: str) -> str:
    """`chr1`, `1` and `NC_000001.11` are `1`; `chrM` and `M` are `MT`; any other name stays as it is.

    >>> [canonical_contig(name) for name in ("chr1", "NC_000001.11", "chrM", "GL000192.1")]
    ['1', '1', 'MT', 'GL000192.1']
    """
    match = _ACCESSION.fullmatch(name)
    if match is not None:
        contig = _BY_ACCESSION.get(match[1])
        if contig is None or (match[2] is not None and not _is_version_of(contig, match[2])):
            return name
        return contig
    upper = (name[3:] if name[:3].lower() == "chr" else name).upper()
    canonical = "MT" if upper == "M" else upper
    return canonical if canonical in _CONTIGS else name


def _is_version_of(contig: str, version: str) -> bool:
    first = _CONTIGS[contig].version
    digits = version.lstrip("0")
    return digits == str(first) or (contig != "MT" and digits == str(first + 1))


def contig_rank(canonical: str) -> int:
    """1 to 22, X, Y, MT, then everything else."""
    facts = _CONTIGS.get(canonical)
    return OTHER_RANK if facts is None else facts.rank


def contig_length(build: str, canonical: str) -> int | None:
    """Bases, or None outside the primary assembly."""
    facts = _CONTIGS.get(canonical)
    return None if facts is None else facts.lengths[build]


def in_pseudoautosomal(build: str, canonical: str, pos: int) -> bool:
    """Whether a 1-based position of X or Y lies where males are diploid."""
    if canonical not in ("X", "Y"):
        return False
    return any(start <= pos <= end for start, end in _REFERENCE["pseudoautosomal"][build][canonical])


def detect_build(contigs: Iterable[StatedContig]) -> str | None:
    """The build all stated lengths agree with; None where none is known or two builds are mixed."""
    possible = list(BUILDS)
    decided = False
    for contig in contigs:
        if not is_known_length(contig):
            continue
        canonical = canonical_contig(contig.id)
        possible = [build for build in possible if contig_length(build, canonical) == contig.length]
        decided = True
    return possible[0] if decided and len(possible) == 1 else None


def is_known_length(contig: StatedContig) -> bool:
    """Whether a line states a length that tells the builds apart, or is of neither; MT has one length in both."""
    facts = _CONTIGS.get(canonical_contig(contig.id))
    return facts is not None and contig.length is not None and facts.lengths["GRCh37"] != facts.lengths["GRCh38"]


def build_of_text(text: str) -> str | None:
    """The build a text such as `##reference` names; None where it names none or both."""
    named = [build for build in BUILDS if _BUILD_NAMES[build].search(text)]
    return named[0] if len(named) == 1 else None
