"""Reads the text of one sample by the plan of its FORMAT."""

from collections.abc import Callable
from typing import NamedTuple

from batch.domain.numbers import number_text
from batch.sources.vcf.format_plan import FormatPlan, PlannedField
from batch.sources.vcf.genotype_texts import NO_GENOTYPE, GenotypeTexts
from batch.sources.vcf.info_values import always, fast_check
from batch.sources.vcf.rules import RecordFault
from batch.sources.vcf.types import FieldDefinition
from batch.sources.vcf.values import expected_count, has_type, is_sample_count, whole_number


class SampleFields(NamedTuple):
    """What is kept of one sample.

    `code` is -1 without GT; -1 is missing in numbers. `keeps` tells whether anything but the genotype is there.
    """

    code: int
    dp: int
    gq: int
    min_dp: int
    ad: tuple[int, ...] | None
    ps: str | None
    ft: str | None
    keeps: bool


class FieldChecks:
    """How the fields of one FORMAT are checked in records of so many alternates."""

    def __init__(self, plan: FormatPlan, alternates: int) -> None:
        self.plan = plan
        self.alternates = alternates
        self._by_ploidy: dict[int, list[Callable[[str], object] | None]] = {}

    def of_ploidy(self, ploidy: int) -> list[Callable[[str], object] | None]:
        """By field: a pattern of values that are certainly right, where there is one."""
        checks = self._by_ploidy.get(ploidy)
        if checks is None:
            checks = [self._check(field.definition, ploidy) for field in self.plan.fields]
            self._by_ploidy[ploidy] = checks
        return checks

    def _check(self, definition: FieldDefinition | None, ploidy: int) -> Callable[[str], object] | None:
        if definition is None:
            return always
        is_free = isinstance(definition.number, str) and self.alternates == 0
        return fast_check(definition, None if is_free else expected_count(definition, self.alternates, ploidy))


def read_sample(name: str, text: str, checks: FieldChecks, texts: GenotypeTexts, line: int) -> SampleFields:
    """One sample of a record.

    Raises:
        RecordFault: The first fault, from left to right.
    """
    plan, alternates = checks.plan, checks.alternates
    values = text.split(":")
    if len(values) > len(plan.fields):
        raise RecordFault(name, "SAMPLE_SYNTAX", text)
    code = -1
    ploidy = 2
    if plan.has_genotype:
        code = _read_genotype(name, values[0], alternates, texts, line)
        ploidy = len(texts.texts[code].alleles)
    kept: dict[str, str] = {}
    right = checks.of_ploidy(ploidy)
    for index in range(1 if plan.has_genotype else 0, len(values)):
        value = values[index]
        if value in (".", ""):
            continue
        field = plan.fields[index]
        is_right = right[index]
        if is_right is None or not is_right(value):
            _check_field(name, field, value, alternates, ploidy)
        if field.kept is not None:
            kept[field.kept] = value
    return _kept_fields(code, kept, alternates)


def _kept_fields(code: int, kept: dict[str, str], alternates: int) -> SampleFields:
    dp = whole_number(kept["dp"]) if "dp" in kept else -1
    gq = whole_number(kept["gq"]) if "gq" in kept else -1
    min_dp = whole_number(kept["min_dp"]) if "min_dp" in kept else -1
    ps, ft = kept.get("ps"), kept.get("ft")
    depths = kept["ad"].split(",") if "ad" in kept else []
    ad = tuple(map(whole_number, depths)) if len(depths) == alternates + 1 else None
    keeps = dp != -1 or gq != -1 or min_dp != -1 or ps is not None or ft is not None
    keeps = keeps or (ad is not None and any(depth != -1 for depth in ad))
    return SampleFields(code, dp, gq, min_dp, ad, ps, ft, keeps)


def _read_genotype(name: str, text: str, alternates: int, texts: GenotypeTexts, line: int) -> int:
    code = texts.code_of(text, line)
    if code < 0:
        rule = "GENOTYPE_SYNTAX" if code == NO_GENOTYPE else "GENOTYPE_VARIETY"
        raise RecordFault(f"FORMAT/GT of {name}", rule, text)
    if texts.greatest[code] > alternates:
        raise RecordFault(f"FORMAT/GT of {name}", "ALLELE_RANGE", text, f"alleles 0 to {alternates}")
    return code


def _check_field(name: str, field: PlannedField, value: str, alternates: int, ploidy: int) -> None:
    definition = field.definition
    if definition is None:
        return
    place = f"FORMAT/{field.key} of {name}"
    values = value.split(",")
    for item in values:
        if not has_type(item, definition.type):
            raise RecordFault(place, "SAMPLE_TYPE", item, f"a value of type {definition.type}")
    if not is_sample_count(definition, len(values), alternates, ploidy):
        wanted = expected_count(definition, alternates, ploidy)
        shown = "null" if wanted is None else number_text(wanted)
        raise RecordFault(place, "SAMPLE_NUMBER", value, f"{shown} values (Number={definition.number})")
