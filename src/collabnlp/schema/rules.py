"""What every record checks of itself when it is made."""

from __future__ import annotations


class InvalidRecord(ValueError):
    """A record that breaks one of the schema's rules was about to be made."""


def require(condition: bool, message: str) -> None:
    """Raise InvalidRecord with the message unless the condition holds."""
    if not condition:
        raise InvalidRecord(message)
