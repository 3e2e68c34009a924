"""The content of a record that tells a repeat from a contradiction."""

from collections.abc import Sequence

import numpy as np

from batch.domain.numbers import number_text
from batch.domain.variant import filters_text
from batch.sources.vcf.types import Genotypes, Ints, VcfRecord
from batch.transforms.content_hash import (
    ContentHash,
    Words,
    entry_sums,
    entry_words,
    first_words,
    hash_text,
    second_word,
    second_words,
)

_AD = 0x4144
_PS = 0x5053
_FEW = 12
_NOTHING_KEPT = second_word(-1, -1)


class RecordHasher:
    """Hashes the records of one range of one file: quality, filters, alleles, genotypes with what is kept, END."""

    def __init__(self, sample_of_column: Ints) -> None:
        self._sample_of_column = sample_of_column.tolist()
        self._samples = first_words(sample_of_column)
        self._texts: Words = np.empty(0, dtype=np.uint32)

    def digest(self, record: VcfRecord) -> int:
        """64 bits, with sign. The order of the samples of a file does not matter."""
        content = ContentHash()
        genotypes = record.genotypes
        content.add_text("." if record.qual is None else number_text(record.qual))
        content.add_text(filters_text(record.filters) or ".")
        content.add_text(f"{record.ref}>{','.join(record.alts)}")
        self._learn_texts(genotypes)
        content.add_integer(0 if genotypes.base < 0 else int(self._texts[genotypes.base]))
        if 0 < genotypes.sample.size <= _FEW:
            self._add_few(content, genotypes)
        elif genotypes.sample.size > 0:
            self._add_samples(content, genotypes)
        if record.end_pos is not None:
            content.add_integer(record.end_pos)
        return content.digest()

    def _learn_texts(self, genotypes: Genotypes) -> None:
        known = self._texts.size
        if known < len(genotypes.texts):
            hashes = [hash_text(genotype.text) for genotype in genotypes.texts[known:]]
            self._texts = np.concatenate([self._texts, np.array(hashes, dtype=np.uint32)])

    def _add_few(self, content: ContentHash, genotypes: Genotypes) -> None:
        """As `_add_samples`, one by one."""
        dp = None if genotypes.dp is None else genotypes.dp.tolist()
        gq = None if genotypes.gq is None else genotypes.gq.tolist()
        depths = None if genotypes.ad is None else genotypes.ad.tolist()
        texts = self._texts[genotypes.code].tolist()
        for index, column in enumerate(genotypes.sample.tolist()):
            sample = self._sample_of_column[column]
            content.add_entries(
                entry_sums(sample, texts[index], -1 if dp is None else dp[index], -1 if gq is None else gq[index])
            )
            for allele, depth in enumerate(() if depths is None else depths[index]):
                content.add_entries(entry_sums(sample, _AD + allele, depth, 0))
            phase_set = None if genotypes.ps is None else genotypes.ps[index]
            if phase_set is not None:
                content.add_entries(entry_sums(sample, _PS, hash_text(phase_set), 0))

    def _add_samples(self, content: ContentHash, genotypes: Genotypes) -> None:
        samples = self._samples[genotypes.sample]
        dp, gq = genotypes.dp, genotypes.gq
        kept: Words | int = _NOTHING_KEPT
        if dp is not None or gq is not None:
            missing = np.full(samples.size, -1, dtype=np.int32)
            kept = second_words(missing if dp is None else dp, missing if gq is None else gq)
        content.add_entries(entry_words(samples, self._texts[genotypes.code], kept))
        if genotypes.ad is not None:
            for allele in range(genotypes.ad.shape[1]):
                named = np.full(samples.size, _AD + allele, dtype=np.uint32)
                content.add_entries(entry_words(samples, named, second_words(genotypes.ad[:, allele], 0)))
        if genotypes.ps is not None:
            self._add_phase_sets(content, samples, genotypes.ps)

    def _add_phase_sets(self, content: ContentHash, samples: Words, phase_sets: Sequence[str | None]) -> None:
        stated = [index for index, phase_set in enumerate(phase_sets) if phase_set is not None]
        if stated:
            hashes = np.array([hash_text(phase_sets[index] or "") for index in stated], dtype=np.uint32)
            named = np.full(len(stated), _PS, dtype=np.uint32)
            content.add_entries(entry_words(samples[stated], named, second_words(hashes, 0)))
