"""What the sources of knowledge keep, and what they put to quarantine."""

import pytest

from batch.domain.clinical import canonical_significance, gold_stars_of, significance_group
from batch.domain.gene import Gene
from batch.refusal import Refusal
from batch.sources.annotations.cells import parse_date
from batch.sources.annotations.conditions import conditions_of_lists, conditions_of_table
from batch.sources.annotations.reader import open_reader, read_layout
from batch.sources.annotations.types import ANNOTATION_RULES, Clinical, Filtered, Outcome
from batch.sources.vcf.types import Rejection

GENE = "chrom start end ensembl_id symbol description"
CLINVAR = "chrom pos clinvar_variation_id ref alt clnsig clnrevstat diseases last_evaluated"


def outcome(columns: str, row: str, build: str | None = "GRCh38") -> Outcome | None:
    """Cells are given with single spaces between them, `_` for none and `~` for a space."""
    header, line = (
        "\t".join("" if cell == "_" else cell.replace("~", " ") for cell in text.split(" ")).encode()
        for text in (columns, row)
    )
    return open_reader(read_layout([header], build)).read(2, line)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("1 30 20 ENSG1 A _", "GENE_ORDER"),
        ("1 10 20 _ A _", "GENE_ID"),
        ("1 10 20 ENSG1 _ _", "SYMBOL"),
        ("1 10 248956423 ENSG1 A _", "POS_RANGE"),
        ("1 ten 20 ENSG1 A _", "POS_SYNTAX"),
        ("1 0 20 ENSG1 A _", "POS_SYNTAX"),
        ("1 10 20 ENSG1 A", "COLUMN_COUNT"),
        ("1:2 10 20 ENSG1 A x", "CONTIG_SYNTAX"),
        ("1 10 20 ENSG1 A x\x00", "ENCODING"),
        ("1 10 20 ENSG1 A \ufffd", "ENCODING"),
        (f"1 10 20 ENSG1 A {'x' * (9 << 20)}", "LINE_TOO_LONG"),
    ],
)
def test_a_row_of_a_gene_table_that_breaks_a_rule_is_told_with_it(row: str, rule: str) -> None:
    found = outcome(GENE, row)
    assert isinstance(found, Rejection)
    assert (found.line, found.rule, found.expected) == (2, rule, ANNOTATION_RULES[rule])
    assert len(found.raw) <= 1 << 16


def test_a_gene_has_its_hgnc_id_as_its_key_where_there_is_one() -> None:
    found = outcome("chromosome gene_start gene_end hgnc_id gene_symbol ensembl_gene_id", "chr7 1 2 1884 CFTR ENSG1")
    assert found == Gene("GRCh38", "7", 1, 2, "HGNC:1884", "ENSG1", "HGNC:1884", "CFTR", None)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("1 0 7 A C Pathogenic _ _ _", "POS_SYNTAX"),
        ("1 10 7 A A Pathogenic _ _ _", "ALLELE_SYNTAX"),
        ("1 10 7 A C,G Pathogenic _ _ _", "ALLELE_SYNTAX"),
        ("1 10 _ A C Pathogenic _ _ _", "VARIATION_ID"),
        ("1 10 7 A C Pathogenic _ _ 2024-02-30", "DATE_SYNTAX"),
        (f"1 10 7 A C {'x' * 1001} _ _ _", "SIGNIFICANCE"),
    ],
)
def test_a_row_of_clinvar_that_breaks_a_rule_is_told_with_it(row: str, rule: str) -> None:
    found = outcome(CLINVAR, row)
    assert isinstance(found, Rejection)
    assert found.rule == rule


def test_an_allele_of_clinvar_is_trimmed_to_the_form_variants_have() -> None:
    found = outcome(CLINVAR, "chr1 10 7 cacac cac Pathogenic practice_guideline MONDO:0000001|A;B~disease Jan~02,~2024")
    assert isinstance(found, Clinical)
    [statement] = found.statements
    assert (statement.contig, statement.pos, statement.ref, statement.alt) == ("1", 10, "CAC", "C")
    assert (statement.gold_stars, statement.last_evaluated) == (4, "2024-01-02")
    assert [tuple(condition) for condition in statement.conditions] == [("MONDO", "MONDO:0000001", "A;B disease")]


def test_rows_that_say_nothing_are_counted_by_why() -> None:
    columns = "Assembly Chromosome PositionVCF ReferenceAlleleVCF AlternateAlleleVCF ClinicalSignificance VariationID"
    rows = {
        "GRCh37 1 10 A C Benign 1": "OTHER_ASSEMBLY",
        "na 1 10 A C Benign 1": "OTHER_ASSEMBLY",
        "GRCh38 1 -1 na na Benign 1": "NO_ALTERNATE",
        "GRCh38 1 10 A C - 1": "NO_CLASSIFICATION",
    }
    assert {row: outcome(columns, row) for row in rows} == {row: Filtered(rule) for row, rule in rows.items()}


def test_a_file_of_no_known_layout_or_without_a_build_is_refused() -> None:
    for lines, build, said in [
        ([], "GRCh38", "the file is empty"),
        ([b"a\tb"], "GRCh38", "names none of the known layouts"),
        ([b"chrom\tstart\tend\tsymbol"], None, "does not tell the build"),
    ]:
        with pytest.raises(Refusal, match=said):
            read_layout(lines, build)


def test_one_spelling_of_a_significance_its_group_and_its_stars() -> None:
    assert canonical_significance("Pathogenic, low penetrance; ; drug  response") == (
        "Pathogenic,_low_penetrance||drug_response"
    )
    assert significance_group("germline", "Likely_pathogenic,_low_penetrance") == "P/LP"
    assert significance_group("germline", "drug_response|Conflicting_classifications") == "VUS+conflicting"
    assert significance_group("oncogenicity", "Pathogenic") == "other"
    assert [gold_stars_of(status) for status in ("reviewed_by_expert_panel", "no_assertion_x", "x", None)] == [
        3,
        0,
        None,
        None,
    ]


def test_dates_are_days_of_the_calendar() -> None:
    texts = ["2024-12-15", "20241215", "Dec 5, 2024", "2023-02-29", "Foo 1, 2020", None]
    assert [parse_date(text) for text in texts] == ["2024-12-15", "2024-12-15", "2024-12-05", None, None, None]


def test_of_several_ids_of_a_condition_the_preferred_one_is_kept() -> None:
    [one, two] = conditions_of_lists("One_name|Two", "OMIM:1,MONDO:MONDO:0000001|MedGen:C2")
    assert tuple(one) == ("MONDO", "MONDO:0000001", "One name")
    assert tuple(two) == ("MedGen", "MedGen:C2", "Two")
    assert [condition.code for condition in conditions_of_table("A:1|b;c;D:2")] == ["A:1", "D:2"]
