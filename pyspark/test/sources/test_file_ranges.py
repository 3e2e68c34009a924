import gzip
import random
from collections.abc import Iterator

import pytest
from helpers.bgzip import END_OF_FILE, bgzip, block

from batch.refusal import Refusal
from batch.sources.decompress import decompress, kind_of, numbered_lines
from batch.sources.file_ranges import Read, count_range, line_ranges, range_lines, split

RANDOM = random.Random(7)
LINES = [bytes(RANDOM.choices(b"ACGT\t", k=RANDOM.choice([0, 1, 40, 700, 9000]))) for _ in range(400)]
TEXT = b"\n".join(LINES) + b"\n"


def reader(content: bytes) -> Read:
    def read(offset: int, length: int | None) -> Iterator[bytes]:
        end = len(content) if length is None else offset + length
        for at in range(offset, min(end, len(content)), 5_000):
            yield content[at : min(at + 5_000, end)]

    return read


def in_ranges(content: bytes, size: int) -> list[tuple[int, bytes]] | None:
    """The lines of a file, read in ranges of `size`; None where it has to be read as one."""
    read, kind = reader(content), kind_of(content[:18])
    counts = [count_range(read, kind, len(content), *one) for one in split(len(content), size)]
    ranges = line_ranges(counts, kind, len(content))
    if ranges is None:
        return None
    return [line for one in ranges for line in range_lines(read, kind, len(content), one)]


def whole(content: bytes) -> list[tuple[int, bytes]]:
    return list(numbered_lines(iter([content])))


@pytest.mark.parametrize("size", [1_000, 4_096, 65_536, 10_000_000])
@pytest.mark.parametrize("text", [TEXT, TEXT[:-1], TEXT.replace(b"\n", b"\r\n"), b"\n\n\n", b"x"], ids=range(5))
class TestLinesInRanges:
    def test_of_plain_text_are_those_of_the_whole_file(self, text: bytes, size: int) -> None:
        assert in_ranges(text, size) == whole(text)

    @pytest.mark.parametrize("block_size", [37, 5_000, 0xFF00])
    def test_of_bgzf_are_those_of_the_whole_file(self, text: bytes, size: int, block_size: int) -> None:
        assert in_ranges(bgzip(text[:400_000], block_size), size) == whole(text[:400_000])


def test_the_text_of_a_block_may_look_like_the_header_of_one() -> None:
    inner = block(b"never seen")
    stored = b"".join([inner[:10], b"\n"] * 30)
    content = bgzip(stored * 50, 800)
    assert in_ranges(content, 1_000) == whole(content)


def test_a_line_may_span_several_ranges() -> None:
    text = b"a\n" + b"b" * 300_000 + b"\nc\n"
    assert in_ranges(bgzip(text, 500), 500) == whole(text)
    assert in_ranges(text, 1_000) == [(1, b"a"), (2, b"b" * 300_000), (3, b"c")]


def test_a_line_past_the_limit_comes_cut_and_the_next_one_has_its_number() -> None:
    text = b"a\n" + b"b" * ((8 << 20) + 100_000) + b"\nc\n"
    lines = in_ranges(text, 3 << 20)
    assert lines is not None
    assert [(line, raw[:1]) for line, raw in lines] == [(1, b"a"), (2, b"b"), (3, b"c")]
    assert (8 << 20) + 1 < len(lines[1][1]) < len(text)


class TestDamage:
    CONTENT = bgzip(TEXT, 5_000)

    def test_a_flipped_bit_makes_a_file_be_read_as_one_which_refuses_it(self) -> None:
        at = len(self.CONTENT) // 2
        content = self.CONTENT[:at] + bytes([self.CONTENT[at] ^ 4]) + self.CONTENT[at + 1 :]
        assert in_ranges(content, 10_000) is None
        with pytest.raises(Refusal, match=r"the compressed file is damaged: expected .*; read "):
            whole(content)

    @pytest.mark.parametrize("cut", [1, 28, 29, 5_000])
    def test_a_missing_end_makes_a_file_be_read_as_one_which_refuses_it(self, cut: int) -> None:
        content = self.CONTENT[:-cut]
        assert in_ranges(content, 10_000) is None
        with pytest.raises(Refusal, match="the BGZF end-of-file block is missing; read "):
            whole(content)

    def test_what_lies_between_blocks_makes_a_file_be_read_as_one_which_refuses_it(self) -> None:
        head = bgzip(TEXT[:20_000], 5_000)[: -len(END_OF_FILE)]
        content = head + gzip.compress(b"between\n") + bgzip(TEXT, 5_000)
        assert in_ranges(content, 2_000) is None
        with pytest.raises(Refusal, match="expected a BGZF block"):
            whole(content)

    def test_a_small_file_that_becomes_a_huge_one_is_read_as_one_which_refuses_it(self) -> None:
        content = bgzip(b"\0" * (40 << 20))
        assert in_ranges(content, 10_000) is None
        with pytest.raises(Refusal, match="more than the allowed ratio"):
            for _ in decompress(iter([content])):
                pass


class TestGzip:
    def test_of_several_members_is_read_to_its_end(self) -> None:
        content = gzip.compress(b"a\nb") + gzip.compress(b"c\n") + b"\0\0"
        assert whole(content) == [(1, b"a"), (2, b"bc")]

    def test_that_is_cut_off_is_refused(self) -> None:
        with pytest.raises(Refusal, match="its gzip stream does not end; read before the first line"):
            whole(gzip.compress(TEXT)[:-3])

    def test_that_is_damaged_is_refused(self) -> None:
        with pytest.raises(Refusal, match="expected gzip data"):
            whole(gzip.compress(b"a\n") + b"not gzip at all")


@pytest.mark.parametrize("content", [b"BZh91AY", b"PK\3\4abc", b"\x28\xb5\x2f\xfd"])
def test_other_formats_are_refused_by_name(content: bytes) -> None:
    with pytest.raises(Refusal, match="expected plain text, gzip or bgzip"):
        whole(content)
