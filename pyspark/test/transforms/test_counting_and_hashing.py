from random import Random

import numpy as np
import pytest

from batch.domain.counts import COUNT_FIELDS, call_allele
from batch.domain.genotype import parse_genotype
from batch.domain.sample import SampleFacts, group_samples
from batch.sources.vcf import Genotypes
from batch.transforms.content_hash import ContentHash, entry_sums, entry_words, first_words, second_words
from batch.transforms.counting import GenotypeCounter


def genotypes_of(gts: list[str], base: str | None, names: list[str]) -> Genotypes:
    """`names`: all texts of the file."""
    texts = [genotype for genotype in map(parse_genotype, names) if genotype is not None]
    listed = [column for column, gt in enumerate(gts) if gt != base]
    codes = [names.index(gts[column]) for column in listed]
    sample, code = np.array(listed, dtype=np.intp), np.array(codes, dtype=np.int32)
    return Genotypes(texts, -1 if base is None else names.index(base), sample, code)


@pytest.mark.parametrize(
    ("gts", "alt_index", "ac", "an"),
    [
        ("0/1 1|1 1 0 ./1 ./.", 1, 5, 7),
        ("0/1 1|2 2 . 0|2 0/0", 1, 2, 9),
        ("0/1 1|2 2 . 0|2 0/0", 2, 3, 9),
        ("1/2 0/1 1/1 ./2", 1, 4, 7),
        ("1/2 0/1 1/1 ./2", 2, 2, 7),
        ("1|2 2|1 2/2", 2, 4, 6),
    ],
)
def test_counts_are_those_of_the_original_record(gts: str, alt_index: int, ac: int, an: int) -> None:
    texts = gts.split(" ")
    names = [f"S{number}" for number in range(len(texts))]
    counter = GenotypeCounter(group_samples(names, {}), np.arange(len(texts), dtype=np.int32))
    assert counter.count(genotypes_of(texts, "0/0", ["0/0", *dict.fromkeys(texts)]), alt_index)[:2].tolist() == [ac, an]


def test_another_alternate_is_no_reference_and_a_half_called_genotype_is_a_class_of_its_own() -> None:
    texts = ["1/2", "0/1", "1/1", "./2", "0", "1", ".", "./."]
    counter = GenotypeCounter(group_samples(texts, {}), np.arange(len(texts), dtype=np.int32))
    record = genotypes_of(texts, None, texts)
    first, second = (dict(zip(COUNT_FIELDS, counter.count(record, alt).tolist(), strict=True)) for alt in (1, 2))
    classes = {"hetAlt": 1, "het": 1, "homAlt": 1, "hemiRef": 1, "hemiAlt": 1, "homRef": 0, "otherAlt": 0}
    assert first == {"ac": 5, "an": 9, "halfMissing": 1, "missing": 2} | classes
    assert second == {"ac": 2, "an": 9, "halfMissing": 1, "missing": 2} | classes | {
        "het": 0,
        "homAlt": 0,
        "hemiAlt": 0,
        "otherAlt": 3,
    }


def test_counting_from_a_base_is_counting_one_by_one_for_any_groups_and_order_of_columns() -> None:
    random = Random(23)
    # With and without more texts than are counted all at once.
    choices = ["0/0", "0|0", "0/1", "1/1", "1/2", "3/2", "0", "1", ".", "./.", "./1", "0/0/1", *map(str, range(4, 300))]
    for _ in range(60):
        names = [f"S{number:02}" for number in range(1 + random.randrange(30))]
        facts = {
            name: SampleFacts(
                name, random.choice(["female", "male", None]), (), random.choice([(), ("EUR",), ("AFR",)])
            )
            for name in names
        }
        grouping = group_samples(names, facts)
        columns = random.sample(range(len(names)), len(names))
        known = random.choice([12, len(choices)])
        gts = [random.choice(choices[:known]) for _ in names]
        counter = GenotypeCounter(grouping, np.array(columns, dtype=np.int32))
        for base in (None, "0/0", "0"):
            record = genotypes_of(gts, base, choices[:known])
            for alt_index in (1, 2, 3):
                flat = counter.count(record, alt_index).reshape(-1, len(COUNT_FIELDS))
                for group, counts in zip(grouping.groups, flat.tolist(), strict=True):
                    expected = dict.fromkeys(COUNT_FIELDS, 0)
                    for gt, sample in zip(gts, columns, strict=True):
                        fact = facts[names[sample]]
                        if group.population not in (None, *fact.superpopulations) or group.sex not in (None, fact.sex):
                            continue
                        genotype = parse_genotype(gt)
                        assert genotype is not None
                        call = call_allele(genotype, alt_index)
                        expected["ac"] += call.dosage
                        expected["an"] += call.called
                        expected[call.genotype_class] += 1
                    assert counts == list(expected.values())


def test_entries_add_up_the_same_one_by_one_and_as_words() -> None:
    rows = np.array([[0, 11, 30, 99], [1, -12, -1, -1], [70_000, 2**31 - 1, 0, 5]], dtype=np.int64)
    a, b, c, d = (rows[:, column].astype(np.int32) for column in range(4))
    high, low = entry_words(first_words(a), b.astype(np.uint32), second_words(c, d))
    sums = [entry_sums(*row) for row in rows.tolist()]
    assert (high, low) == (sum(one for one, _ in sums), sum(other for _, other in sums))


def test_the_hash_of_a_content_is_the_one_the_embedded_job_computes() -> None:
    content = ContentHash()
    content.add_text("29.95")
    content.add_text("é𝔸")
    content.add_integer(-7)
    content.add_entries(entry_sums(3, 1234567, -1, 99))
    assert content.digest() == 4936654973927542454
