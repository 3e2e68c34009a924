import math

import pytest

from batch.domain.contig import build_of_text, canonical_contig
from batch.domain.numbers import number_of, number_text, to_int32
from batch.domain.text import cut, escape_lone_surrogates, sorted_texts, trim
from batch.transforms.structural import structural_facts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (100.0, "100"),
        (29.95, "29.95"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (0.000001, "0.000001"),
        (1e-7, "1e-7"),
        (1.25e-7, "1.25e-7"),
        (123456789.125, "123456789.125"),
        (5e-324, "5e-324"),
    ],
)
def test_a_number_is_written_as_javascript_writes_it(value: float, text: str) -> None:
    assert number_text(value) == text


def test_a_text_is_a_number_where_javascript_says_so() -> None:
    assert [number_of(text) for text in ("-20", ".5", "5.", "0x10", "", "Infinity")] == [-20, 0.5, 5, 16, 0, math.inf]
    assert all(math.isnan(number_of(text)) for text in ("1_0", "inf", "nan", "-0x10", "1e", "٣"))
    assert [to_int32(value) for value in (16.9, -1.5, 2**31, math.nan)] == [16, -1, -(2**31), 0]


def test_texts_are_cut_sorted_and_trimmed_by_utf_16_units() -> None:
    assert sorted_texts(["\uffee", "𝔸", "Z", "a"]) == ["Z", "a", "𝔸", "\uffee"]
    assert escape_lone_surrogates(cut("a𝔸", 2)) == "a\\ud835"
    assert trim("\ufeff\u2003x\x1f\n") == "x\x1f"


def test_contigs_and_builds_have_many_names() -> None:
    names = ["chr1", "CHR1", "NC_000001.11", "NC_000001.9", "chrM", "x", "chrUn_1"]
    assert [canonical_contig(name) for name in names] == ["1", "1", "1", "NC_000001.9", "MT", "X", "chrUn_1"]
    texts = ["human_g1k_v37.fasta", "GRCh38.p13", "hg190", "hg19 and hg38"]
    assert [build_of_text(text) for text in texts] == ["GRCh37", "GRCh38", None, None]


def test_length_and_end_of_a_structural_alternate_follow_from_each_other() -> None:
    spanning = structural_facts(100, "<DEL>", 2, None, "SVLEN=-10,-20;MATEID=a,b;CN=1,3;IMPRECISE")
    assert (spanning.end_pos, spanning.sv_len, spanning.mate_id, spanning.copy_number) == (120, 20, "b", 3)
    assert spanning.imprecise
    assert structural_facts(100, "<DEL>", 1, 305, "").sv_len == 205
    assert structural_facts(100, "<INS:ME>", 1, 100, "")[:3] == ("INS:ME", 100, None)
    assert structural_facts(100, "G]17:198982]", 1, 305, "SVTYPE=BND;END=305")[:3] == ("BND", None, None)
