"""How often a rule applied."""


def count_rule(counts: dict[str, int], rule: str, by: int = 1) -> None:
    """Adds to the count of one rule."""
    counts[rule] = counts.get(rule, 0) + by
