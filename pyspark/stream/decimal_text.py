"""SQL between decimal text and whole numbers of 10^-scale: no value passes through a binary fraction."""

DIGITS = 9
"""Digits before the point that a value may have."""

DECIMALS = 18
"""Digits behind the point that a value may have."""


def is_decimal(text: str) -> str:
    """SQL, BOOLEAN: whether decimal text has no more digits than can be added up exactly; null of null."""
    few = f"(instr({text}, '.') = 0 OR length({text}) - instr({text}, '.') <= {DECIMALS})"
    return f"(TRY_CAST({text} AS DECIMAL({DIGITS + DECIMALS},{DECIMALS})) IS NOT NULL AND {few})"


def to_scaled(text: str, scale: str) -> str:
    """SQL, BIGINT: decimal text such as `-36.65` as a whole number; digits beyond the scale are rounded half to even.

    Args:
        text: SQL of text that `is_decimal`.
        scale: SQL of a whole number from 0 to 9.
    """
    factor = f"CAST(concat('1', repeat('0', {scale})) AS DECIMAL(10,0))"
    return f"CAST(bround(CAST({text} AS DECIMAL({DIGITS + DECIMALS},{DECIMALS})) * {factor}, 0) AS BIGINT)"


def from_scaled(value: str, scale: str) -> str:
    """SQL: the reverse, without zeros at the end; null of null."""
    size = f"CAST(abs({value}) AS STRING)"
    digits = f"lpad({size}, greatest(length({size}), {scale} + 1), '0')"
    whole = f"left({digits}, length({digits}) - {scale})"
    fraction = f"rtrim('0', right({digits}, {scale}))"
    return f"concat(IF({value} < 0, '-', ''), {whole}, IF({fraction} = '', '', concat('.', {fraction})))"
