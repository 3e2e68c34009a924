"""The distinct genotype texts of a range of one file."""

from typing import Final

from batch.domain.genotype import GenotypeText, is_hom_ref, parse_genotype
from batch.sources.vcf.limits import MAX_TEXT_LENGTH, MAX_TEXTS

NO_GENOTYPE: Final = -1
TOO_MANY: Final = -2


class GenotypeTexts:
    """Codes of texts, in the order of their first use.

    Attributes:
        texts: By code; grows, codes never change.
        greatest: The greatest allele a code names; -1 when it names none.
        hom_ref: Whether every allele is REF.
        first_uses: Line and order of the first use, of at most `MAX_TEXTS` + 1 texts.
    """

    def __init__(self, allowed: frozenset[str] | None, first_uses: dict[str, tuple[int, int]]) -> None:
        """`allowed` are the texts the file may use, or None: the first `MAX_TEXTS`."""
        self.texts: list[GenotypeText] = []
        self.greatest: list[int] = []
        self.hom_ref: list[bool] = []
        self.first_uses = first_uses
        self._allowed = allowed
        self._codes: dict[str, int] = {}

    def code_of(self, text: str, line: int) -> int:
        """Negative when the text is no genotype, or one too many."""
        code = self._codes.get(text)
        return self._learn(text, line) if code is None else code

    def _learn(self, text: str, line: int) -> int:
        # What is no genotype is ASCII up to its first fault: its length is that of the twin.
        genotype = None if len(text) > MAX_TEXT_LENGTH else parse_genotype(text)
        if genotype is None:
            return NO_GENOTYPE
        if text not in self.first_uses and len(self.first_uses) <= MAX_TEXTS:
            self.first_uses[text] = (line, len(self.first_uses))
        if len(self.texts) >= MAX_TEXTS if self._allowed is None else text not in self._allowed:
            return TOO_MANY
        code = len(self.texts)
        self._codes[text] = code
        self.texts.append(genotype)
        self.greatest.append(max(genotype.alleles))
        self.hom_ref.append(is_hom_ref(genotype))
        return code
