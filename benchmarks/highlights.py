"""Do highlights cover the words of their units? Asks pdfplumber, which had no part in placing them.

    python benchmarks/highlights.py [FOLDER OR PDF …]     (default: ../shared/documents)

Each PDF is classified and highlighted. For every highlighted commitment the letters and digits
that pdfplumber finds under its rectangles are compared with the unit's own text: *covered* when
they hold all of it in order, *exact* when they hold nothing else. Note marks on a unit's lines are
under its rectangles but not in its text: covered, not exact.
"""

from __future__ import annotations

import io
import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Cover:
    """One unit: its own letters and those under its rectangles."""

    unit_id: str
    own: str
    under: str

    @property
    def covered(self) -> bool:
        """Every letter of the unit is under the rectangles, in order."""
        rest = iter(self.under)
        return all(letter in rest for letter in self.own)

    @property
    def exact(self) -> bool:
        return self.own == self.under


def letters(text: str) -> str:
    """Letters and digits alone: blanks, hyphens at line ends and dashes do not count."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(it for it in plain if it.isalnum()).casefold()


def covers(marked: bytes, own_texts: dict[str, str]) -> Iterator[Cover]:
    """For each highlight in a marked PDF of unrotated pages: what it should cover and covers.

    ``own_texts`` maps unit ids to their own text.
    """
    import pdfplumber
    from pypdf import PdfReader

    quads: dict[int, list[tuple[str, list[float]]]] = {}
    for number, page in enumerate(PdfReader(io.BytesIO(marked)).pages):
        for it in page.get("/Annots") or ():
            annotation = it.get_object()
            if annotation["/Subtype"] != "/Highlight" or annotation.get("/T") != "collabnlp":
                continue
            unit_id = str(annotation["/NM"]).partition("/")[0]
            sides = [float(side) for side in annotation["/QuadPoints"]]
            for at in range(0, len(sides), 8):
                quads.setdefault(number, []).append((unit_id, sides[at : at + 8]))
    under: dict[str, str] = {}
    with pdfplumber.open(io.BytesIO(marked)) as pdf:
        for number, page in enumerate(pdf.pages):
            if number not in quads:
                continue
            left, low = page.mediabox[0], page.mediabox[1]
            # Middle of each character in the page's own coordinates.
            placed = [
                ((it["x0"] + it["x1"]) / 2 + left, (it["y0"] + it["y1"]) / 2 + low, it["text"])
                for it in page.chars
            ]
            for unit_id, sides in quads[number]:
                x0, x1 = min(sides[::2]), max(sides[::2])
                y0, y1 = min(sides[1::2]), max(sides[1::2])
                inside = [it for it in placed if x0 <= it[0] <= x1 and y0 <= it[1] <= y1]
                inside.sort(key=lambda it: it[0])
                text = under.get(unit_id, "") + "".join(text for _, _, text in inside)
                under[unit_id] = text
            page.close()
    for unit_id, text in under.items():
        yield Cover(unit_id, letters(own_texts[unit_id]), letters(text))


def _pdfs(given: Iterable[str]) -> Iterator[Path]:
    for one in map(Path, given):
        yield from sorted(one.glob("*.pdf")) if one.is_dir() else [one]


def main(arguments: list[str]) -> None:
    import collabnlp
    from collabnlp.errors import CollabnlpError
    from collabnlp.workflows.highlighting import highlight_pdf

    tagger = collabnlp.load()
    print("| document | pages | highlighted | covered | exact | seconds to mark |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    total = covered = exact = 0
    missed: list[str] = []
    for path in _pdfs(arguments or [str(ROOT.parent / "shared" / "documents")]):
        try:
            result = tagger.classify(path)
            started = time.perf_counter()
            marked = highlight_pdf(path, result.document, result.tagged)
            seconds = time.perf_counter() - started
        except CollabnlpError as error:
            print(f"| {path.stem} | {error} | | | | |")
            continue
        found = list(covers(marked, {it.unit.unit_id: it.unit.own_text for it in result}))
        assert len(found) == len(result.commitments)
        good, same = sum(it.covered for it in found), sum(it.exact for it in found)
        total, covered, exact = total + len(found), covered + good, exact + same
        missed += [it.unit_id for it in found if not it.covered]
        print(
            f"| {path.stem} | {len(result.document.pages)} | {len(found)} | {good} | {same} |"
            f" {seconds:.1f} |",
            flush=True,
        )
    if total:
        print(f"| all | | {total} | {covered} ({covered / total:.1%}) | {exact} | |")
    for unit_id in missed:
        print(f"not covered: {unit_id}", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
