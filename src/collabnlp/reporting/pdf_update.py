"""Adds annotations to a PDF by an incremental update: the home of pypdf.

The file's own bytes stay as they are, in front; what is new stands behind them, with a
cross-reference section of the kind that the file has. Of what is there only the lists of
annotations are written again, with the page's dictionary where the list is a part of it. No clock
and no chance: equal calls give equal bytes.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collabnlp.errors import DamagedFile, EncryptedPdf, LockedPdf, SignedPdf

if TYPE_CHECKING:
    from pypdf.generic import DictionaryObject, IndirectObject, PdfObject

# pypdf tells of every oddity that it mends; without a handler Python would print that.
logging.getLogger("pypdf").addHandler(logging.NullHandler())

_INHERITED = ("/MediaBox", "/CropBox", "/Rotate")
_LETTER = (0.0, 0.0, 612.0, 792.0)  # of a page that has no size
_DEPTH = 64  # of page trees and form fields; a deeper one runs in a circle
_START = re.compile(rb"startxref\s+(\d+)\s")
_OBJECT = re.compile(rb"\s*\d+\s+\d+\s+obj\b")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of a page that is shown (crop box), in the page's own coordinates, points from the
    bottom left; ``rotation`` counts quarter turns clockwise."""

    left: float
    low: float
    right: float
    high: float
    rotation: int

    @property
    def width(self) -> float:
        """Of the page as shown."""
        return self.high - self.low if self.rotation % 2 else self.right - self.left

    @property
    def height(self) -> float:
        """Of the page as shown."""
        return self.right - self.left if self.rotation % 2 else self.high - self.low

    def point(self, x: float, down: float) -> Point:
        """A place in points from the top left of the page as shown, in the page's coordinates."""
        if self.rotation == 1:
            return self.left + down, self.low + x
        if self.rotation == 2:
            return self.right - x, self.low + down
        if self.rotation == 3:
            return self.right - down, self.high - x
        return self.left + x, self.high - down


@dataclass(slots=True)
class _Page:
    reference: IndirectObject
    entries: DictionaryObject
    frame: Frame


class PdfUpdate:
    """A PDF to which annotations are added. Pages are 1-based.

    Raises EncryptedPdf (needs a password), LockedPdf (its owner forbids annotations), SignedPdf
    (unless ``signed`` allows it), DamagedFile.
    """

    def __init__(self, data: bytes, *, name: str = "the file", signed: bool = False) -> None:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError

        self.name = name
        self._data = data
        self._base, self._start = self._last_section()
        self._new: dict[tuple[int, int], PdfObject] = {}
        self._annotations: dict[int, list[IndirectObject]] = {}
        try:
            self._reader = PdfReader(io.BytesIO(data))
            self._check_rights()
            self._catalog: DictionaryObject = self._reader.root_object
            if not signed and self._is_signed():
                raise SignedPdf(f"{name} is digitally signed.")
            self._pages = list(self._walk())
            self._next = self._first_free()
        except (DamagedFile, EncryptedPdf, LockedPdf, SignedPdf):
            raise
        except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as it:
            raise self._damaged(str(it) or type(it).__name__) from it
        if not self._pages:
            raise self._damaged("it has no pages")

    @property
    def page_count(self) -> int:
        return len(self._pages)

    def frame(self, number: int) -> Frame:
        """The shown part of a page."""
        return self._pages[number - 1].frame

    def add(self, thing: PdfObject) -> IndirectObject:
        """A new object of the file, to refer to."""
        from pypdf.generic import IndirectObject

        reference = IndirectObject(self._next, 0, self._reader)
        self._new[self._next, 0] = thing
        self._next += 1
        return reference

    def annotate(self, number: int, entries: Mapping[str, Any], drawing: DictionaryObject) -> None:
        """Add an annotation to a page, behind those that it has. ``entries`` are its dictionary's,
        but for /Type, /P and /AP; ``drawing`` is the form that shows it."""
        from pypdf.generic import DictionaryObject, NameObject

        annotation = DictionaryObject({NameObject("/Type"): NameObject("/Annot")})
        annotation.update({NameObject(key): value for key, value in entries.items()})
        annotation[NameObject("/P")] = self._pages[number - 1].reference
        look = DictionaryObject({NameObject("/N"): self.add(drawing)})
        annotation[NameObject("/AP")] = look
        self._annotations.setdefault(number, []).append(self.add(annotation))

    def to_bytes(self) -> bytes:
        """The file with its update; the file itself where nothing was added.

        Raises DamagedFile where the result would not read back as it was written.
        """
        if not self._annotations:
            return self._data
        written = dict(self._new)
        owners: dict[int, int] = {}
        for page in self._pages:
            listed = self._list_of(page)
            if listed is not None:
                owners[listed.idnum] = owners.get(listed.idnum, 0) + 1
        for number in sorted(self._annotations):
            page = self._pages[number - 1]
            listed, annotations = self._list_of(page), self._with_added(number)
            if listed is not None and owners[listed.idnum] == 1:
                written[listed.idnum, listed.generation] = annotations
            else:
                entries = _copy(page.entries)
                if _has_foreign_name(entries):
                    raise self._damaged(f"page {number} uses names in an unknown encoding")
                _set(entries, "/Annots", annotations)
                written[page.reference.idnum, page.reference.generation] = entries
        data = self._data + self._section(written)
        self._check(data)
        return data

    # reading

    def _damaged(self, why: str) -> DamagedFile:
        return DamagedFile(
            f"{self.name} cannot be marked: {why.rstrip('.')}.",
            advice="Open it in a PDF program, save it anew, and mark that copy.",
        )

    def _last_section(self) -> tuple[int, int]:
        """Where the file begins (after what a mail program put before it) and its last
        cross-reference section, as the file counts."""
        begin = self._data.find(b"%PDF-")
        if begin < 0:
            raise self._damaged("it has no beginning of a PDF")
        found = _START.search(self._data, max(0, self._data.rfind(b"startxref")))
        if found is None:
            raise self._damaged("its table of objects is missing")
        start = int(found[1])
        for base in {0: None, begin: None}:
            at = base + start
            if self._data.startswith(b"xref", at) or _OBJECT.match(self._data, at):
                return base, start
        raise self._damaged("its table of objects is not where the file says")

    def _check_rights(self) -> None:
        from pypdf.constants import UserAccessPermissions

        if not self._reader.is_encrypted:
            return
        from pypdf.errors import DependencyError

        try:
            opened = self._reader.decrypt("")
        except (DependencyError, NotImplementedError) as unknown:
            raise EncryptedPdf(f"{self.name} is encrypted in an unknown way.") from unknown
        if not opened:
            raise EncryptedPdf(f"{self.name} needs a password.")
        rights = self._reader.user_access_permissions
        if rights is not None and not rights & UserAccessPermissions.ADD_OR_MODIFY:
            raise LockedPdf(f"The owner of {self.name} forbids annotations.")

    def _is_signed(self) -> bool:
        if "/Perms" in self._catalog:
            return True
        form = _dictionary(self._catalog.get("/AcroForm"))
        if form is None:
            return False
        return _signed_field(form.get("/Fields"), None, _DEPTH)

    def _walk(self) -> Iterator[_Page]:
        """The pages in order, with what they inherit."""
        seen: set[int] = set()
        stack: list[tuple[Any, dict[str, Any]]] = [(self._catalog.raw_get("/Pages"), {})]
        while stack:
            reference, inherited = stack.pop()
            node = _dictionary(reference)
            if node is None:
                continue
            here = inherited | {key: node[key] for key in _INHERITED if key in node}
            if "/Kids" in node:
                number = getattr(reference, "idnum", 0)
                if number in seen:
                    raise self._damaged("its pages run in a circle")
                seen.add(number)
                kids = _items(node["/Kids"])
                stack += [(kid, here) for kid in reversed(kids)]
            elif hasattr(reference, "idnum"):
                yield _Page(reference, node, _frame(here))
            else:
                raise self._damaged("a page is no object of its own")

    def _first_free(self) -> int:
        numbers = [int(self._reader.trailer.get("/Size", 0)) - 1]
        numbers += [number for table in self._reader.xref.values() for number in table]
        numbers += list(self._reader.xref_objStm)
        return max(numbers) + 1

    @staticmethod
    def _list_of(page: _Page) -> IndirectObject | None:
        from pypdf.generic import ArrayObject, IndirectObject

        if "/Annots" not in page.entries:
            return None
        raw = page.entries.raw_get("/Annots")
        if isinstance(raw, IndirectObject) and isinstance(raw.get_object(), ArrayObject):
            return raw
        return None

    def _with_added(self, number: int) -> PdfObject:
        from pypdf.generic import ArrayObject

        return ArrayObject([*self._listed(number), *self._annotations[number]])

    # writing

    def _section(self, written: Mapping[tuple[int, int], PdfObject]) -> bytes:
        """What stands behind the file's bytes: objects, cross-references, trailer."""
        out = io.BytesIO()
        if not self._data.endswith((b"\n", b"\r")):
            out.write(b"\n")
        origin = len(self._data) - self._base
        places: dict[int, tuple[int, int]] = {}
        encryption = self._reader._encryption
        for (number, generation), thing in sorted(written.items()):
            places[number] = origin + out.tell(), generation
            if encryption is not None:
                thing = encryption.encrypt_object(thing, number, generation)
            out.write(f"{number} {generation} obj\n".encode())
            thing.write_to_stream(out)
            out.write(b"\nendobj\n")
        start = origin + out.tell()
        digest = hashlib.sha256(self._data + out.getvalue()).digest()[:16]
        if self._data.startswith(b"xref", self._base + self._start):
            self._write_table(out, places, digest)
        else:
            self._write_stream(out, places, start, digest)
        out.write(f"startxref\n{start}\n%%EOF\n".encode())
        return out.getvalue()

    def _trailer(self, size: int, digest: bytes) -> DictionaryObject:
        from pypdf.generic import ArrayObject, ByteStringObject, DictionaryObject, NumberObject

        old, trailer = self._reader.trailer, DictionaryObject()
        _set(trailer, "/Size", NumberObject(size))
        for key in ("/Root", "/Info", "/Encrypt"):
            if key in old:
                _set(trailer, key, old.raw_get(key))
        _set(trailer, "/Prev", NumberObject(self._start))
        identity = old.get("/ID")
        if identity is not None and len(identity.get_object()) == 2:
            first = identity.get_object()[0].get_object()
            kept = ByteStringObject(first.original_bytes)
            _set(trailer, "/ID", ArrayObject([kept, ByteStringObject(digest)]))
        return trailer

    def _write_table(
        self, out: io.BytesIO, places: Mapping[int, tuple[int, int]], digest: bytes
    ) -> None:
        out.write(b"xref\n")
        for first, count in _stretches(places):
            out.write(f"{first} {count}\n".encode())
            for number in range(first, first + count):
                offset, generation = places[number]
                out.write(f"{offset:010d} {generation:05d} n \n".encode())
        out.write(b"trailer\n")
        self._trailer(self._next, digest).write_to_stream(out)
        out.write(b"\n")

    def _write_stream(
        self, out: io.BytesIO, places: Mapping[int, tuple[int, int]], start: int, digest: bytes
    ) -> None:
        from pypdf.generic import ArrayObject, NameObject, NumberObject, StreamObject

        number = self._next
        places = {**places, number: (start, 0)}
        stream = StreamObject()
        stream.update(self._trailer(number + 1, digest))
        _set(stream, "/Type", NameObject("/XRef"))
        _set(stream, "/W", ArrayObject([NumberObject(width) for width in (1, 4, 2)]))
        index = [NumberObject(it) for stretch in _stretches(places) for it in stretch]
        _set(stream, "/Index", ArrayObject(index))
        stream.set_data(b"".join(struct.pack(">BIH", 1, *places[it]) for it in sorted(places)))
        out.write(f"{number} 0 obj\n".encode())
        stream.write_to_stream(out)
        out.write(b"\nendobj\n")

    def _check(self, data: bytes) -> None:
        """Read the result back: every page is as it was, but for what was added."""
        again = PdfUpdate(data, name=self.name, signed=True)
        if again.page_count != self.page_count:
            raise self._damaged("its pages do not read back")
        for number in sorted(self._annotations):
            old, new = self._pages[number - 1].entries, again._pages[number - 1].entries
            names = {key for key in (*old, *new) if key != "/Annots"}
            if any(_written(old, key) != _written(new, key) for key in names):
                raise self._damaged(f"page {number} does not read back as it was")
            if len(again._listed(number)) != len(self._listed(number)) + len(
                self._annotations[number]
            ):
                raise self._damaged(f"the annotations of page {number} do not read back")

    def _listed(self, number: int) -> list[Any]:
        return _items(self._pages[number - 1].entries.get("/Annots"))


def _written(entries: DictionaryObject, key: str) -> bytes | None:
    if key not in entries:
        return None
    out = io.BytesIO()
    entries.raw_get(key).write_to_stream(out)
    return out.getvalue()


def _has_foreign_name(thing: Any) -> bool:
    """A name beyond ASCII in an object: its bytes are lost when it is read."""
    from pypdf.generic import DictionaryObject, NameObject

    if isinstance(thing, NameObject):
        return not thing.isascii()
    if isinstance(thing, DictionaryObject):
        return any(_has_foreign_name(key) or _has_foreign_name(thing.raw_get(key)) for key in thing)
    return isinstance(thing, list) and any(map(_has_foreign_name, thing))


def _copy(entries: DictionaryObject) -> DictionaryObject:
    from pypdf.generic import DictionaryObject

    return DictionaryObject({key: entries.raw_get(key) for key in entries})


def _set(entries: DictionaryObject, key: str, value: Any) -> None:
    from pypdf.generic import NameObject

    entries[NameObject(key)] = value


def _items(thing: Any) -> list[Any]:
    value = thing.get_object() if thing is not None else None
    return list(value) if isinstance(value, list) else []


def _dictionary(thing: Any) -> DictionaryObject | None:
    from pypdf.generic import DictionaryObject

    value = thing.get_object() if thing is not None else None
    return value if isinstance(value, DictionaryObject) else None


def _signed_field(fields: Any, kind: str | None, depth: int) -> bool:
    """A form field, or one below it, that holds a signature."""
    listed = fields.get_object() if fields is not None else None
    if not isinstance(listed, list) or not depth:
        return False
    for one in listed:
        field = _dictionary(one)
        if field is None:
            continue
        its = str(field.get("/FT", kind))
        if (its == "/Sig" and "/V" in field) or _signed_field(field.get("/Kids"), its, depth - 1):
            return True
    return False


def _frame(entries: Mapping[str, Any]) -> Frame:
    whole = _rectangle(entries.get("/MediaBox")) or _LETTER
    shown = _rectangle(entries.get("/CropBox"))
    if shown is not None:
        left, low = max(shown[0], whole[0]), max(shown[1], whole[1])
        right, high = min(shown[2], whole[2]), min(shown[3], whole[3])
        if left < right and low < high:
            whole = left, low, right, high
    turned = entries.get("/Rotate", 0)
    turned = turned.get_object() if hasattr(turned, "get_object") else turned
    return Frame(*whole, rotation=int(turned) // 90 % 4)


def _rectangle(value: Any) -> tuple[float, float, float, float] | None:
    sides = value.get_object() if value is not None else None
    if not isinstance(sides, list) or len(sides) < 4:
        return None
    a, b, c, d = (float(side.get_object()) for side in sides[:4])
    box = min(a, c), min(b, d), max(a, c), max(b, d)
    return box if box[0] < box[2] and box[1] < box[3] else None


def _stretches(numbers: Mapping[int, object]) -> list[tuple[int, int]]:
    """Numbers as (first, count) of each unbroken stretch, ascending."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and sum(found[-1]) == number:
            found[-1] = found[-1][0], found[-1][1] + 1
        else:
            found.append((number, 1))
    return found
