"""Small VCF files of mostly right records, with odd values and damaged bytes in between; the same for one seed."""

from collections.abc import Callable
from random import Random

META = [
    '##INFO=<ID=COUNT,Number=1,Type=Integer,Description="x">',
    '##INFO=<ID=PER,Number=A,Type=Float,Description="x">',
    '##INFO=<ID=BOTH,Number=R,Type=Integer,Description="x">',
    '##INFO=<ID=WORD,Number=1,Type=String,Description="x">',
    '##INFO=<ID=MARK,Number=1,Type=Character,Description="x">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">',
    '##FORMAT=<ID=WORD,Number=1,Type=String,Description="x">',
    '##FORMAT=<ID=SHARE,Number=A,Type=Float,Description="x">',
]
_GENOTYPES = ["0|0", "0/0"] * 9 + ["./.", ".", "0"] * 2 + ["0|1", "1|0", "0/1", "1/1", "1", "./1", ".|0"]
_ODD_GENOTYPES = ["1/2", "2|2", "0/0/1", "|0|1", "10/11", "", "0/", "0|1/1", "a|b", "././.", ".|0", "9|9", "07|1"]
_ODD_INTEGERS = [".", "-3", "2147483647", "2147483648", "007", "+4", "9999999999", "", "-2147483641", "5.7"]
_ODD_LENGTHS = ["0x10", " 7 ", "1e3", "2.5", "9999999999", "x", ""]
_ODD_FLOATS = [".", "-0.5", "nan", "inf", "1e-300", "1.", ".5", "-.", "1e", "0", "1.2.3", "INF", "+1e+5", "1e999"]
_ODD_WORDS = ["", "a b", "x%3By", "é", "a,b", "𝔸", "\u2028", "\ufeffx", "\x85", "\x1f"]
_PUT = ["", "\t", ":", "|", "/", ".", ",", ";", "=", "0", "9", "A", " ", "\0", "\x7f", "é", "\r", "\x1f", "\udcff"]
_KEYS = ["AD", "DP", "GQ", "MIN_DP", "PS", "FT", "PL", "WORD", "SHARE", "XX"]


def random_vcf(seed: int) -> bytes:
    """A file of 4.1 or 4.3, with 0 to 30 samples."""
    random = Random(seed)
    version = random.choice(["4.1", "4.3"])
    samples = random.choice([0, 1, 2, 5, 8, 30])
    names = [f"S{(number * 7) % 31}" for number in range(samples)]
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", *(["FORMAT", *names] if samples else [])]
    lines = [f"##fileformat=VCFv{version}", *META, "\t".join(columns)]
    for _ in range(random.randrange(12)):
        line = _record(random, samples)
        if random.random() < 0.15:
            at = random.randrange(len(line))
            line = line[:at] + random.choice(_PUT) + line[at + random.randrange(2) :]
        lines.append(line)
    text = random.choice(["\n", "\n", "\n", "\r\n"]).join(lines)
    return text.encode(errors="surrogateescape") + random.choice([b"\n", b"\n", b"", b"\n\n", b"\r\n"])


def _mostly(random: Random, common: str, odd: list[str]) -> str:
    return random.choice(odd) if random.random() < 0.02 else common


def _integer(random: Random) -> str:
    return _mostly(random, str(random.randrange(120)), _ODD_INTEGERS)


def _float(random: Random) -> str:
    return _mostly(random, repr(random.choice([random.random(), random.random() * 1e9, 1.0, 5e-7])), _ODD_FLOATS)


def _word(random: Random) -> str:
    return _mostly(random, random.choice(["abc", ".", "v1.2"]), _ODD_WORDS)


def _list(random: Random, one: Callable[[Random], str], right: int, most: int) -> str:
    count = right if random.random() < 0.9 else 1 + random.randrange(most)
    return ",".join(one(random) for _ in range(count))


def _info_field(random: Random, alternates: int) -> str:
    return random.choice(
        [
            f"COUNT={_integer(random)}",
            f"PER={_list(random, _float, alternates, 2)}",
            f"BOTH={_list(random, _integer, alternates + 1, 3)}",
            f"WORD={_word(random)}",
            f"END={_integer(random)}",
            f"DP={_integer(random)}",
            f"SVLEN={_mostly(random, str(-random.randrange(99)), _ODD_LENGTHS)}",
            random.choice(["SVTYPE=DEL", "CIPOS=-5,5", "MATEID=a,b", "CN=1,3", "IMPRECISE", "CIEND=."]),
            random.choice(["DB", "DB=1", "H2", "UNKNOWN=1,2", "OTHER", "MARK=a", "MARK=ab", "CIGAR=3M1D", "", "A-B=1"]),
        ]
    )


def _info(random: Random, alternates: int) -> str:
    if random.random() < 0.2:
        return random.choice([".", ".", ".", ""])
    fields = [_info_field(random, alternates) for _ in range(random.randrange(1, 5))]
    if random.random() < 0.85:
        fields = list({field.split("=")[0]: field for field in fields}.values())
    return ";".join(fields)


def _value(random: Random, key: str, alternates: int) -> str:
    if key == "GT":
        return _mostly(random, random.choice(_GENOTYPES), _ODD_GENOTYPES)
    if random.random() < 0.12:
        return "."
    if key == "AD":
        return _list(random, _integer, alternates + 1, 3)
    if key == "PL":
        return _list(random, _integer, (alternates + 1) * (alternates + 2) // 2, 6)
    if key in ("DP", "MIN_DP"):
        return _integer(random)
    if key == "GQ":
        return random.choice([_integer, _integer, _float])(random)
    if key == "PS":
        return random.choice([".", "5", "100", "name", "𝔸é"])
    if key == "FT":
        return random.choice([".", "PASS", "q10;s50"])
    return _list(random, _float, max(1, alternates), 2) if key == "SHARE" else _word(random)


def _record(random: Random, samples: int) -> str:
    long = random.choice("ACGT") * random.randrange(1, 80)
    alt = _mostly(
        random,
        random.choice(["C", "C,G", "T", "<DEL>", "<NON_REF>", "C,<*>", ".", "ACGG", "G,<INS:ME>", "AC", "*"]),
        ["c", "A[1:5[", "A", "C,C", "", ".A", long],
    )
    alternates = 0 if alt == "." else len(alt.split(","))
    columns = [
        _mostly(random, "1", ["chr2", "X", "1", "NC_000023.10"]),
        _mostly(random, str(random.randrange(1000)), ["0", "-1", "x", "60001", "155000000", "2147483647"]),
        _mostly(random, random.choice([".", "rs1", "a;b"]), ["a;a", "", "é"]),
        _mostly(random, random.choice(["A", "a", "ACG", "N", "CA"]), ["R", ".", long]),
        alt,
        _mostly(
            random,
            random.choice([".", "10", "1e3", "29.95", "1e-7", "123456789012345678901234"]),
            ["inf", "x", "", "-1", "-0"],
        ),
        _mostly(random, random.choice(["PASS", ".", "q10", "q10;s5"]), ["0", "a;a", ""]),
        _info(random, alternates),
    ]
    if samples == 0:
        return "\t".join(columns)
    keys = ["GT"]
    if random.random() < 0.6:
        keys += random.sample(_KEYS, random.randrange(1, 5))
    keys = random.choice([["DP"], ["DP", "GT"], ["GT", "GT"], ["XX", "AD"]]) if random.random() < 0.05 else keys
    columns.append(":".join(keys))
    for _ in range(samples):
        values = [_value(random, key, alternates) for key in keys]
        kept = len(keys) if random.random() < 0.75 else random.randrange(1, len(keys) + 1)
        columns.append(":".join(values[:kept]))
    return "\t".join(columns)
