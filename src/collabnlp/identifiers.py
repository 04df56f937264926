"""Ids and hashes: always of canonical JSON, never of glued strings."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

_QUOTES = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "‐": "-"}
)

_CANONICAL = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


def canonical_json(value: Any) -> bytes:
    """The one byte form of a JSON value: sorted keys, no blanks, UTF-8."""
    return _CANONICAL.encode(value).encode()


def digest(value: Any) -> str:
    """SHA-256 (64 hex digits) of a JSON value."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def normalised(text: str) -> str:
    """Text as hashed: NFKC, plain quotes and dashes, single blanks, lower case."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    return " ".join(text.split()).lower()


def unit_hash(text: str) -> str:
    """Hash of a unit's normalised text, by which labels point at units (64 hex digits)."""
    return digest({"unit": normalised(text)})


def folded(text: str) -> str:
    """Letters and digits alone, lower case: equal however a text is set or punctuated."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).lower()))


def folded_hash(text: str) -> str:
    """Short hash (16 hex digits) of a text's letters and digits."""
    return digest({"folded": folded(text)})[:16]


def occurrences(texts: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Unit hash of each text, and which occurrence of it this is (from 1)."""
    seen: dict[str, int] = {}
    for text in texts:
        key = unit_hash(text)
        seen[key] = seen.get(key, 0) + 1
        yield key, seen[key]


def unit_ids(document_id: str, texts: Iterable[str]) -> Iterator[str]:
    """Stable ids ``document:8 hex digits``; later occurrences of a repeated text add -2, -3, …"""
    seen: dict[str, int] = {}
    for text in texts:
        base = f"{document_id}:{unit_hash(text)[:8]}"
        seen[base] = seen.get(base, 0) + 1
        yield base if seen[base] == 1 else f"{base}-{seen[base]}"
