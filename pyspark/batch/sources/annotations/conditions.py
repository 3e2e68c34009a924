"""Conditions and their ids, as ClinVar and tables of genes and diseases write them."""

import re
from typing import Final

from batch.domain.clinical import ConditionCoding
from batch.domain.text import SPACE, trim

_NAMED: Final = "text"
"""The system of a name without an id."""

_DARK = f"[^{SPACE}]"
_ID = re.compile(f"([A-Za-z][0-9A-Za-z_ ]{{0,40}}):{_DARK}+")
_BEGINS_WITH_ID = re.compile(f"{_DARK}+:{_DARK}+\\|")
_IS_ID = re.compile(f"{_DARK}+:{_DARK}+(?:\\||\\Z)")
_IDS = re.compile("[,;]")
_PREFIXED = re.compile("[A-Z]+:")

_PREFERRED = ("MONDO", "OMIM", "Orphanet", "MedGen", "Human_Phenotype_Ontology", "MeSH")
"""Which of several ids of one condition is served."""
_RANKS = {system: rank for rank, system in enumerate(_PREFERRED)}


def coding_of(text: str) -> ConditionCoding | None:
    """`MONDO:0014502|name`: the code keeps its prefix where the vocabulary writes it so. None for no text."""
    before, bar, after = text.partition("|")
    id = trim(before)
    name = trim(after) if bar else None
    match = _ID.fullmatch(id)
    if match is not None:
        return ConditionCoding(match[1], id, None if name == "" else name)
    display = id if name is None else name
    return None if display == "" else ConditionCoding(_NAMED, display, display)


def conditions_of_table(text: str | None) -> tuple[ConditionCoding, ...]:
    """`MONDO:0014502|name;MONDO:0018940|name`. A part without a colon before its bar belongs to the name before it."""
    if text is None:
        return ()
    parts: list[str] = []
    for part in text.split(";"):
        if parts and _BEGINS_WITH_ID.match(parts[-1]) and not _IS_ID.match(part):
            parts[-1] += f";{part}"
        else:
            parts.append(part)
    return tuple(coding for part in parts if (coding := coding_of(part)) is not None)


def conditions_of_lists(names: str | None, ids: str | None) -> tuple[ConditionCoding, ...]:
    """Names and ids of the ClinVar VCF (or of variant_summary).

    Conditions are separated by `|`, the ids of one by `,`, and an id repeats its prefix (`MONDO:MONDO:0015356`).
    Underscores in names are spaces.
    """
    id_list = [] if ids is None else ids.split("|")
    name_list = [""] * len(id_list) if names is None else names.split("|")
    # Ids can only be told apart by condition where there are as many lists as names.
    own_ids = id_list if len(id_list) == len(name_list) else [""] * len(name_list)
    found = []
    for name, own in zip(name_list, own_ids, strict=True):
        display = trim(name.replace("_", " ")) or None
        best = _best_of(own)
        if best is not None:
            found.append(ConditionCoding(*best, display))
        elif display is not None:
            found.append(ConditionCoding(_NAMED, display, display))
    return tuple(found)


def _best_of(ids: str) -> tuple[str, str] | None:
    codings = [(id[:at], _code_of(id, at)) for id in _IDS.split(ids) if (at := id.find(":")) > 0]
    return min(codings, key=lambda coding: _RANKS.get(coding[0], len(_PREFERRED)), default=None)


def _code_of(id: str, at: int) -> str:
    """`MONDO:MONDO:0015356` is `MONDO:0015356`, `OMIM:608456` stays."""
    rest = id[at + 1 :]
    return rest if rest.startswith(id[: at + 1]) or _PREFIXED.match(rest) else id
