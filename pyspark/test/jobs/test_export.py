"""`export` gives in Spark what it gives in the embedded profile, file by file."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from twin.both_jobs import BothProfiles

from batch.domain.export import COLUMNS, export_path
from batch.job_failure import JobFailure

EVERYTHING: dict[str, Any] = {"kind": "and", "parts": []}
HEAD = """##fileformat=VCFv4.3
##contig=<ID=chr1,length=248956422>
##contig=<ID=chrX,length=156040895>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FILTER=<ID=q10,Description="low">
"""
COHORT = [
    "chrX\t3000000\t+1\tA\tAT\t.\t.\tA=-1\tGT\t0/1\t1/1",
    'chr1\t100\trs1\tA\tC,G\t12.5\tPASS\tDP=3;T="a,b"\tGT\t0/1\t1/2',
    "chr1\t200\t=x;rs2\tAC\tA\t1e-7\tq10\t.\tGT\t0/1\t./.",
    "chr1\t300\t.\tA\tT\t99\t.\t.\tGT\t./.\t./.",
    *(f"chr1\t{pos}\t.\tG\tT\t{pos / 7}\tPASS\tN={pos}\tGT\t0/1\t0/{pos % 2}" for pos in range(1_000, 6_000, 7)),
]
OTHER = ["chr1\t100\trs1\tA\tC\t50\tPASS\t.\tGT\t1/1", "GL000192.1\t5\t.\tA\tC\t50\tPASS\t.\tGT\t1/1"]


def vcf(records: list[str], samples: str) -> bytes:
    columns = f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{samples}\n"
    return (HEAD + columns + "".join(f"{record}\n" for record in records)).encode()


def ingest(both: BothProfiles, name: str, content: bytes, call_set: str, build: str = "GRCh38") -> None:
    """Into both stores, from the embedded profile: what is compared here is what comes out of them."""
    parameters = dict.fromkeys(("callSetKind", "samplesUri", "referenceUri", "minQual", "minAf", "maxAf"))
    uris = [both.upload(name, content)]
    of_file = {"uris": uris, "assemblyId": build, "callSet": call_set, "passOnly": False, "dryRun": False}
    spec = {"id": f"ingest-{name}", "kind": "ingest-variants", "parameters": {**parameters, **of_file}}
    store = str(both.stores["embedded"])
    both.embedded.ask(store=store, spec={**spec, "baseSnapshot": both.snapshot, "submittedBy": "test"})
    both.snapshot = both.embedded.ask(store=store, publish=spec["id"])["snapshot"]
    shutil.copytree(store, both.stores["spark"], dirs_exist_ok=True)


@pytest.fixture
def filled(both: BothProfiles) -> BothProfiles:
    ingest(both, "a.vcf", vcf(COHORT, "S1\tS2"), "one")
    ingest(both, "b.vcf", vcf(OTHER, "T1"), "two")
    return both


def export(both: BothProfiles, file_format: str, predicate: object = EVERYTHING, fields: object = None) -> list[bytes]:
    """The files of both, the embedded one's first."""
    store = str(both.stores["embedded"])
    statement = both.embedded.ask(store=store, predicate=predicate, snapshot=both.snapshot)["statement"]
    asked = {"filter": {}, "format": file_format, "fields": fields, "snapshot": both.snapshot}
    both.run("export", {**asked, "statement": statement})
    path = export_path(f"job-{both.jobs}", file_format)
    return [(both.stores[name] / path).read_bytes() for name in ("embedded", "spark")]


def parquet(content: bytes) -> pa.Table:
    return pq.read_table(pa.BufferReader(content))


def arrow(content: bytes) -> pa.Table:
    held = pa.ipc.open_file(pa.BufferReader(content)).read_all()
    held.validate(full=True)
    return held


READ: dict[str, Callable[[bytes], Any]] = {
    "CSV": bytes,
    "NDJSON": bytes,
    "VCF_BGZ": gzip.decompress,
    "PARQUET": parquet,
    "ARROW_IPC": arrow,
}


def test_every_format_says_the_same_in_both(filled: BothProfiles) -> None:
    rows = len(COHORT) + 1 + len(OTHER)
    files = {file_format: [read(file) for file in export(filled, file_format)] for file_format, read in READ.items()}
    for file_format, (wanted, found) in files.items():
        assert found == wanted, file_format
    table = files["PARQUET"][0]
    assert table.equals(files["ARROW_IPC"][0])
    assert (table.num_rows, files["CSV"][0].count(b"\r\n"), files["NDJSON"][0].count(b"\n")) == (rows, rows + 1, rows)
    assert [field.name for field in table.schema] == [column.name for column in COLUMNS]
    places = [(row["contig"], row["position"], row["alternate"]) for row in table.to_pylist()]
    assert places[:3] == [("1", 100, "C"), ("1", 100, "C"), ("1", 100, "G")]
    assert places[-2:] == [("X", 3000000, "AT"), ("GL000192.1", 5, "C")]
    assert b"##contig=<ID=GL000192.1>\n" in files["VCF_BGZ"][0]


def test_a_filter_and_columns_mean_the_same_in_both(filled: BothProfiles) -> None:
    record = {"kind": "record", "qual": None, "filters": ["q10", "'; DROP TABLE variants; --"], "passOnly": False}
    named = {"kind": "ids", "keys": ["GRCh38:1-300-A-T"], "names": ["rs1", "+1"]}
    predicate = {"kind": "or", "parts": [record, named]}
    wanted, found = export(filled, "CSV", predicate, ["position", "ids", "af"])
    assert found == wanted
    assert found.decode().split("\r\n") == [
        "position,ids,af",
        "100,rs1,1",
        "100,rs1,0.5",
        "100,rs1,0.25",
        "200,'=x;rs2,0.5",
        "300,,",
        "3000000,'+1,0.75",
        "",
    ]


def test_nothing_is_a_valid_file_in_both(both: BothProfiles) -> None:
    both.upload("b.vcf", b"")
    none = {"kind": "ids", "keys": [], "names": ["rs404"]}
    empty = [[read(file) for file in export(both, file_format)] for file_format, read in READ.items()]
    ingest(both, "b.vcf", vcf(OTHER, "T1"), "two")
    without = [[read(file) for file in export(both, file_format, none)] for file_format, read in READ.items()]
    for wanted, found in [*empty, *without]:
        assert found == wanted
    assert without == empty


def test_vcf_of_two_builds_leaves_no_file(filled: BothProfiles) -> None:
    old = vcf(["chr1\t100\t.\tA\tC\t50\tPASS\t.\tGT\t1/1"], "O1").replace(HEAD.encode(), b"##fileformat=VCFv4.3\n")
    ingest(filled, "old.vcf", old, "old", "GRCh37")
    store = filled.stores["spark"]
    statement = filled.embedded.ask(store=str(store), predicate=EVERYTHING, snapshot=filled.snapshot)["statement"]
    asked = {"filter": {}, "format": "VCF_BGZ", "fields": None, "snapshot": filled.snapshot, "statement": statement}
    spec = {"id": "job-x", "kind": "export", "parameters": asked, "baseSnapshot": filled.snapshot}
    with pytest.raises(JobFailure, match="alleles of one build"):
        filled.run_spark(spec)
    assert not Path(store / "exports" / "job-x").exists()
