from pathlib import Path

import pytest

from batch.domain.allele import Allele, normalise_allele
from batch.refusal import Refusal
from batch.sources.fasta import Fasta, index_fasta, open_fasta


def test_bases_are_found_across_lines_and_windows_whatever_the_line_break(tmp_path: Path) -> None:
    bases = "".join("ACGTn"[(number * number) % 5] for number in range(200_003))
    for line_break in ("\n", "\r\n"):
        path = tmp_path / "reference.fa"
        lines = line_break.join(bases[at : at + 61] for at in range(0, len(bases), 61))
        path.write_bytes(f">other{line_break}AC{line_break}>chr1 a name{line_break}{lines}".encode())
        found = open_fasta(path, "reference.fa").bases_of("1")
        assert found is not None
        for start, end in [(1, 1), (60, 63), (100_000, 170_000), (5, 9), (200_003, 200_005), (-3, 2), (9, 8)]:
            assert found(start, end) == bases[max(0, start - 1) : max(0, end)].upper()
        assert open_fasta(path, "reference.fa").bases_of("2") is None


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("", 1, "at least one contig"),
        ("AC\n", 1, "a line that starts with >"),
        (">1\nAC\nACG\n", 3, "sequence lines of one length"),
        (">1\nACG\nAC\nACG\n", 4, "sequence lines of one length"),
        (">1\nAC\n>chr1\nAC\n", 4, "each contig once"),
    ],
)
def test_a_file_without_a_regular_shape_is_refused_with_its_line(text: str, line: int, expected: str) -> None:
    with pytest.raises(Refusal) as refused:
        index_fasta([text.encode()], "reference.fa")
    assert (refused.value.line, refused.value.field, refused.value.expected) == (line, "FASTA", expected)


@pytest.mark.parametrize(
    ("allele", "wanted"),
    [
        # GGGCACACACAGGG: one repeat unit less is the same wherever it is written.
        (Allele(6, "CAC", "C"), Allele(3, "GCA", "G")),
        (Allele(8, "CACA", "CA"), Allele(3, "GCA", "G")),
        (Allele(11, "A", "ACA"), Allele(3, "G", "GCA")),
        (Allele(2, "GGC", "GGT"), Allele(4, "C", "T")),
        # At the first base the padding stands behind.
        (Allele(2, "GG", "G"), Allele(1, "GG", "G")),
    ],
)
def test_an_allele_is_shifted_as_far_left_as_it_goes(allele: Allele, wanted: Allele) -> None:
    data = b">1\nGGGCACACACAGGG\n"
    fasta = Fasta(index_fasta([data], "x"), lambda offset, count: data[offset : offset + count])
    assert normalise_allele(allele, fasta.bases_of("1")) == wanted
