"""`ingest-annotations` gives in Spark what it gives in the embedded profile, row by row."""

import gzip
from typing import Any

from twin.both_jobs import BothProfiles


def ingest(
    both: BothProfiles, uris: list[str], version: str, source: str = "clinvar", build: str | None = "GRCh38"
) -> dict[str, Any]:
    parameters = {"uris": uris, "source": source, "version": version, "assemblyId": build, "releasedAt": None}
    return both.run("ingest-annotations", parameters)


def clinvar(*records: str, extra: str = "##reference=GRCh38") -> bytes:
    info = ["CLNSIG", "CLNSIGCONF", "CLNREVSTAT", "CLNDN", "CLNDISDB", "GENEINFO", "ONC", "ONCREVSTAT", "SCI"]
    lines = ["##fileformat=VCFv4.1", "##fileDate=2026-01-31", extra]
    lines += [f'##INFO=<ID={id},Number=.,Type=String,Description="of ClinVar">' for id in info]
    lines += ["\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"])]
    for record in records:
        pos, id, ref, alt, values = record.split(" ")
        lines += ["\t".join(["1", pos, id, ref, alt, ".", ".", values])]
    return "".join(f"{line}\n" for line in lines).encode()


RECORDS = (
    "100 1 A C CLNSIG=Pathogenic;CLNDN=A_b|C;CLNDISDB=MONDO:MONDO:0000001,OMIM:1|MedGen:C2;GENEINFO=ABC:1|DEF:2",
    "200 2 CAC C CLNSIG=Conflicting_classifications;CLNSIGCONF=Benign(1)|Pathogenic(2);ONC=Oncogenic;SCI=Tier_I",
    "300 3 A C,G CLNSIG=Pathogenic",
    "400 4 A . CLNSIG=Pathogenic",
    "500 5 A C X=1",
    "600 . A C CLNSIG=Pathogenic",
    "600 6 A <DEL> CLNSIG=Pathogenic",
    "700 7 A X!Y CLNSIG=Benign",
    "100 1 A C CLNSIG=Benign",
    "200 2 CAC C CLNSIG=Conflicting_classifications;CLNSIGCONF=Benign(1)|Pathogenic(2);ONC=Oncogenic;SCI=Tier_I",
)
GENES = (
    "chrom\tstart\tend\tensembl_id\tsymbol\tdescription\n"
    "1\t10\t20\tENSG1\tABC\ta gene\nX\t5\t6\tENSG2\tDEF\t\n1\t10\t20\tENSG1\tABC\ta gene\n1\t0\t2\tENSG3\tGHI\t\n"
)


def test_a_release_is_kept_with_its_repeats_contradictions_and_faults_told_apart(both: BothProfiles) -> None:
    result = ingest(
        both, [both.upload("clinvar.vcf", clinvar(*RECORDS)), both.upload("genes.tsv", GENES.encode())], "1"
    )
    ledger = result["files"][0]["ledger"]
    assert ledger["records"]["quarantined"]["CONFLICTING_DUPLICATE"] == 1
    assert ledger["records"]["duplicates"] == 1
    assert [one["rule"] for one in result["files"][0]["quarantined"]] == [
        "ALT_SYNTAX",
        "ONE_ALT",
        "VARIATION_ID",
        "ALLELE_SYNTAX",
        "CONFLICTING_DUPLICATE",
    ]
    assert result["files"][1]["ledger"]["records"]["accepted"] == 2


def test_a_later_release_takes_the_place_of_the_one_before_and_the_same_again_adds_nothing(both: BothProfiles) -> None:
    ingest(both, [both.upload("clinvar.vcf", clinvar(*RECORDS[:2])), both.upload("genes.tsv", GENES.encode())], "1")
    other = ingest(both, [both.upload("other.vcf", clinvar("100 1 A C CLNSIG=Benign"))], "1", source="mine")
    assert other["remove"] == {}
    again = ingest(both, [both.upload("clinvar.vcf", clinvar(*RECORDS[:2]))], "1", source="ClinVar")
    assert (again["add"], again["files"][0]["ledger"]["records"]["duplicates"]) == ([], 2)
    changed = ingest(both, [both.upload("c.vcf", clinvar("100 1 A C CLNSIG=Benign", "900 9 A C CLNSIG=Benign"))], "1")
    assert changed["files"][0]["ledger"]["records"]["quarantined"] == {"CONFLICTING_DUPLICATE": 1}
    later = ingest(both, [both.upload("later.vcf", clinvar("100 1 A G CLNSIG=Benign"))], "2")
    assert set(later["remove"]) == {"annotations"}
    assert both.compare("annotations") == 2
    assert both.compare("genes") == 2


def test_one_file_that_is_refused_refuses_the_release(both: BothProfiles) -> None:
    whole = gzip.compress(GENES.encode())
    uris = [
        both.upload("clinvar.vcf", clinvar(*RECORDS[:2])),
        both.upload("cut.tsv.gz", whole[:-9]),
        both.upload("none.tsv", b"a\tb\n1\t2\n"),
        both.upload("empty.tsv", b""),
        both.upload("other.vcf", clinvar(extra="##reference=GRCh37")),
        both.upload("cut.vcf.gz", gzip.compress(clinvar(*RECORDS))[:-9]),
        f"raw:{'0' * 64}/gone.tsv",
    ]
    result = ingest(both, uris, "1")
    assert [file["status"] for file in result["files"]] == ["refused"] * len(uris)
    assert result["add"] == []


def test_text_that_no_cell_should_hold_is_kept_alike(both: BothProfiles) -> None:
    rows = [
        "symbol\tdisease\tvariants",
        "ÄÖ😀\tMONDO:1|näme 😀\t3",
        "__proto__\ttext only\t-",
        "A B\tMONDO:2|x\t1",
        "C\t|\t1",
        "D\t\u00a0\t1",
        "E\tMONDO:3|" + "x" * 70_000 + "\t1",
        "F\tMONDO:4",
        "ÄÖ😀\tMONDO:1|other\t3",
        "G\tx\x01\t",
        "H\t😀" * 60_000,
    ]
    result = ingest(both, [both.upload("disease.tsv", "\r\n".join(rows).encode())], "2024-01-01", "me", None)
    assert result["files"][0]["ledger"]["records"]["read"] == len(rows) - 1
    assert result["add"][0]["meta"]["released"] == "2024-01-01"


def test_ranges_of_a_large_file_give_what_one_reader_gives(both: BothProfiles) -> None:
    both.session.conf.set("spark.vitalome.rangeBytes", "2000")
    try:
        many = [f"{pos} {pos} A C CLNSIG=Pathogenic;CLNDN=name_{pos}" for pos in range(100, 400)]
        # A contig that comes back is out of place: ranges must learn of each other.
        text = clinvar(*many).decode() + "2\t5\t7\tA\tC\t.\t.\tCLNSIG=Benign\n1\t900\t8\tA\tC\t.\t.\tCLNSIG=Benign\n"
        result = ingest(both, [both.upload("many.vcf", text.encode())], "1")
        assert result["files"][0]["ledger"]["records"]["quarantined"] == {"CHROM_CONTIGUOUS": 1}
        assert both.compare("annotations") == 301
    finally:
        both.session.conf.unset("spark.vitalome.rangeBytes")
