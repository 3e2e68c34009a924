"""Reads the sample columns of a record as text, and tells what is wrong with them."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from batch.sources.vcf.format_plan import FormatPlan
from batch.sources.vcf.genotype_texts import GenotypeTexts
from batch.sources.vcf.rules import RecordFault
from batch.sources.vcf.sample_fields import SampleFields, read_sample
from batch.sources.vcf.sample_kinds import CODE, DEPTHS, DP, GQ, KEEPS, MIN_DP, SampleKinds
from batch.sources.vcf.types import Columns, Genotypes, Ints

_MAX_PLANS = 100
FEW: Final = 12
"""Of so many samples lists are faster than arrays."""
_NO_COLUMNS: Final = np.empty(0, dtype=np.intp)
_NO_CODES: Final = np.empty(0, dtype=np.int32)


class GenotypeReader:
    """Reads the samples of one range of one file."""

    def __init__(self, samples: tuple[str, ...], texts: GenotypeTexts) -> None:
        self._samples = samples
        self._texts = texts
        self._kinds: dict[tuple[str, int], SampleKinds] = {}
        self.none = Genotypes(texts.texts, -1, _NO_COLUMNS, _NO_CODES)
        """Of a record without genotypes."""

    def read(self, text: bytes, plan: FormatPlan, alternates: int, line: int) -> Genotypes:
        """The columns after FORMAT, in UTF-8.

        Raises:
            RecordFault: The first fault, from left to right.
        """
        columns = text.split(b"\t")
        kinds = self._kinds_of(plan, alternates)
        kinds.begin(line)
        if len(columns) != len(self._samples):
            self._refuse_count(columns, kinds, line)
        try:
            if len(columns) <= FEW:
                fields = [kinds.fields[kinds[column]] for column in columns]
                return self._few(fields, kinds) if plan.has_genotype else self.none
            kind_of = np.fromiter(map(kinds.__getitem__, columns), dtype=np.intp, count=len(columns))
        except RecordFault:
            self._tell_fault(columns, kinds, line)
            raise
        return self._listed(kind_of, kinds) if plan.has_genotype else self.none

    def _kinds_of(self, plan: FormatPlan, alternates: int) -> SampleKinds:
        kinds = self._kinds.get((plan.text, alternates))
        if kinds is None:
            if len(self._kinds) >= _MAX_PLANS:
                self._kinds.clear()
            kinds = self._kinds[plan.text, alternates] = SampleKinds(plan, alternates, self._texts)
        return kinds

    def _refuse_count(self, columns: list[bytes], kinds: SampleKinds, line: int) -> None:
        """A fault of a sample that is there goes before one that is missing, or one too many."""
        self._tell_fault(columns, kinds, line)
        wanted = f"{len(self._samples)} sample columns"
        raise RecordFault("columns", "COLUMN_COUNT", f"{len(columns)} sample columns", wanted)

    def _tell_fault(self, columns: list[bytes], kinds: SampleKinds, line: int) -> None:
        """Reads again with the names of the samples, which a fault tells."""
        for name, text in zip(self._samples, columns, strict=False):
            if text not in kinds:
                read_sample(name, text.decode(), kinds.checks, self._texts, line)

    def _listed(self, kind_of: Columns, kinds: SampleKinds) -> Genotypes:
        """Every sample that differs from the first homozygous reference, or keeps a value."""
        table = kinds.table
        code = table[kind_of, CODE]
        is_hom_ref = np.array(self._texts.hom_ref, dtype=bool)[code]
        first = int(is_hom_ref.argmax())
        base = int(code[first]) if is_hom_ref[first] else -1
        is_listed = code != base
        kept = kinds.plan.kept
        if not kept:
            listed = is_listed.nonzero()[0]
            return Genotypes(self._texts.texts, base, listed, code[listed])
        listed = (is_listed | (table[kind_of, KEEPS] != 0)).nonzero()[0]
        rows = table[kind_of[listed]]
        others = [kinds.fields[kind] for kind in kind_of[listed].tolist()] if "ps" in kept or "ft" in kept else []
        return Genotypes(
            self._texts.texts,
            base,
            listed,
            rows[:, CODE],
            dp=rows[:, DP] if "dp" in kept else None,
            gq=rows[:, GQ] if "gq" in kept else None,
            min_dp=rows[:, MIN_DP] if "min_dp" in kept else None,
            ad=rows[:, DEPTHS:] if "ad" in kept else None,
            ps=[other.ps for other in others] if "ps" in kept else None,
            filters=[other.ft for other in others] if "ft" in kept else None,
        )

    def _few(self, fields: list[SampleFields], kinds: SampleKinds) -> Genotypes:
        """As `_listed`."""
        hom_ref = self._texts.hom_ref
        base = next((field.code for field in fields if hom_ref[field.code]), -1)
        columns = [column for column, field in enumerate(fields) if field.code != base or field.keeps]
        listed = [fields[column] for column in columns]
        sample, code = np.array(columns, dtype=np.intp), _ints([field.code for field in listed])
        kept = kinds.plan.kept
        if not kept:
            return Genotypes(self._texts.texts, base, sample, code)
        alleles = kinds.alternates + 1
        unknown = (-1,) * alleles
        return Genotypes(
            self._texts.texts,
            base,
            sample,
            code,
            dp=_ints([field.dp for field in listed]) if "dp" in kept else None,
            gq=_ints([field.gq for field in listed]) if "gq" in kept else None,
            min_dp=_ints([field.min_dp for field in listed]) if "min_dp" in kept else None,
            ad=_ints([field.ad or unknown for field in listed]).reshape(-1, alleles) if "ad" in kept else None,
            ps=[field.ps for field in listed] if "ps" in kept else None,
            filters=[field.ft for field in listed] if "ft" in kept else None,
        )


def _ints(values: Sequence[int] | Sequence[tuple[int, ...]]) -> Ints:
    return np.array(values, dtype=np.int32)
