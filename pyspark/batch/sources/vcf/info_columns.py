"""Patterns of whole INFO columns: most columns of a file name the same keys in the same order."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from batch.sources.vcf.info_values import value_pattern
from batch.sources.vcf.types import FieldDefinition

_SEEN_BEFORE: Final = 100
"""Making a pattern takes longer than checking so many columns of sixty keys without one."""
_MOST: Final = 40
_ORDERS: Final = 2_000


class InfoColumns:
    """Columns of one number of alternates that are certainly right, by the order of their keys."""

    def __init__(self, count_of: Callable[[FieldDefinition], float | None]) -> None:
        self._count_of = count_of
        # The last one that fitted comes first.
        self._patterns: list[re.Pattern[str]] = []
        self._seen: dict[tuple[str, ...], int] = {}

    def match(self, info: str) -> re.Match[str] | None:
        """The group `END` is the place of the end, where the column has one."""
        for place, pattern in enumerate(self._patterns[:8]):
            match = pattern.fullmatch(info)
            if match is not None:
                if place > 0:
                    self._patterns.insert(0, self._patterns.pop(place))
                return match
        return None

    def learn(self, parts: Sequence[tuple[str, bool]], definitions: dict[str, FieldDefinition | None]) -> None:
        """Takes a column found right otherwise: its keys, and whether each has a value."""
        order = tuple(f"{key}=" if has_value else key for key, has_value in parts)
        seen = self._seen.get(order, 0) + 1
        if seen > 1 or len(self._seen) < _ORDERS:
            self._seen[order] = seen
        if seen == _SEEN_BEFORE and len(self._patterns) < _MOST:
            pattern = self._pattern(parts, definitions)
            if pattern is not None:
                self._patterns.insert(0, pattern)

    def _pattern(
        self, parts: Sequence[tuple[str, bool]], definitions: dict[str, FieldDefinition | None]
    ) -> re.Pattern[str] | None:
        texts = []
        for key, has_value in parts:
            if not has_value:
                texts.append(re.escape(key))
                continue
            definition = definitions[key]
            value = "[^;]*" if definition is None else value_pattern(definition, self._count_of(definition))
            if value is None:
                return None
            texts.append(f"{re.escape(key)}={f'(?P<END>{value})' if key == 'END' else value}")
        return re.compile(";".join(texts))
