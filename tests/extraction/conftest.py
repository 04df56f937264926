"""Small PDFs written by hand: pages of placed text, with or without a structure tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest


@dataclass
class Text:
    """A line of text: x and baseline in points from the bottom left; font F1 plain, F2 bold."""

    x: float
    y: float
    text: str
    size: float = 12.0
    font: str = "F1"

    def stream(self) -> str:
        shown = self.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        return f"BT /{self.font} {self.size} Tf {self.x} {self.y} Td ({shown}) Tj ET\n"


@dataclass
class Mark:
    """Marked content around texts: an id, or an artifact (id None)."""

    texts: Sequence[Text]
    mcid: int | None = None
    tag: str = "P"

    def stream(self) -> str:
        inner = "".join(text.stream() for text in self.texts)
        if self.mcid is None:
            return f"/Artifact BMC\n{inner}EMC\n"
        return f"/{self.tag} <</MCID {self.mcid}>> BDC\n{inner}EMC\n"


@dataclass
class Node:
    """A structure element: kids are nodes or (page index, mcid)."""

    kind: str
    kids: list[Node | tuple[int, int]] = field(default_factory=list)


@dataclass
class PdfPage:
    """A page's content: texts, marks, or raw operators."""

    content: Sequence[Mark | Text | str] = ()
    rotate: int = 0

    def stream(self) -> bytes:
        parts = [it if isinstance(it, str) else it.stream() for it in self.content]
        return "".join(parts).encode("cp1252")


def write_pdf(
    pages: Sequence[PdfPage],
    tree: Node | None = None,
    *,
    labels: str = "",
    info: str = "",
    roles: str = "",
) -> bytes:
    """The bytes of a PDF of 595 x 842 pages. ``labels``, ``info``, ``roles``: raw dictionaries."""
    objects: list[bytes] = []

    def add(body: str | bytes) -> int:
        objects.append(body.encode("cp1252") if isinstance(body, str) else body)
        return len(objects)

    catalog, page_tree = add(""), add("")
    plain = add("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
    bold = add("<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>")
    fonts = f"<</Font<</F1 {plain} 0 R/F2 {bold} 0 R>>>>"
    numbers: list[int] = []
    for index, page in enumerate(pages):
        data = page.stream()
        stream = add(b"<</Length %d>>stream\n" % len(data) + data + b"\nendstream")
        numbers.append(
            add(
                f"<</Type/Page/Parent {page_tree} 0 R/MediaBox[0 0 595 842]/Resources {fonts}"
                f"/Contents {stream} 0 R/Rotate {page.rotate}/StructParents {index}>>"
            )
        )
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects[page_tree - 1] = f"<</Type/Pages/Kids[{kids}]/Count {len(numbers)}>>".encode()
    extra = ""
    if tree is not None:
        root = add("")
        parents: dict[int, dict[int, int]] = {index: {} for index in range(len(pages))}

        def element(node: Node, parent: int) -> int:
            number = add("")
            parts = []
            for kid in node.kids:
                if isinstance(kid, Node):
                    parts.append(f"{element(kid, number)} 0 R")
                else:
                    page, mcid = kid
                    parents[page][mcid] = number
                    parts.append(f"<</Type/MCR/Pg {numbers[page]} 0 R/MCID {mcid}>>")
            objects[number - 1] = (
                f"<</Type/StructElem/S/{node.kind}/P {parent} 0 R/K[{' '.join(parts)}]>>".encode()
            )
            return number

        top = element(tree, root)
        rows = []
        for page, claimed in parents.items():
            array = " ".join(
                f"{claimed[mcid]} 0 R" if mcid in claimed else "null"
                for mcid in range(max(claimed, default=-1) + 1)
            )
            rows.append(f"{page} [{array}]")
        nums = add(f"<</Nums[{' '.join(rows)}]>>")
        role_map = f"/RoleMap<<{roles}>>" if roles else ""
        objects[root - 1] = (
            f"<</Type/StructTreeRoot/K[{top} 0 R]/ParentTree {nums} 0 R{role_map}>>".encode()
        )
        extra += f"/StructTreeRoot {root} 0 R/MarkInfo<</Marked true>>"
    if labels:
        extra += f"/PageLabels<</Nums[{labels}]>>"
    objects[catalog - 1] = f"<</Type/Catalog/Pages {page_tree} 0 R{extra}>>".encode()
    trailer_info = f"/Info {add(f'<<{info}>>')} 0 R" if info else ""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += (
        f"trailer<</Size {len(objects) + 1}/Root {catalog} 0 R{trailer_info}>>\n"
        f"startxref\n{start}\n%%EOF\n"
    ).encode()
    return bytes(out)


@dataclass(frozen=True)
class PdfKit:
    """What a test needs to write PDFs (test modules cannot import one another)."""

    write: Callable[..., bytes] = write_pdf
    Page: type[PdfPage] = PdfPage
    Text: type[Text] = Text
    Mark: type[Mark] = Mark
    Node: type[Node] = Node


@pytest.fixture(scope="session")
def pdf_kit() -> PdfKit:
    """Writes small PDFs by hand."""
    return PdfKit()
