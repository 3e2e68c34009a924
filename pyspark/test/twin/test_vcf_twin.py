"""The PySpark reader and stager of VCF files against the compiled TypeScript ones: the same, row by row."""

import gzip
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from twin.compare import DATA, compare
from twin.ingest_lines import Case
from twin.random_vcf import random_vcf

from batch.transforms.variant_filters import VariantFilters

GENOMES = DATA / "genomes"
SHEET = GENOMES / "samples" / "igsr_samples.tsv"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the public data set is absent")


@needs_data
def test_all_edge_files_come_out_the_same_whoever_states_the_build() -> None:
    rows = (DATA / "edge" / "EXPECTED.tsv").read_text().split("\n")[1:]
    files = [row.split("\t")[0] for row in rows if row and not row.startswith("edge/sam/")]
    assert len(files) == 522
    # Five are compressed in ways nobody reads here.
    assert compare([Case(DATA / file, assembly_id="GRCh37") for file in files], ranges=3) == 517


@needs_data
@pytest.mark.parametrize("name", ["failed_multiplemismatch_multipleentry", "failed_singlemismatch_singleentry"])
def test_a_file_of_another_assembly_is_refused_at_the_same_base(name: str) -> None:
    folder = DATA / "edge" / "wrong-assembly" / name
    [fasta] = folder.glob("*.fa")
    case = Case(folder / f"{name}.vcf", assembly_id="GRCh37", reference=fasta)
    assert compare([case, replace(case, reference=None)], ranges=2) == 2


@needs_data
@pytest.mark.parametrize(
    ("file", "build"),
    [
        ("1kgp-grch38/UGT1A1.vcf.gz", "GRCh38"),
        ("1kgp-grch38/CYP2C9.vcf.gz", "GRCh38"),
        # Haploid men on X, and one who is not.
        ("1kgp-grch38/G6PD.vcf.gz", "GRCh38"),
        # True multi-allelic records.
        ("1kgp-grch37/CYP2C19.vcf.gz", "GRCh37"),
        ("sex-mito/test-haploidX.vcf.gz", "GRCh37"),
    ],
)
def test_a_cohort_comes_out_the_same(file: str, build: str) -> None:
    assert compare([Case(GENOMES / file, assembly_id=build, sheet=SHEET)], ranges=3) == 1


@needs_data
@pytest.mark.parametrize(
    ("file", "build"),
    [
        ("getrm/getrm_wgs_30x_grch38_chr16.vcf.bgz", "GRCh38"),
        # Depths, qualities and likelihoods of every sample.
        ("trio/ashk-trio.vcf.gz", "GRCh37"),
        ("gvcf/CEUTrio.20.21.gatk3.4.g.vcf.bgz", "GRCh37"),
        ("pgs/cineca_synthetic_subset.vcf.gz", "GRCh37"),
    ],
)
def test_the_first_records_of_a_long_file_come_out_the_same(file: str, build: str, tmp_path: Path) -> None:
    lines = gzip.decompress((GENOMES / file).read_bytes()).split(b"\n")
    header = next(number for number, line in enumerate(lines) if line.startswith(b"#CHROM"))
    path = tmp_path / "first.vcf"
    path.write_bytes(b"\n".join(lines[: header + 900]))
    assert compare([Case(path, assembly_id=build, sheet=SHEET)], ranges=3) == 1


@needs_data
@pytest.mark.parametrize("folder", ["normalize", "gvcf", "pgx-cases", "pgx-report", "sex-mito", "sv", "misc"])
def test_small_real_files_come_out_the_same(folder: str) -> None:
    files = [path for path in sorted((GENOMES / folder).rglob("*.vcf*")) if path.stat().st_size < 200_000]
    assert compare([Case(path, assembly_id="GRCh38") for path in files], ranges=2) == len(files)


def test_random_files_come_out_the_same_with_filters_sheets_references_and_names(tmp_path: Path) -> None:
    random = Random(11)
    bases = "".join(random.choice("ACGT") if random.random() < 0.5 else "A" for _ in range(60_000))
    reference = tmp_path / "reference.fa"
    lines = "\n".join(bases[at : at + 60] for at in range(0, len(bases), 60))
    reference.write_text(f">1 one\n{lines}\n>chr2\n{bases[:100]}\n")
    sheet = tmp_path / "sheet.tsv"
    people = [
        f"S{number}\t{'male' if number % 3 else 'female'}\tP{number % 4}\t{'EUR,AFR' if number == 3 else 'EUR'}\n"
        for number in range(31)
    ]
    sheet.write_text("sample\tsex\tpop\tsuper_pop\n" + "".join(people))
    strict = VariantFilters(min_qual=9.0, pass_only=True, min_af=0.1, max_af=0.6)
    cases = []
    for seed in range(160):
        path = tmp_path / f"{seed}.vcf"
        path.write_bytes(random_vcf(seed))
        case = Case(path, assembly_id=["GRCh37", "GRCh38"][seed % 2], sheet=sheet)
        if seed % 3 == 2:
            case = replace(case, filters=strict._replace(pass_only=seed % 2 == 0), call_set="named")
        if seed % 10 == 9:
            case = replace(case, reference=reference)
        cases.append(case)
    assert compare(cases, ranges=3) == len(cases)


def test_a_file_of_too_many_genotype_texts_whose_contigs_come_back_comes_out_the_same(tmp_path: Path) -> None:
    alternates = ",".join("A" * (length + 2) for length in range(300))
    texts = [f"{first}/{second}" for first in range(257) for second in range(257)]
    names = "\t".join(f"S{number}" for number in range(257))
    lines = ["##fileformat=VCFv4.3", f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}"]
    for row in range(257):
        contig = "1" if row % 64 < 60 else "2"
        samples = "\t".join(texts[row * 257 : (row + 1) * 257])
        lines.append(f"{contig}\t{row + 1}\t.\tA\t{alternates}\t.\t.\t.\tGT\t{samples}")
    lines += [line.replace("\tGT\t", "\tGT:DP\t", 1) for line in lines[3:8]]
    path = tmp_path / "many.vcf"
    path.write_text("\n".join(lines))
    # Without a build nothing is staged: reading is what is at stake, and 257 x 300 alternates would take long.
    assert compare([Case(path)], ranges=4) == 1
