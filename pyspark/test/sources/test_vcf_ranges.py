import pickle

import pytest
from vcf_lines import read, vcf

from batch.sources.vcf import RangeReader, VcfRecord, read_header


def record(contig: str, pos: int, info: str = ".") -> str:
    return f"{contig} {pos} . A C . . {info}"


@pytest.mark.parametrize("ranges", [1, 2, 3, 7])
def test_every_record_of_a_contig_that_comes_back_is_rejected_wherever_the_ranges_are_cut(ranges: int) -> None:
    contigs = ["1", "2", "1", "2", "2", "3", "2", "1", "3"]
    result = read(vcf([record(contig, pos) for pos, contig in enumerate(contigs)], meta=[]), ranges=ranges)
    assert [item.line for item in result.records] == [3, 4, 6, 7, 8, 11]
    assert [(fault.line, fault.rule, fault.found) for fault in result.rejections] == [
        (5, "CHROM_CONTIGUOUS", "1"),
        (9, "CHROM_CONTIGUOUS", "2"),
        (10, "CHROM_CONTIGUOUS", "1"),
    ]
    assert result.rounds == 2


@pytest.mark.parametrize("ranges", [1, 2, 4])
def test_a_record_that_is_wrong_ends_no_block(ranges: int) -> None:
    lines = [record("1", 1), record("2", 2, "DP=x"), record("1", 3), record("2", 4), record("1", 5, "DP=x")]
    result = read(vcf(lines), ranges=ranges)
    assert [item.pos for item in result.records] == [1, 3, 4]
    # What stands in the wrong place is told before what is wrong inside.
    assert [fault.rule for fault in result.rejections] == ["INFO_TYPE", "CHROM_CONTIGUOUS"]


@pytest.mark.parametrize("ranges", [1, 3])
def test_a_file_whose_contigs_form_blocks_is_read_once(ranges: int) -> None:
    lines = [record(contig, pos) for contig in "1234" for pos in range(1, 5)]
    assert read(vcf(lines), ranges=ranges).rounds == 1


@pytest.mark.parametrize("ranges", [1, 3])
def test_a_file_has_at_most_65_535_genotype_texts_the_first_ones(ranges: int) -> None:
    alternates = ",".join("A" * (length + 2) for length in range(260))
    rows = [[f"{first}/{second}" for second in range(257)] for first in range(257)]
    lines = [f"1 {pos} . A {alternates} . . . GT {' '.join(row)}" for pos, row in enumerate(rows, 1)]
    result = read(vcf([*lines, lines[0]], samples=257, meta=[]), ranges=ranges)
    assert [item.pos for item in result.records] == [*range(1, 256), 1]
    # 255 lines of 257 texts are all there may be.
    assert [(fault.field, fault.rule, fault.found) for fault in result.rejections] == [
        ("FORMAT/GT of S0", "GENOTYPE_VARIETY", "255/0"),
        ("FORMAT/GT of S0", "GENOTYPE_VARIETY", "256/0"),
    ]
    assert result.rounds == 2


def test_empty_lines_are_no_records_and_a_carriage_return_before_the_line_break_is_no_part_of_one() -> None:
    lines = [*vcf([record("1", 1)]), b"", b"\r", b"1\t2\t.\tA\tC\t.\t.\t.\r"]
    assert [(item.line, item.info) for item in read(lines).records] == [(8, ""), (11, "")]


def test_header_summary_and_records_travel_between_processes() -> None:
    lines = vcf(["1 1 . A C . . . GT:DP 0|1:5 0|0:."], samples=2)
    header = pickle.loads(pickle.dumps(read_header(iter(lines))))
    reader = RangeReader(header, None)
    item = pickle.loads(pickle.dumps(reader.read(header.lines + 1, lines[-1])))
    assert isinstance(item, VcfRecord)
    assert item.genotypes.dp is not None
    assert item.genotypes.dp.tolist() == [5]
    assert pickle.loads(pickle.dumps(reader.summary)) == reader.summary
