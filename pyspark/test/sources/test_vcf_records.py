from typing import Any

import pytest
from vcf_lines import read, vcf

from batch.refusal import Refusal
from batch.sources.vcf import Genotypes, read_header


def listed(genotypes: Genotypes) -> dict[int, Any]:
    """The text of each listed sample, by column."""
    codes = zip(genotypes.sample.tolist(), genotypes.code.tolist(), strict=True)
    return {column: genotypes.texts[code].text for column, code in codes}


def test_only_samples_that_differ_from_the_base_or_keep_a_value_are_listed() -> None:
    lines = ["1 1 . A C . . . GT 0|0 0|1 0|0 ./.", "1 2 . A C . . . GT:DP 0|0 0|0:7 0|0:. 0|0:0"]
    first, second = read(vcf(lines, samples=4)).records
    assert listed(first.genotypes) == {1: "0|1", 3: "./."}
    assert listed(second.genotypes) == {1: "0|0", 3: "0|0"}
    assert second.genotypes.dp is not None
    assert second.genotypes.dp.tolist() == [7, 0]


def test_the_end_is_one_number_and_none_where_a_header_allows_a_list() -> None:
    ends = ["END=20", "END=20,30", "END=20,.", "END=.", "DP=1"]
    lines = [f"1 {at} . A <DEL> . . {info}" for at, info in enumerate(ends, 1)]
    meta = ['##INFO=<ID=END,Number=.,Type=Integer,Description="Ends">']
    assert [record.end_pos for record in read(vcf(lines, meta=meta)).records] == [20, None, None, None, None]


@pytest.mark.parametrize("copies", [1, 40])
def test_haploid_males_are_read_beside_diploid_females(copies: int) -> None:
    texts = ["0", "0|1", "1", "0|0", "."] * copies
    [record] = read(vcf([f"X 5 . A C . . . GT {' '.join(texts)}"], samples=len(texts))).records
    assert record.genotypes.texts[record.genotypes.base].text == "0"
    assert listed(record.genotypes) == {column: text for column, text in enumerate(texts) if text != "0"}


@pytest.mark.parametrize("copies", [1, 40])
@pytest.mark.parametrize("first", ["0/0", "1|1", ".|.", "0|0"])
def test_the_base_is_the_first_text_of_reference_alleles_in_every_line(first: str, copies: int) -> None:
    texts = [first, *(["0|0", "0/0", "1|0"] * copies)]
    lines = [f"1 {pos} . A C . . . GT {' '.join(row)}" for pos, row in enumerate((texts, texts[::-1], texts), 1)]
    for record, row in zip(read(vcf(lines, samples=len(texts))).records, (texts, texts[::-1], texts), strict=True):
        base = next(text for text in row if text in ("0|0", "0/0"))
        assert record.genotypes.texts[record.genotypes.base].text == base
        assert listed(record.genotypes) == {column: text for column, text in enumerate(row) if text != base}


@pytest.mark.parametrize("copies", [1, 20])
def test_depths_qualities_phase_sets_and_filters_are_kept_as_they_stand_and_missing_ones_apart(copies: int) -> None:
    samples = ["0/1:3,4,0:7:99:5:9:q10;low:ab", "0/1", "0/0:.:.:.", "0/1:1,2,.:.:1.9"] * copies
    line = f"1 9 . A C,<NON_REF> . . END=20 GT:AD:DP:GQ:MIN_DP:PS:FT:XX {' '.join(samples)}"
    [record] = read(vcf([line], samples=len(samples))).records
    found = record.genotypes
    assert record.end_pos == 20
    assert found.sample.tolist() == [column for column in range(4 * copies) if column % 4 != 2]
    assert found.dp is not None and found.gq is not None and found.min_dp is not None and found.ad is not None
    assert found.dp.tolist() == [7, -1, -1] * copies
    assert found.gq.tolist() == [99, -1, 1] * copies
    assert found.min_dp.tolist() == [5, -1, -1] * copies
    assert found.ad.tolist() == [[3, 4, 0], [-1, -1, -1], [1, 2, -1]] * copies
    assert found.ps == ["9", None, None] * copies
    assert found.filters == ["q10;low", None, None] * copies


@pytest.mark.parametrize(
    ("lines", "line", "field"),
    [
        ([], 1, "##fileformat"),
        ([b"\xef\xbb\xbf##fileformat=VCFv4.2"], 1, "##fileformat"),
        ([b"##fileformat=VCFv5.0"], 1, "##fileformat"),
        ([b"##fileformat=VCFv4.2", b"##x=1"], 2, "#CHROM"),
        ([b"##fileformat=VCFv4.2", b""], 2, "header"),
        ([b"##fileformat=VCFv4.3", b"##x=\xe9"], 2, "header"),
        ([b"##fileformat=VCFv4.2", b"##x=\0"], 2, "header"),
        ([b"##fileformat=VCFv4.2", b'##INFO=<ID=DP,Number=2,Type=Integer,Description="x">'], 2, "##INFO"),
        ([b"##fileformat=VCFv4.2", b"#CHROM\tPOS"], 2, "#CHROM"),
        ([b"##fileformat=VCFv4.2", b"##x=" + b"x" * (8 << 20)], 2, "header"),
    ],
)
def test_a_fault_of_the_header_refuses_the_file_and_names_its_line(lines: list[bytes], line: int, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_header(iter(lines))
    assert (refused.value.code, refused.value.line, refused.value.field) == ("INGEST_REJECTED", line, field)


def test_the_header_takes_no_line_behind_the_columns() -> None:
    lines = iter(vcf(["1 1 . A C . . ."]))
    assert read_header(lines).lines == 7
    assert next(lines).startswith(b"1\t1")
