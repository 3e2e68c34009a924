"""What differs between versions of the format."""


def is_since_43(version: str) -> bool:
    """Whether a version such as `4.3` is 4.3 or later."""
    return int(version.split(".")[1]) >= 3
