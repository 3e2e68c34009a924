"""What the sources of records about people keep, and what they put to quarantine."""

import json
from collections.abc import Callable

import pytest

from batch.domain.json_text import json_text, parse_json
from batch.refusal import Refusal
from batch.sources.clinical.document import read_document
from batch.sources.clinical.reader import LineReader, read_layout
from batch.sources.clinical.types import CLINICAL_RULES, ClinicalRecord, Filtered, KnownPerson, Outcome
from batch.sources.vcf.types import Rejection

SAMPLES = "https://example.org/samples"
PATIENT = {"resourceType": "Patient", "id": "p1"}
OWNED = {"subject": {"reference": "Patient/p1"}}
CODED = {"code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006", "display": "Diabetes"}]}}
CONDITION = {"resourceType": "Condition", "id": "c1", **OWNED, **CODED}
OBSERVATION = {"resourceType": "Observation", "id": "o1", "status": "final", **OWNED, **CODED}


def outcomes(text: bytes, known_by: Callable[[str], list[KnownPerson]] | None = None) -> list[Outcome]:
    lines = text.removesuffix(b"\n").split(b"\n") if text else []
    layout = read_layout(lines)
    if layout.name == "document":
        return list(read_document([text[:7], text[7:]], [SAMPLES]))
    reader = LineReader(layout, [SAMPLES], known_by)
    return [one for line, raw in enumerate(lines, 1) for one in reader.read(line, raw)]


def ndjson(*resources: object) -> bytes:
    return "".join(f"{json.dumps(resource)}\n" for resource in resources).encode()


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        ({**PATIENT, "id": "a b"}, "ID id"),
        ({**PATIENT, "gender": "F"}, "CODE gender"),
        ({**PATIENT, "birthDate": "1980-02-30"}, "DATE birthDate"),
        ({**PATIENT, "birthDate": 1980}, "TYPE birthDate"),
        ({**PATIENT, "identifier": [{"value": "a\0b"}]}, "ENCODING identifier[0].value"),
        ({"id": "p1"}, "RESOURCE_TYPE resourceType"),
        ({**CONDITION, "subject": {"reference": "Group/1"}}, "REFERENCE subject"),
        ({**CONDITION, "code": None}, "CODING code"),
        ({**OBSERVATION, "valueQuantity": {"value": "5"}}, "NUMBER valueQuantity.value"),
        ({**OBSERVATION, "effectiveDateTime": "2024-01-01T25:00:00Z"}, "DATE effectiveDateTime"),
    ],
)
def test_a_resource_that_breaks_a_rule_is_told_with_it(resource: object, told: str) -> None:
    _, found = outcomes(ndjson(PATIENT, resource))
    assert isinstance(found, Rejection)
    assert (found.line, f"{found.rule} {found.field}", found.expected) == (2, told, CLINICAL_RULES[found.rule])


def test_records_of_other_kinds_are_counted_by_kind() -> None:
    specimen = {"resourceType": "Specimen", "id": "s", **OWNED}
    assert outcomes(ndjson({"resourceType": "Claim"}, {"resourceType": "constructor"}, specimen)) == [
        Filtered("UNSUPPORTED_RESOURCE: Claim"),
        Filtered("UNSUPPORTED_RESOURCE: constructor"),
        Filtered("NO_SAMPLE_IDENTIFIER"),
    ]


def test_a_sample_is_linked_where_an_identifier_of_a_named_system_says_so() -> None:
    identifier = [{"system": SAMPLES, "value": "S1"}, {"system": "urn:mrn", "value": "S2"}]
    [record] = outcomes(ndjson({**PATIENT, "identifier": identifier}))
    assert isinstance(record, ClinicalRecord)
    links = [row.row for row in record.rows if row.table == "links"]
    assert links == [{"patient_id": "p1", "id": "S1", "system": SAMPLES, "stated_by": "Patient.identifier"}]


@pytest.mark.parametrize("indent", [None, 2])
def test_entries_of_a_bundle_follow_each_other(indent: int | None) -> None:
    entries = [
        {"resource": {**CONDITION, "subject": {"reference": "urn:uuid:1"}}},
        {"resource": {**CONDITION, "subject": {"reference": "urn:uuid:nobody"}}},
        {"fullUrl": "urn:uuid:1", "resource": PATIENT},
    ]
    bundle = {"entry": entries, "resourceType": "Bundle"}
    first, second, third = outcomes(json.dumps(bundle, indent=indent).encode())
    assert isinstance(first, ClinicalRecord) and isinstance(third, ClinicalRecord)
    assert (first.line, first.rows[0].row["patient_id"], third.line) == (1, "p1", 3)
    assert isinstance(second, Rejection)
    assert (second.line, second.field) == (2, "entry[1].subject")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "the file is empty"),
        (b'{\n  "resourceType": "Bundle",\n', "Bundle: expected JSON"),
        (b"[1, 2]\n", "a line that begins with {"),
        (b'{"resourceType":"Bundle","entry":{}}\n', "a list of entries"),
        (b'{\n"a":' + b"[" * 5000 + b"]" * 5000 + b"}", "nested at most 200 levels deep"),
        (b"a\tb\n", "Subject id or Sample name"),
    ],
)
def test_a_file_that_is_none_of_these_is_refused(text: bytes, said: str) -> None:
    with pytest.raises(Refusal, match=said.replace("{", r"\{")):
        outcomes(text)


def test_errors_of_a_spreadsheet_and_impossible_numbers_are_kept_without_a_value() -> None:
    [record] = outcomes(b"Subject id\tAge at recruitment-0.0\tTriglycerides-0.0\tOther\nS1\t#REF!\t-0.18\t-3\n")
    assert isinstance(record, ClinicalRecord)
    cells = [(row.row["value"], row.row["value_text"], row.row["data_absent_reason"]) for row in record.rows[1:]]
    assert cells == [(None, "#REF!", "error"), (None, "-0.18", "error"), (-3.0, None, None)]


def test_a_subject_is_one_person_of_the_store_or_rejected() -> None:
    known = {"S1": [KnownPerson("p1", "male")], "S3": [KnownPerson("p3", None), KnownPerson("p4", None)]}
    table = b"Subject id\tSex\tHeight\nS1\tmale\t1\nS2\tmale\t1\nS3\tmale\t1\nS1\tF\t1\n"
    first, *rejected = outcomes(table, lambda subject: known.get(subject, []))
    assert isinstance(first, ClinicalRecord)
    assert [row.row["patient_id"] for row in first.rows] == ["p1"]
    rules = [one.rule for one in rejected if isinstance(one, Rejection)]
    assert rules == ["UNKNOWN_SUBJECT", "AMBIGUOUS_SUBJECT", "SEX_MISMATCH"]


def test_json_is_written_as_javascript_writes_it() -> None:
    value = parse_json('{"b":[1.0,-0,1e21,1e400,0.00001],"10":"\\ud800","2":"\u2028\x7f","b":{"x":null}}')
    assert json_text(value) == '{"2":"\u2028\x7f","10":"\\ud800","b":{"x":null}}'
    assert json_text(parse_json("[1.0,-0,1e21,1e400,0.00001,1.5e-7]")) == "[1,0,1e+21,null,0.00001,1.5e-7]"
