"""Which files of a table are written again."""

from batch.compact_log.plan_files import Part, plan_files


def parts(*rows: int, dirty: bool = False) -> list[Part]:
    return [Part(one, dirty) for one in rows]


def test_what_is_new_or_overtaken_is_written_and_nothing_else() -> None:
    fresh, rest = Part(10, True), Part(300_000, True)
    assert plan_files([fresh, *parts(10, 5_000, 300_000), rest]) == [[fresh], [rest]]


def test_more_than_eight_files_of_one_tier_become_one() -> None:
    small, fresh = parts(*[100] * 8), Part(7, True)
    assert plan_files([fresh, *small]) == [[fresh, *small]]
    assert plan_files([fresh, *small[:7]]) == [[fresh]]
    assert plan_files([fresh, *parts(*[5_000] * 9)]) == [[fresh], parts(*[5_000] * 9)]


def test_large_files_stay_as_they_are_however_many() -> None:
    assert plan_files(parts(*[256_000] * 50)) == []


def test_a_file_of_which_nothing_stands_is_not_written() -> None:
    assert plan_files(parts(0, dirty=True)) == []
