"""Why a whole job ends without a result."""


class JobFailure(Exception):
    """A fault that ends the job; a fault of one input file is a `Refusal` of that file instead.

    Attributes:
        code: One of the closed set of `src/errors.ts`, such as `BACKEND_UNAVAILABLE`.
        message: May be shown to a client: no host, no path, no text of a record.
    """

    def __init__(self, code: str, message: str) -> None:
        # Both are arguments of the exception, so that it survives pickling between processes.
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        """The message alone."""
        return self.message


def canceled() -> JobFailure:
    """What a cancelled job fails with."""
    return JobFailure("CANCELED", "the job was cancelled")
