"""`ingest-clinical` gives in Spark what it gives in the embedded profile, row by row."""

import gzip
import json
from typing import Any

from twin.both_jobs import BothProfiles

SAMPLES = "https://vitalome.org/sample"
SUBJECTS = "https://vitalome.org/subject"
PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1950-06-15"}
OWNED = {"subject": {"reference": "Patient/p1"}}
CODED = {"code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006", "display": "Diabetes"}]}}
CONDITION = {"resourceType": "Condition", "id": "c1", **OWNED, **CODED}
OBSERVATION = {"resourceType": "Observation", "id": "o1", "status": "final", **OWNED, **CODED}
CONSENT = {
    "resourceType": "Consent",
    "id": "n1",
    "status": "active",
    "patient": {"reference": "Patient/p1"},
    "provision": {"type": "permit", "b": 1e21, "10": -0.0, "9": [True, None, 0.00001, 12345678901234567890]},
}


def ndjson(*resources: object) -> bytes:
    """A number that is too large for a double is JSON all the same."""
    lines = (json.dumps(resource, ensure_ascii=False).replace("Infinity", "1e400") for resource in resources)
    return "".join(f"{line}\n" for line in lines).encode(errors="surrogatepass")


def updated(resource: dict[str, Any], time: str, **other: object) -> dict[str, Any]:
    return {**resource, "meta": {"lastUpdated": time}, **other}


def linked(id: str, *samples: str) -> dict[str, Any]:
    identifier = [{"system": SAMPLES, "value": sample} for sample in samples]
    return {"resourceType": "Patient", "id": id, "gender": "male", "identifier": identifier}


def ingest(both: BothProfiles, uris: list[str], system: str | None = None) -> dict[str, Any]:
    return both.run("ingest-clinical", {"uris": uris, "sampleSystems": [SAMPLES], "subjectSystem": system})


def test_every_kind_of_file_at_once_with_faults_repeats_and_contradictions(both: BothProfiles) -> None:
    medication = {"resourceType": "MedicationRequest", "id": "m1", **OWNED, "status": "active", "intent": "order"}
    text = {"medicationCodeableConcept": {"text": "half \ud83d of a pair"}}
    encounter = {"resourceType": "Encounter", "id": "e1", **OWNED, "status": "finished", "class": {"code": "AMB"}}
    value = {"valueQuantity": {"value": 120.50, "unit": "mmHg"}, "component": [{**CODED, "valueInteger": 7}]}
    lines = ndjson(PATIENT, CONDITION, {**medication, **text}, encounter, CONSENT, {**OBSERVATION, **value})
    # The lone half of a pair is written as JSON escapes it.
    lines = lines.replace(b"\xed\xa0\xbd", b"\\ud83d")
    hostile = b'{"resourceType":"Patient","id":"p0"}\n{"resourceType":"Patient"\n\n[]\n"\xff"\n\xef\xbb\xbf' + ndjson(
        {"resourceType": "constructor"},
        {"resourceType": "Claim"},
        {**PATIENT, "gender": "F"},
        CONDITION,
        {**CONDITION, "onsetDateTime": "2020"},
        {"resourceType": "Bundle", "entry": [{"resource": PATIENT}, {"resource": {**OBSERVATION, "id": "o 2"}}, 7]},
        linked("p2", "S1", "S1", "S2"),
        {**OBSERVATION, "id": "x" * 70_000},
        {**OBSERVATION, "id": "o3", "valueQuantity": {"value": 1e400}},
    )
    full = "urn:uuid:0b1c"
    entries = [{"fullUrl": full, "resource": linked("p3", "S3")}]
    entries += [{"resource": {**CONDITION, "id": f"b{number}", "subject": {"reference": full}}} for number in range(3)]
    entries += [{"resource": {**CONDITION, "id": "c1", "subject": {"reference": full}}}, {"resource": None}]
    bundle = json.dumps({"resourceType": "Bundle", "entry": entries}, indent=1).encode()
    table = "Subject id\tSex\tAge at recruitment-0.0\tTriglycerides-0.0\tSmoked\n" + (
        "T1\tmale\t41\t-1.5\tYes\nT2\tF\t#REF!\t1e3\t\n\tmale\t\t\t\nT3\tboth\t\t\t\nT4\tmale\nT1\tmale\t42\t\t\n"
    )
    uris = [
        both.upload("people.ndjson.gz", gzip.compress(lines)),
        both.upload("hostile.ndjson", hostile),
        both.upload("bundle.json", bundle),
        both.upload("table.tsv", table.encode()),
        both.upload("none.json", b"[1, 2]\n"),
        both.upload("empty.json", b""),
        both.upload("entry.json", ndjson(PATIENT, {"resourceType": "Bundle", "entry": {}})),
        both.upload("cut.json", bundle[:-20]),
        both.upload("cut.ndjson.gz", gzip.compress(lines)[:-9]),
        f"raw:{'0' * 64}/gone.tsv",
    ]
    result = ingest(both, uris)
    assert [file["status"] for file in result["files"]] == ["accepted", *["partial"] * 3, *["refused"] * 6]
    rules = result["files"][1]["ledger"]["records"]["quarantined"]
    assert rules == {"JSON": 3, "ENCODING": 1, "CODE": 1, "ID": 2, "NUMBER": 1, "CONFLICTING_DUPLICATE": 1}


def test_a_later_version_takes_the_place_of_one_in_the_store_and_the_rest_of_its_file_stays(both: BothProfiles) -> None:
    first = ndjson(updated(CONDITION, "2024-01-01"), {**CONDITION, "id": "c2"}, {**CONDITION, "id": "c3"}, PATIENT)
    ingest(both, [both.upload("first.ndjson", first)])
    ingest(both, [both.upload("other.ndjson", ndjson({**CONDITION, "id": "c4"}))])
    later = ndjson(
        updated(CONDITION, "2025-01-01", onsetDateTime="2020"),
        updated(CONDITION, "2023-01-01", onsetDateTime="2021"),
        {**CONDITION, "id": "c2"},
        {**CONDITION, "id": "c3", "onsetDateTime": "1999"},
    )
    result = ingest(both, [both.upload("later.ndjson", later)])
    ledger = result["files"][0]["ledger"]["records"]
    assert (ledger["accepted"], ledger["duplicates"]) == (1, 1)
    assert ledger["filtered"] == {"OLDER_VERSION": 1}
    assert ledger["quarantined"] == {"CONFLICTING_DUPLICATE": 1}
    assert {name: len(paths) for name, paths in result["remove"].items()} == {"conditions": 1}
    assert both.compare("conditions") == 4


def test_subjects_are_found_by_a_system_of_the_store(both: BothProfiles) -> None:
    specimen = {"resourceType": "Specimen", "id": "s", "identifier": [{"system": SAMPLES, "value": "S1"}]}
    twice = {**specimen, "subject": {"reference": "Patient/p1"}}
    people = [linked("p1", "S1"), twice, linked("p2", "S2"), linked("p3", "S3"), linked("p4", "S3")]
    ingest(both, [both.upload("people.ndjson", ndjson(*people))])
    lines = "".join(f"S{number}\tmale\t{number}\n" for number in range(1, 5)) + "S1\tfemale\t1\n\n\tmale\t1\nS2\tmale\n"
    table = f"Subject id\tSex\tHeight\n{lines}".encode()
    result = ingest(both, [both.upload("table.tsv", table), both.upload("more.ndjson", ndjson(CONDITION))], SAMPLES)
    quarantined = result["files"][0]["ledger"]["records"]["quarantined"]
    rules = ("UNKNOWN_SUBJECT", "AMBIGUOUS_SUBJECT", "SEX_MISMATCH", "SUBJECT", "COLUMN_COUNT")
    assert quarantined == dict.fromkeys(rules, 1)
    assert result["files"][0]["ledger"]["records"]["accepted"] == 2
    assert both.compare("observations") == 2


def test_ranges_of_a_large_file_give_what_one_reader_gives(both: BothProfiles) -> None:
    both.session.conf.set("spark.vitalome.rangeBytes", "3000")
    try:
        many = [{**OBSERVATION, "id": f"o{number % 140}", "valueInteger": number % 150} for number in range(200)]
        table = "Sample name\tAge\n" + "".join(f"S{number}\t{number}\n" for number in range(600))
        uris = [both.upload("many.ndjson", ndjson(*many)), both.upload("table.tsv", table.encode())]
        result = ingest(both, uris)
        ledger = result["files"][0]["ledger"]["records"]
        assert (ledger["read"], ledger["accepted"]) == (200, 140)
        assert both.compare("links") == 600
    finally:
        both.session.conf.unset("spark.vitalome.rangeBytes")
