"""The PySpark sources of knowledge and of people against the compiled TypeScript ones: the same, outcome by outcome."""

import gzip
import json
import random
from pathlib import Path

import pytest
from twin.compare import DATA
from twin.read_sources import Source, compare

from batch.sources.clinical.types import KnownPerson

needs_data = pytest.mark.skipif(not DATA.exists(), reason="the public data set is absent")
SAMPLES = ("https://vitalome.org/sample", "https://vitalome.org/subject")


def head_of(path: Path, lines: int, folder: Path) -> Path:
    """The first lines of a compressed file, as plain text: the rest is of the same kind."""
    target = folder / path.with_suffix("").name
    with gzip.open(path) as whole:
        target.write_bytes(b"".join(line for line, _ in zip(whole, range(lines), strict=False)))
    return target


@needs_data
def test_files_of_knowledge_come_out_the_same(tmp_path: Path) -> None:
    clinvar, genes = DATA / "annotations" / "clinvar", DATA / "annotations" / "genes"
    large = [
        clinvar / "clinvar_20241215_P_LP_2star_GRCh38.tsv.gz",
        clinvar / "clinvar_20260226_cancer_genes_GRCh38.vcf.gz",
        clinvar / "gene_disease_from_clinvar.tsv.gz",
        genes / "genes_ensembl110_GRCh38.tsv.gz",
    ]
    files = [head_of(path, 3_000, tmp_path) for path in large]
    files += [path for path in clinvar.iterdir() if path.suffix == ".tsv"]
    files += [DATA / "annotations" / "vep" / "split-vep.vcf.gz"]
    assert compare([Source("annotations", path, build) for path in files for build in (None, "GRCh38")]) > 10_000


@needs_data
def test_files_about_people_come_out_the_same(tmp_path: Path) -> None:
    clinical = DATA / "clinical"
    files = [path for name in ("fhir-1kgenomes", "fhir-bundles", "fhir-ndjson") for path in (clinical / name).iterdir()]
    table = tmp_path / "uk1.tsv"
    table.write_bytes(b"\n".join((clinical / "cineca-uk1" / "uk1.tsv").read_bytes().split(b"\n")[:200]))
    assert compare([Source("clinical", path, sample_systems=SAMPLES) for path in [*files, table]]) > 10_000


HOSTILE_TABLES = [
    "",
    "\n",
    "a\tb\n1\t2\n",
    "\ufeff#Chrom\tSTART\tend\tensembl_id\tsymbol\r\nchr1\t1\t2\tE\tS\r\n\r\nchrM\t1\t16570\tE\tS\r\n",
    "chrom\tstart\tend\thgnc_id\tsymbol\n1\t1\t2\thgnc:5\tA\n1\t1\t2\t5x\tA\n1\t1\t2\t5\t\u00a0\n1\t1\t2\t5\tA\u2003B\n",
    "chrom\tstart\tend\tensembl_id\tsymbol\n1\t3\t2\tE\tS\n1\t01\t2\tE\tS\nna\t1\t2\tE\tS\nNC_000001.11\t1\t2\tE\tS\n",
    "chrom\tstart\tend\tensembl_id\tsymbol\n"
    + f"1\t1\t2\tE\t{'😀' * 50}\n1\t1\t2\tE\t{'😀' * 51}\n1\t1\t2\t{'e' * 65}\tS\n",
    "symbol\tdisease\nA\tMONDO:1|x;y\nB\ta b:c\nC\t|\nD\tx|\nE\t:\n",
    "symbol\tdisease\tvariants\nA\tx\t7\n",
    "symbol\tdisease\tEvidence\nA\tx\t7\n",
    "chrom\tpos\tvariation_id\tref\talt\tclnsig\tclnsigconf\tdiseases\tlast_evaluated\n"
    + "".join(
        f"1\t{pos}\t{id}\t{ref}\t{alt}\t{sig}\t{conf}\t{diseases}\t{day}\n"
        for pos, id, ref, alt, sig, conf, diseases, day in [
            (10, 1, "ca", "CA", "x", "", "", ""),
            (10, 1, "caca", "ca", "Pathogenic, low penetrance; ; drug  response", "", "A:1|b;c;D:2", "2024-02-29"),
            (10, 2, "A", "C", "conflicting_x", "Benign(1), Likely benign(2)|Benign(3)|", "", "Feb 29, 2023"),
            (10, "a b", "A", "C", "x", "", "", ""),
            (10, 3, "A", "C", "Risk_factor|CONFLICTING_y", "", "a;b", "0000-02-29"),
            (10, 4, "A", "C", "ſomething,low_penetrance,_LOW_PENETRANCE", "", "", "Foo 1, 2020"),
            (-1, 5, "A", "C", "x", "", "", ""),
            (10, 6, "A", "na", "x", "", "", "99991231"),
            (2147483648, 7, "A", "C", "x", "", "", ""),
        ]
    ),
]


def test_hostile_tables_of_knowledge_come_out_the_same(tmp_path: Path) -> None:
    cases = []
    for number, text in enumerate([*HOSTILE_TABLES, "symbol\tdisease\nA\t" + "x" * (9 << 20) + "\nB\ty\n"]):
        path = tmp_path / f"{number}.tsv"
        path.write_text(text, newline="", encoding="utf-8")
        cases += [Source("annotations", path, build) for build in (None, "GRCh37")]
    assert compare(cases) == 64


PATIENT = {"resourceType": "Patient", "id": "p1"}
OWNED = {"subject": {"reference": "Patient/p1"}}
CODED = {"code": {"coding": [{"system": "s", "code": "c", "display": "d"}, {"code": None}, {"code": " x "}]}}
OBSERVATION = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    **OWNED,
    **CODED,
    "category": [CODED["code"]],
    "effectivePeriod": {"start": "2024", "end": "2024-02-29T23:59:60.5+01:00"},
    "valueQuantity": {"value": 1.5e-7, "unit": "mg", "comparator": "<"},
    "component": [{**CODED, "valueBoolean": False, "valueInteger": 3}],
    "meta": {"lastUpdated": "2024-01", "tag": [{"code": "HTEST"}]},
}
CONDITION = {
    "resourceType": "Condition",
    "id": "c1",
    **OWNED,
    **CODED,
    "clinicalStatus": {"coding": [{"code": "active"}]},
    "onsetPeriod": {"start": "2000-01-01"},
    "encounter": {"reference": "http://x/Encounter/e1/_history/2"},
}
PERSON = {
    **PATIENT,
    "gender": "female",
    "_birthDate": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}]},
    "identifier": [{"system": SAMPLES[0], "value": " S1 "}, {"value": "x"}],
    "extension": [{"url": "http://x/StructureDefinition/us-core-sex", "valueCode": "male"}],
}
CONSENT = {
    "resourceType": "Consent",
    "id": "n1",
    "patient": {"reference": "urn:uuid:1"},
    "status": "active",
    "provision": {"type": "deny", "10": [1.0, -0.0, 1e21, 5e-324, 123456789012345680000], "2": {"": "\u2028\x7f"}},
}
WRONG = [
    None,
    True,
    0,
    -1.5,
    1e400,
    "",
    " ",
    "x",
    "\0",
    "constructor",
    "\ud83d",
    "😀" * 150,
    [],
    [1],
    [{}],
    {},
    {"a": 1},
]


def mutated(value: object, dice: random.Random) -> object:
    """The value with one part, somewhere in it, replaced, removed or repeated."""
    if isinstance(value, dict) and value and dice.random() < 0.85:
        key = dice.choice(list(value))
        other = dict(value)
        if dice.random() < 0.15:
            del other[key]
        else:
            other[key] = mutated(value[key], dice)
        return other
    if isinstance(value, list) and value and dice.random() < 0.8:
        at = dice.randrange(len(value))
        return [*value[:at], mutated(value[at], dice), *value[at + dice.randrange(2) :]]
    if isinstance(value, str) and value and dice.random() < 0.4:
        at = dice.randrange(len(value))
        return value[:at] + dice.choice("0129-T:Z/ .\u00a0\t") + value[at + 1 :]
    return dice.choice(WRONG)


def test_mutated_records_come_out_the_same(tmp_path: Path) -> None:
    dice = random.Random(11)
    bases = [OBSERVATION, CONDITION, PERSON, CONSENT]
    texts = []
    for _ in range(3_000):
        resource: object = dice.choice(bases)
        for _ in range(dice.choice([1, 1, 2])):
            resource = mutated(resource, dice)
        # `Infinity` is no JSON, and a number too large for a double is: both are read.
        text = json.dumps(resource, ensure_ascii=dice.random() < 0.5).replace("Infinity", "1e400")
        if dice.random() < 0.05:
            at = dice.randrange(len(text) + 1)
            text = text[:at] + dice.choice('{}[]",:\\x\ufeff') + text[at:]
        texts.append(text.encode(errors="surrogatepass"))
    lines, bundle = tmp_path / "lines.ndjson", tmp_path / "bundle.json"
    lines.write_bytes(b"\n".join([json.dumps(PATIENT).encode(), *texts]))
    entries = [{"fullUrl": "urn:uuid:1", "resource": PATIENT}]
    entries += [mutated({"fullUrl": "urn:uuid:2", "resource": dice.choice(bases)}, dice) for _ in range(500)]
    bundle.write_text(json.dumps({"entry": entries, "resourceType": "Bundle"}, indent=1).replace("Infinity", "1e400"))
    cases = [Source("clinical", path, sample_systems=SAMPLES) for path in (lines, bundle)]
    assert compare(cases) > 3_400


HOSTILE_RECORDS = [
    b"",
    b" \n\n",
    b"[1]",
    b"{}\n{",
    b'{"resourceType":"Patient"\n{"a":1}\n',
    b'{"resourceType":"Patient",\n{"a":1}\n',
    b'\n{"resourceType":"Patient","id":"a"}\n',
    b'\xef\xbb\xbf{"resourceType":"Patient","id":"a"}\r\n\xef\xbb\xbf{"resourceType":"Patient","id":"b"}',
    b'{"resourceType":"Patient","id":"a"}\n\xff\n{"resourceType":"Patient","id":"\xed\xa0\x80"}\n',
    b'{"resourceType":"Bundle"}\n{"resourceType":"Bundle","entry":[null,1,"x",{},{"resource":null}]}\n{"a":1}',
    b'{"resourceType":"Bundle","entry":{}}\n',
    b'{\n"resourceType":"Bundle","entry":[{}],"entry":[]}\n',
    b'{\n"entry":[{"resource":{"resourceType":"Patient","id":"a"}}],"resourceType":"Bundle"}\n',
    b'{\n"entry":[{}],"resourceType":"Bundle","resourceType":"Patient","id":"a"}\n',
    b'{\n"entry":[{}] "resourceType":"Bundle"}\n',
    b'{\n"entry":[{},],"resourceType":"Bundle"}\n',
    b'{\n"entry":[{}],"resourceType":"Bundle"}x\n',
    b'{\n"entry":null,"resourceType":"Bundle"}\n',
    b'{\n"resourceType":"Patient","id":"\xff"}\n',
    b"{\n}\n",
    b'{\n"a":NaN}\n',
    b'{"resourceType":"Patient","id":"a"}\n{"resourceType":"Patient","id":"' + b"x" * (17 << 20) + b'"}\n{"a":1}\n',
    b'{"resourceType":"Patient","id":"' + b"x" * (17 << 20) + b'"}\n',
    b"Sample name\tGender\tage\tCholesterol-0.0\n"
    b"S1\tM\t#ref!\t-1\nS2\t#N/A\t1\t+.5e3\nS3\tconstructor\t1\t1e999\nS 4\t0\t1\t.\n",
    *(
        b'{"resourceType":"Patient","id":"q"}\n{"resourceType":"Consent","id":"n","status":"active",'
        b'"patient":{"reference":"Patient/p"},"provision":' + b'{"a":[' * levels + b"]}" * levels + b"}\n"
        for levels in (99, 100, 5_000)
    ),
    b'{\n"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    b'{}\n{"' + b"[" * 5_000 + b"\\",
    b"subject id\n\xff\n\nx\n",
    b"a\tb\n",
]


def test_hostile_records_come_out_the_same(tmp_path: Path) -> None:
    known = {"S1": [KnownPerson("p1", "female")], "S2": [KnownPerson("p2", None)], "S3": [KnownPerson("p3", None)] * 2}
    cases = []
    for number, content in enumerate(HOSTILE_RECORDS):
        path = tmp_path / str(number)
        path.write_bytes(content)
        cases += [Source("clinical", path), Source("clinical", path, known=known)]
    assert compare(cases) > 80
