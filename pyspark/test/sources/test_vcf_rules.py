import pytest
from vcf_lines import META, read, vcf

from batch.sources.vcf import Rejection
from batch.sources.vcf.limits import LINE_BYTES
from batch.sources.vcf.rules import VCF_RULES

GOOD = "1 100 . A C 10 PASS . GT 0/0 0/1"
CASES = [
    ("COLUMN_COUNT", "columns", "1 100 . A", "4 columns"),
    ("COLUMN_COUNT", "columns", "1 100 . A C . . . GT 0/0", "1 sample columns"),
    ("COLUMN_COUNT", "columns", "1 100 . A C . . . GT 0/0 0/1 0/1", "3 sample columns"),
    ("COLUMN_COUNT", "columns", "1\t100\t.\tA\tC\t.\t.\t.", "8 columns"),
    ("CHROM_SYNTAX", "CHROM", "chr:1 100 . A C . . . GT 0/0 0/1", "chr:1"),
    ("CHROM_SYNTAX", "CHROM", "1\u00a0 100 . A C . . . GT 0/0 0/1", "1\u00a0"),
    ("POS_SYNTAX", "POS", "1 -1 . A C . . . GT 0/0 0/1", "-1"),
    ("POS_SYNTAX", "POS", "1 2147483648 . A C . . . GT 0/0 0/1", "2147483648"),
    ("ID_SYNTAX", "ID", "1 100 a;a A C . . . GT 0/0 0/1", "a;a"),
    ("ID_SYNTAX", "ID", "1\t100\t\tA\tC\t.\t.\t.\tGT\t0/0\t0/1", ""),
    ("REF_SYNTAX", "REF", "1 100 . R C . . . GT 0/0 0/1", "R"),
    ("ALT_SYNTAX", "ALT", "1 100 . A C, . . . GT 0/0 0/1", ""),
    ("ALT_SYNTAX", "ALT", "1 100 . A [1:5[ . . . GT 0/0 0/1", "[1:5["),
    ("ALT_SYNTAX", "ALT", "1 100 . A A[1:5] . . . GT 0/0 0/1", "A[1:5]"),
    ("ALT_DUPLICATE", "ALT", "1 100 . A a . . . GT 0/0 0/1", "a"),
    ("ALT_DUPLICATE", "ALT", "1 100 . A C,c . . . GT 0/0 0/1", "c"),
    ("QUAL_SYNTAX", "QUAL", "1 100 . A C high . . GT 0/0 0/1", "high"),
    ("QUAL_SYNTAX", "QUAL", "1 100 . A C -1 . . GT 0/0 0/1", "-1"),
    ("FILTER_SYNTAX", "FILTER", "1 100 . A C . q10;0 . GT 0/0 0/1", "q10;0"),
    ("FILTER_SYNTAX", "FILTER", "1 100 . A C . PASS;q10 . GT 0/0 0/1", "PASS;q10"),
    ("INFO_SYNTAX", "INFO", "1 100 . A C . . A-B=1 GT 0/0 0/1", "A-B=1"),
    ("INFO_DUPLICATE", "INFO/ONE", "1 100 . A C . . ONE=1;ONE=2 GT 0/0 0/1", "ONE=2"),
    ("INFO_TYPE", "INFO/ONE", "1 100 . A C . . ONE=1.5 GT 0/0 0/1", "1.5"),
    ("INFO_TYPE", "INFO/ONE", "1 100 . A C . . ONE=2147483648 GT 0/0 0/1", "2147483648"),
    ("INFO_TYPE", "INFO/LETTER", "1 100 . A C . . LETTER=ab GT 0/0 0/1", "ab"),
    ("INFO_TYPE", "INFO/DB", "1 100 . A C . . DB=yes GT 0/0 0/1", "yes"),
    ("INFO_NUMBER", "INFO/PER", "1 100 . A C,G . . PER=0.5 GT 0/0 0/1", "0.5"),
    ("INFO_NUMBER", "INFO/ONE", "1 100 . A C . . ONE GT 0/0 0/1", "no value"),
    ("INFO_VALUE", "INFO/DP", "1 100 . A C . . DP=-4 GT 0/0 0/1", "-4"),
    ("INFO_VALUE", "INFO/CIGAR", "1 100 . A C . . CIGAR=1Q GT 0/0 0/1", "1Q"),
    ("FORMAT_SYNTAX", "FORMAT", "1 100 . A C . . . DP:GT 1:0/0 2:0/1", "DP:GT"),
    ("FORMAT_SYNTAX", "FORMAT", "1 100 . A C . . . GT:DP:DP 0/0 0/1", "GT:DP:DP"),
    ("SAMPLE_SYNTAX", "S1", "1 100 . A C . . . GT 0/0 0/1:5", "0/1:5"),
    ("SAMPLE_TYPE", "FORMAT/PAIR of S1", "1 100 . A C . . . GT:PAIR 0/0:1,2 0/1:1,b", "b"),
    ("SAMPLE_NUMBER", "FORMAT/EACH of S0", "1 100 . A C . . . GT:EACH 0/0:1 0/1", "1"),
    ("SAMPLE_NUMBER", "FORMAT/PL of S0", "1 100 . A C . . . GT:PL 0/0:1,2 0/1", "1,2"),
    ("GENOTYPE_SYNTAX", "FORMAT/GT of S1", "1 100 . A C . . . GT 0/0 0/C", "0/C"),
    ("ALLELE_RANGE", "FORMAT/GT of S0", "1 100 . A C . . . GT 0/2 0/0", "0/2"),
    ("ENCODING", "line", "1 100 . A C . . X=\0 GT 0/0 0/1", "byte 0 at 19 of the line"),
]


@pytest.mark.parametrize(("rule", "field", "bad", "found"), CASES)
def test_a_record_that_breaks_a_rule_is_rejected_between_its_neighbours(
    rule: str, field: str, bad: str, found: str
) -> None:
    lines = vcf([GOOD, bad, GOOD], samples=2)
    result = read(lines)
    assert [record.line for record in result.records] == [8, 10]
    [rejection] = result.rejections
    assert rejection[:3] == (9, field, rule)
    assert rejection.expected != ""
    assert rejection[4:] == (found, lines[8].decode())


def test_every_rule_has_a_case() -> None:
    elsewhere = {"POS_RANGE", "CHROM_CONTIGUOUS", "GENOTYPE_VARIETY", "LINE_TOO_LONG"}
    assert {rule for rule, *_ in CASES} | elsewhere == set(VCF_RULES)


def test_a_line_that_is_not_utf_8_is_rejected_and_its_neighbours_are_read() -> None:
    result = read([*vcf(["1 1 . A C . . X=é"]), b"1\t2\t.\tA\tC\t.\t.\tX=\xe9", "1\t3\t.\tA\tC\t.\t.\tX=é".encode()])
    assert [(record.pos, record.info) for record in result.records] == [(1, "X=é"), (3, "X=é")]
    assert [(fault.rule, fault.found, fault.raw[-3:]) for fault in result.rejections] == [("ENCODING", "é", "X=\ufffd")]


def test_a_line_of_exactly_the_limit_is_right_and_one_byte_more_is_wrong_however_it_was_cut() -> None:
    line = b"1\t1\t.\tA\tC\t.\t.\tX=" + b"x" * (LINE_BYTES - 16)
    assert len(line) == LINE_BYTES
    header = vcf([])
    assert read([*header, line, line + b"\r"]).rejections == []
    [whole, cut] = read([*header, line + b"x" * 50, line + b"xx"]).rejections
    assert (whole.rule, cut.rule) == ("LINE_TOO_LONG", "LINE_TOO_LONG")
    assert whole.found == line[:200].decode()
    assert len(whole.raw) == 64 << 10


def test_a_record_past_the_end_of_its_contig_is_rejected_and_the_telomeres_are_taken() -> None:
    lines = vcf([f"chr21 {pos} . N C . . ." for pos in (0, 46709983, 46709984, 46709985)])
    result = read(lines, build="GRCh38")
    assert [record.pos for record in result.records] == [0, 46709983, 46709984]
    assert [(fault.rule, fault.found) for fault in result.rejections] == [("POS_RANGE", "46709985")]
    own = read(vcf(["decoy 51 . N C . . .", "decoy 50 . NN C . . ."], meta=["##contig=<ID=decoy,length=50>"]))
    assert [fault.found for fault in own.rejections] == ["50"]


@pytest.mark.parametrize(
    ("version", "record"),
    [
        ("4.2", "1 1 . A C . . assume-default GT 0/0 0/1"),
        ("4.2", "1\t1\t\tA\tC\t.\t.\t.\tGT\t0/0\t0/1"),
        ("4.2", "1\t1\t.\tA\tC\t\t.\t\tGT\t0/0\t0/1"),
        ("4.3", "1 1 . A C . . UNKNOWN=1,2;ALSO GT 0/0 0/1"),
        ("4.3", "1 1 . A C . . ONE=1; GT 0/0 0/1"),
        ("4.3", "1 1 . A C . . . GT:PL 0:1,2,3 0/1:1,2,3"),
        ("4.3", "1 1 . A C . . . GT:EC 0/0:1,2 0/1:5"),
        ("4.4", "1 1 . A <CNV:TR>,<CNV:TR> . . . GT 0/1 0/2"),
        ("4.4", "1 1 . A C . . . GT |0 /0|1"),
        ("4.3", "HLA-A*01:01:01:01 1 . A C . . . GT 0/0 0/1"),
        ("4.3", "1 0 . N C . . . GT 0/0 0/1"),
    ],
)
def test_what_older_or_wider_practice_allows_is_read(version: str, record: str) -> None:
    assert read(vcf([record], version=version, meta=META, samples=2)).rejections == []


def test_an_order_of_info_keys_that_comes_often_is_checked_as_strictly_as_before() -> None:
    right = [f"1 {pos} . A C . . ONE={pos};PER=0.5;DP=3;END={pos + 9};NAME=a,b GT 0/0 0/1" for pos in range(1, 400)]
    wrong = [
        "1 500 . A C . . ONE=1,2;PER=0.5;DP=3;END=509;NAME=x GT 0/0 0/1",
        "1 500 . A C,G . . ONE=1;PER=0.5;DP=3;END=509;NAME=x GT 0/0 0/1",
        "1 500 . A C . . ONE=1;PER=0.5;DP=-3;END=509;NAME=x GT 0/0 0/1",
        "1 500 . A C . . ONE=1;PER=0.5;DP=3;END=509;NAME=x\x7f GT 0/0 0/1",
        "1 500 . A C . . ONE=1;PER=0.5;DP=3;END=509;NAME=x;ONE=1 GT 0/0 0/1",
    ]
    result = read(vcf([*right, *wrong], samples=2))
    assert [record.end_pos for record in result.records] == [pos + 9 for pos in range(1, 400)]
    assert [fault.rule for fault in result.rejections] == [
        "INFO_NUMBER",
        "INFO_NUMBER",
        "INFO_VALUE",
        "INFO_SYNTAX",
        "INFO_DUPLICATE",
    ]


def test_a_rejection_tells_at_most_200_units_of_what_was_found() -> None:
    [fault] = read(vcf([f"1 1 . A C . {'𝔸' * 150},x ."])).rejections
    assert isinstance(fault, Rejection)
    assert fault.found == "𝔸" * 100
