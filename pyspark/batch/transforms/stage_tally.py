"""What became of the records of one file, or of one range of it, before duplicates are known."""

from dataclasses import dataclass, field

from batch.domain.ledger import count_rule


@dataclass
class StageTally:
    """It can be pickled, and added up over ranges.

    Attributes:
        reference_records: Records with no alternate to keep as a row of its own.
        reference_records_with_rows: Those among them that left at least one block.
        filtered_records: Records left out whole, by rule.
        filtered_alleles: Alleles left out, by rule.
        alleles_read: Alternates of bases, symbolic alleles and breakends.
        blocks: Rows of reference blocks.
        carriers: Rows of calls.
    """

    reference_records: int = 0
    reference_records_with_rows: int = 0
    filtered_records: dict[str, int] = field(default_factory=dict)
    filtered_alleles: dict[str, int] = field(default_factory=dict)
    alleles_read: int = 0
    blocks: int = 0
    carriers: int = 0

    def add(self, other: "StageTally") -> None:
        """Adds the tally of another range."""
        self.reference_records += other.reference_records
        self.reference_records_with_rows += other.reference_records_with_rows
        self.alleles_read += other.alleles_read
        self.blocks += other.blocks
        self.carriers += other.carriers
        for rule, count in other.filtered_records.items():
            count_rule(self.filtered_records, rule, count)
        for rule, count in other.filtered_alleles.items():
            count_rule(self.filtered_alleles, rule, count)
