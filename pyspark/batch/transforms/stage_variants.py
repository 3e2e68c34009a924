"""Turns records into the rows of the staging tables, and counts what it leaves out."""

from batch.domain.allele import Allele, ReferenceBases, classify_alt, normalise_allele, variant_type_of
from batch.domain.contig import canonical_contig, contig_rank
from batch.domain.ledger import count_rule
from batch.domain.numbers import to_int32
from batch.domain.variant import filters_text
from batch.sources.fasta import Fasta
from batch.sources.vcf.types import Ints, VcfRecord
from batch.transforms.call_set_draft import CallSetDraft
from batch.transforms.check_reference import check_reference
from batch.transforms.counting import GenotypeCounter
from batch.transforms.hash_record import RecordHasher
from batch.transforms.stage_blocks import Place, stage_blocks
from batch.transforms.stage_tally import StageTally
from batch.transforms.staged_rows import CallColumns, StagedRecord, StructuralRow, VariantRow
from batch.transforms.structural import structural_facts
from batch.transforms.variant_filters import VariantFilters


class Stager:
    """Stages the records of one range of one file.

    Attributes:
        tally: Of this range so far.
    """

    def __init__(
        self,
        file_name: str,
        call_set: CallSetDraft,
        sample_of_column: Ints,
        filters: VariantFilters,
        reference: Fasta | None,
    ) -> None:
        """`sample_of_column` as `call_set_draft.sample_of_column` answers it for the header's samples."""
        self.tally = StageTally()
        self._file_name = file_name
        self._call_set = call_set
        self._sample_of_column = sample_of_column
        self._samples = sample_of_column.tolist()
        self._filters = filters
        self._reference = reference
        self._counter = GenotypeCounter(call_set.grouping, sample_of_column)
        self._hasher = RecordHasher(sample_of_column)
        self._contig_name = ""
        self._place = Place("", 0)
        self._bases: ReferenceBases | None = None

    def stage(self, record: VcfRecord) -> StagedRecord:
        """The rows of one record. Empty lists where it is left out.

        Raises:
            Refusal: REF differs from the reference: the file is refused. Of the refusals of several ranges the one
                with the lowest line stands, and only where `settle_ranges` says that what was read stands.
        """
        if record.contig != self._contig_name:
            self._enter_contig(record.contig)
        check_reference(record, self._bases, self._file_name)
        kinds = [classify_alt(alt) for alt in record.alts]
        alternates = [index for index, kind in enumerate(kinds, 1) if kind in ("sequence", "structural")]
        staged = StagedRecord([], [], [], [])
        self.tally.alleles_read += len(alternates)
        if not alternates:
            self._stage_blocks(record, staged)
            return staged
        rule = self._filters.of_record(record)
        if rule is not None:
            count_rule(self.tally.filtered_records, rule)
            count_rule(self.tally.filtered_alleles, rule, len(alternates))
            return staged
        content_hash = self._hasher.digest(record)
        for alt_index in alternates:
            counts = self._counter.count(record.genotypes, alt_index)
            rule = self._filters.of_allele(counts)
            if rule is not None:
                count_rule(self.tally.filtered_alleles, rule)
            elif kinds[alt_index - 1] == "sequence":
                staged.variants.append(self._variant(record, alt_index, counts, content_hash))
                staged.calls.append(self._calls(record, alt_index))
            else:
                staged.structural.append(self._structural(record, alt_index, counts, content_hash))
        if not staged.variants and not staged.structural:
            # The rule of the last alternate names the record's.
            count_rule(self.tally.filtered_records, rule or "")
        return staged

    def _enter_contig(self, name: str) -> None:
        contig = canonical_contig(name)
        self._contig_name = name
        self._place = Place(contig, contig_rank(contig))
        self._bases = None if self._reference is None else self._reference.bases_of(name)

    def _stage_blocks(self, record: VcfRecord, staged: StagedRecord) -> None:
        self.tally.reference_records += 1
        if not self._samples:
            return
        content_hash = self._hasher.digest(record)
        staged.blocks.extend(stage_blocks(record, self._place, self._call_set, self._samples, content_hash))
        self.tally.blocks += len(staged.blocks)
        self.tally.reference_records_with_rows += 1 if staged.blocks else 0

    def _variant(self, record: VcfRecord, alt_index: int, counts: Ints, content_hash: int) -> VariantRow:
        alt = record.alts[alt_index - 1].upper()
        allele = normalise_allele(Allele(record.pos, record.ref, alt), self._bases)
        genotypes = record.genotypes
        return VariantRow(
            line=record.line,
            alt_index=alt_index,
            call_set_id=self._call_set.id,
            build=self._call_set.build,
            contig=self._place.contig,
            contig_rank=self._place.rank,
            pos=to_int32(allele.pos),
            ref=allele.ref,
            alt=allele.alt,
            variant_type=variant_type_of(allele.ref, allele.alt),
            normalisation="TRIMMED" if self._bases is None else "LEFT_ALIGNED",
            ids=";".join(record.ids) or None,
            qual=record.qual,
            filters=filters_text(record.filters),
            info=record.info or None,
            original_pos=record.pos,
            original_ref=record.ref,
            original_alts=",".join(record.alts),
            base_gt=None if genotypes.base < 0 else genotypes.texts[genotypes.base].text,
            sample_count=len(self._call_set.samples),
            groups_id=self._call_set.groups_id,
            group_counts=counts,
            content_hash=content_hash,
        )

    def _calls(self, record: VcfRecord, alt_index: int) -> CallColumns:
        genotypes = record.genotypes
        self.tally.carriers += genotypes.sample.size
        ad = genotypes.ad
        return CallColumns(
            sample_index=self._sample_of_column[genotypes.sample],
            gt=genotypes.code,
            texts=genotypes.texts,
            dp=genotypes.dp,
            gq=genotypes.gq,
            ad_ref=None if ad is None else ad[:, 0],
            ad_alt=None if ad is None else ad[:, alt_index],
            phase_set=genotypes.ps,
            filters=genotypes.filters,
        )

    def _structural(self, record: VcfRecord, alt_index: int, counts: Ints, content_hash: int) -> StructuralRow:
        alt = record.alts[alt_index - 1]
        facts = structural_facts(record.pos, alt, alt_index, record.end_pos, record.info)
        return StructuralRow(
            line=record.line,
            alt_index=alt_index,
            call_set_id=self._call_set.id,
            build=self._call_set.build,
            contig=self._place.contig,
            contig_rank=self._place.rank,
            pos=record.pos,
            end_pos=None if facts.end_pos is None else to_int32(facts.end_pos),
            ref=record.ref,
            alt=alt,
            sv_type=facts.sv_type,
            sv_len=None if facts.sv_len is None else to_int32(facts.sv_len),
            ci_pos=facts.ci_pos,
            ci_end=facts.ci_end,
            mate_id=facts.mate_id,
            imprecise=facts.imprecise,
            copy_number=facts.copy_number,
            ids=";".join(record.ids) or None,
            qual=record.qual,
            filters=filters_text(record.filters),
            info=record.info or None,
            sample_count=len(self._call_set.samples),
            groups_id=self._call_set.groups_id,
            group_counts=counts,
            content_hash=content_hash,
        )
