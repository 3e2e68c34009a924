"""Numbers from text and to text as the TypeScript twin does it."""

import math
import re

_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_OTHER_BASE = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_INFINITE = {"Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}


def number_of(text: str) -> float:
    """`Number(text)` of a trimmed text: NaN where it is none.

    >>> number_of("-20"), number_of("0x10"), number_of("1_0")
    (-20.0, 16.0, nan)
    """
    if _DECIMAL.fullmatch(text):
        return float(text)
    if text == "":
        return 0.0
    if _OTHER_BASE.fullmatch(text):
        return float(int(text, 0))
    return _INFINITE.get(text, math.nan)


def number_text(value: float) -> str:
    """`String(value)`: the shortest digits that give it back.

    >>> number_text(100.0), number_text(1e21), number_text(1.5e-7), number_text(0.00001)
    ('100', '1e+21', '1.5e-7', '0.00001')
    """
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{sign}Infinity"
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    point = len(whole) + int(exponent or 0)
    digits = whole + fraction
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    digits = stripped.rstrip("0")
    return sign + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    """Digits with the decimal point before the digit number `point`, by the rules of ECMAScript."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    exponent = f"e{point - 1:+d}"
    return digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "") + exponent


def to_int32(value: float) -> int:
    """What a 32-bit column holds of a number: whole, and modulo 2 to the power of 32; 0 where it is not finite."""
    if isinstance(value, float) and not math.isfinite(value):
        return 0
    whole = int(value) & 0xFFFFFFFF
    return whole - 0x100000000 if whole & 0x80000000 else whole
