"""Every reason a record is put into quarantine, and how a fault is told."""

from typing import Final

VCF_RULES: Final = {
    "COLUMN_COUNT": "a record has the eight fixed columns, FORMAT, and one column per sample",
    "CHROM_SYNTAX": "CHROM is a name without white space, colons, commas, or characters the specification excludes",
    "CHROM_CONTIGUOUS": "the records of one contig form one block",
    "POS_SYNTAX": "POS is an integer of at least 0",
    "POS_RANGE": "REF lies on its contig, or one base past the end (a telomere)",
    "ID_SYNTAX": "ID is a list of distinct names without white space",
    "REF_SYNTAX": "REF is one or more bases",
    "ALT_SYNTAX": "ALT is a list of bases, *, symbolic alleles or breakends",
    "ALT_DUPLICATE": "bases of an alternate are given once and differ from REF",
    "QUAL_SYNTAX": "QUAL is a number of at least 0 or a dot",
    "FILTER_SYNTAX": "FILTER is PASS, a dot, or a list of distinct names that are not 0",
    "INFO_SYNTAX": "INFO is a dot or a list of keys with values",
    "INFO_DUPLICATE": "an INFO key is given once",
    "INFO_TYPE": "an INFO value has the type its definition states",
    "INFO_NUMBER": "an INFO key has as many values as its definition states",
    "INFO_VALUE": "an INFO value lies in the range its key allows",
    "FORMAT_SYNTAX": "FORMAT is a list of distinct keys, GT first",
    "SAMPLE_SYNTAX": "a sample has no more fields than FORMAT names",
    "SAMPLE_TYPE": "a sample value has the type its definition states",
    "SAMPLE_NUMBER": "a sample has as many values as its definition states",
    "GENOTYPE_SYNTAX": "GT is alleles separated by / or |, at most 1,024 characters",
    "GENOTYPE_VARIETY": "a file has at most 65,535 different genotype texts",
    "ALLELE_RANGE": "GT names alleles the record has",
    "LINE_TOO_LONG": "a line is at most 8 MiB",
    "ENCODING": "text is UTF-8 without control characters",
}


class RecordFault(Exception):
    """A rule broken inside one record; caught where the line is known, never outside this package."""

    def __init__(self, field: str, rule: str, found: str, expected: str | None = None) -> None:
        """`expected` is by default what the rule says."""
        super().__init__(field, rule, found, expected)
        self.field = field
        self.rule = rule
        self.found = found
        self.expected = VCF_RULES[rule] if expected is None else expected
