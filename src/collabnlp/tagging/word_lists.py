"""Word lists that come with the program: TOML files under ``collabnlp/data``, read once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from collabnlp.errors import DataError


@cache
def read_words(file: str) -> dict[str, Any]:
    """A data file's tables, lists of strings as tuples. Raises DataError where it is wrong."""
    try:
        text = files("collabnlp.data").joinpath(file).read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"The word list {file} cannot be read: {error}.") from error
    return {key: _frozen(value, f"{file}: {key}") for key, value in tables.items()}


def _frozen(value: Any, where: str) -> Any:
    if isinstance(value, dict):
        return {key: _frozen(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        if len(set(value)) != len(value):
            repeated = sorted({item for item in value if value.count(item) > 1})
            raise DataError(f"The word list {where} repeats {', '.join(repeated)}.")
        if any(not item.strip() or item != item.strip() for item in value):
            raise DataError(f"The word list {where} has an empty or padded wording.")
        return tuple(value)
    if isinstance(value, list):
        return tuple(_frozen(item, where) for item in value)
    return value


def check_keys(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Raise DataError where a table has keys that nobody reads."""
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise DataError(f"The word list {where} has unknown keys: {', '.join(unknown)}.")


def any_of(expressions: Iterable[str], where: str, *, flags: int = re.I) -> re.Pattern[str]:
    """One pattern that matches any of the regular expressions of a list. Raises DataError."""
    try:
        return re.compile(f"(?:{'|'.join(f'(?:{it})' for it in expressions)})", flags)
    except re.error as error:
        raise DataError(f"The word list {where} has a wrong expression: {error}.") from error


def plural(noun: str) -> str:
    """The regular English plural of a noun phrase's last word ("body" → "bodies")."""
    if noun.endswith("person"):
        return noun[:-6] + "people"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    return noun + "s"
