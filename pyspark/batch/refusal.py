"""Why a file, or a whole job, is refused for a fault of its input."""


class Refusal(Exception):
    """A fault of the input that a person can mend; never a fault of the machine.

    Attributes:
        code: One of the closed set of `src/errors.ts`, such as `INGEST_REJECTED`.
        message: May be shown to a client.
        line: 1-based, in the decompressed text; None where there is no line.
        field: The column, key or parameter at fault.
        expected: What would have been right.
    """

    def __init__(
        self,
        code: str,
        message: str,
        line: int | None = None,
        field: str | None = None,
        expected: str | None = None,
    ) -> None:
        # All of them are arguments of the exception, so that it survives pickling between processes.
        super().__init__(code, message, line, field, expected)
        self.code = code
        self.message = message
        self.line = line
        self.field = field
        self.expected = expected

    def __str__(self) -> str:
        """The message alone."""
        return self.message
