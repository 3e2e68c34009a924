"""What the INFO column of a symbolic or breakend record says. Source: VCF 4.5, sections 3 and 5."""

import math
import re
from typing import NamedTuple

from batch.domain.numbers import number_of
from batch.domain.text import trim


class StructuralFacts(NamedTuple):
    """`sv_len` is given without sign; numbers are as INFO gives them, which may be no integers."""

    sv_type: str
    end_pos: float | None
    sv_len: float | None
    ci_pos: str | None
    ci_end: str | None
    mate_id: str | None
    imprecise: bool
    copy_number: float | None


# Types whose SVLEN counts bases of the reference behind POS; that of an insertion counts bases it adds.
_SPANNING = re.compile("DEL|DUP|INV|CNV")
_SYMBOLIC = re.compile("<([^>]+)>")
_SINGLE_BREAKEND = re.compile(r"^\.[ACGTN]|[ACGTN]\.\Z", re.ASCII | re.IGNORECASE)


def structural_facts(pos: int, alt: str, alt_index: int, end_pos: int | None, info: str) -> StructuralFacts:
    """`alt_index` is 1-based and picks the value of a per-allele key."""
    keys: dict[str, str] = {}
    for part in info.split(";") if info else []:
        key, _, value = part.partition("=")
        keys[key] = value
    symbolic = _SYMBOLIC.fullmatch(alt)
    is_breakend = "[" in alt or "]" in alt or bool(_SINGLE_BREAKEND.search(alt))
    if symbolic is not None:
        sv_type = symbolic[1]
    else:
        sv_type = "BND" if is_breakend else _per_allele(keys, "SVTYPE", alt_index) or "UNKNOWN"
    stated = _number(keys, "SVLEN", alt_index)
    end: float | None = end_pos
    if end is None and stated is not None and _SPANNING.match(sv_type):
        end = pos + abs(stated)
    length = None if stated is None else abs(stated)
    if length is None and end_pos is not None and not is_breakend and not sv_type.startswith("INS"):
        length = end_pos - pos
    return StructuralFacts(
        sv_type=sv_type,
        end_pos=None if is_breakend else end,
        sv_len=length,
        ci_pos=keys.get("CIPOS"),
        ci_end=keys.get("CIEND"),
        mate_id=_per_allele(keys, "MATEID", alt_index),
        imprecise="IMPRECISE" in keys,
        copy_number=_number(keys, "CN", alt_index),
    )


def _per_allele(keys: dict[str, str], key: str, alt_index: int) -> str | None:
    if key not in keys:
        return None
    values = keys[key].split(",")
    value = values[alt_index - 1] if alt_index <= len(values) else values[0]
    return None if value in (".", "") else value


def _number(keys: dict[str, str], key: str, alt_index: int) -> float | None:
    text = _per_allele(keys, key, alt_index)
    value = math.nan if text is None else number_of(trim(text))
    return value if math.isfinite(value) else None
