"""Keys whose meaning the specification fixes."""

from typing import NamedTuple

from batch.sources.vcf.version import is_since_43


class ReservedField(NamedTuple):
    """The first number and type are the specification's; others are in wide use."""

    id: str
    numbers: tuple[int | str, ...]
    types: tuple[str, ...]


def _table(*rows: tuple[str, int | str | tuple[int | str, ...], str | tuple[str, ...]]) -> dict[str, ReservedField]:
    return {
        id: ReservedField(
            id, numbers if isinstance(numbers, tuple) else (numbers,), types if isinstance(types, tuple) else (types,)
        )
        for id, numbers, types in rows
    }


# Sources: VCF 4.1 to 4.3, sections 1.4.1 (INFO) and 1.4.2 (FORMAT).
_INFO = _table(
    ("AA", 1, "String"),
    ("AC", "A", "Integer"),
    ("AF", "A", "Float"),
    ("AN", 1, "Integer"),
    ("BQ", 1, "Float"),
    ("CIGAR", "A", "String"),
    ("DB", 0, "Flag"),
    ("DP", 1, "Integer"),
    ("END", 1, "Integer"),
    ("H2", 0, "Flag"),
    ("H3", 0, "Flag"),
    # 4.1 and 4.2 leave the type open: GATK writes Float, samtools Integer.
    ("MQ", 1, ("Float", "Integer")),
    ("MQ0", 1, "Integer"),
    ("NS", 1, "Integer"),
    ("SOMATIC", 0, "Flag"),
    ("VALIDATED", 0, "Flag"),
    ("1000G", 0, "Flag"),
    ("IMPRECISE", 0, "Flag"),
    ("NOVEL", 0, "Flag"),
)
_DEPTHS = _table(("AD", "R", "Integer"), ("ADF", "R", "Integer"), ("ADR", "R", "Integer"))
# Samtools once wrote the three likelihoods of a diploid site as Number=3.
_PER_GENOTYPE: tuple[int | str, ...] = ("G", 3)
_FORMAT = _table(
    ("GT", 1, "String"),
    ("DP", 1, "Integer"),
    ("FT", 1, "String"),
    # Freebayes writes Float.
    ("GQ", 1, ("Integer", "Float")),
    ("HQ", 2, "Integer"),
    ("MQ", 1, "Integer"),
    # Sets are kept as text: some callers name them.
    ("PS", 1, ("Integer", "String")),
    ("PQ", 1, "Integer"),
    ("EC", "A", "Integer"),
    ("GL", _PER_GENOTYPE, "Float"),
    ("GP", _PER_GENOTYPE, "Float"),
    ("PL", _PER_GENOTYPE, "Integer"),
)
_INFO_43 = {**_INFO, **_DEPTHS}
_FORMAT_BEFORE_43 = {**_FORMAT, **_table(("GLE", "G", "String"))}
_FORMAT_43 = {**_FORMAT, **_DEPTHS}


def reserved_info(version: str) -> dict[str, ReservedField]:
    """INFO keys by ID."""
    return _INFO_43 if is_since_43(version) else _INFO


def reserved_format(version: str) -> dict[str, ReservedField]:
    """FORMAT keys by ID."""
    return _FORMAT_43 if is_since_43(version) else _FORMAT_BEFORE_43
