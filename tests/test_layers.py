"""Who may import whom: the directions of docs/architecture.md, checked on the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "collabnlp"
BASE = {"schema", "taxonomy", "register", "identifiers", "errors", "settings", "data", "atomic"}
BASE |= {"cells"}
STAGES = {"sources", "extraction", "segmentation", "tagging", "training", "labels", "analysis"}
STAGES |= {"reporting", "review"}
ALLOWED = {
    **{stage: BASE | {stage} for stage in STAGES},
    "training": BASE | {"training", "tagging"},
    "review": BASE | {"review", "labels"},
    "workflows": BASE | STAGES | {"workflows"},
    "cli": BASE | STAGES | {"workflows", "cli", "collabnlp"},
    "__main__": {"cli"},
    "collabnlp": {"workflows"},
    **dict.fromkeys(BASE, BASE),
}
# Each heavy library has one home (a folder, or a file without its suffix).
HOMES = {
    "pypdfium2": {"extraction"},
    "pypdfium2_raw": {"extraction"},
    "pdfplumber": {"extraction/pdf_careful"},
    "pdfminer": {"extraction/pdf_careful"},
    "pypdf": {"reporting/pdf_update", "reporting/highlight"},
    "selectolax": {"extraction"},
    "lxml": {"extraction"},
    "docx": {"extraction"},
    "markdown_it": {"extraction", "review/codebook"},
    "PIL": {"extraction/pdf_picture"},
    "flask": {"review"},
    "markupsafe": {"reporting", "review"},
    "waitress": {"review"},
    "werkzeug": {"review"},
    "charset_normalizer": {"extraction"},
    "rapidfuzz": {"analysis"},
    "scipy": {"analysis", "training"},
    "spacy": {"segmentation", "tagging", "reporting/spacy_doc", "workflows/api"},
    "sklearn": {"training"},
    "pandas": {"reporting/frames", "workflows/api", "training"},
    "xlsxwriter": {"reporting/writers", "labels/workbook"},
    "openpyxl": {"labels/workbook_reading"},
    "pyarrow": {"reporting/writers"},
    "rich": {"reporting", "cli"},
    "jinja2": {"reporting"},
    "matplotlib": {"reporting/charts", "reporting/drawing"},
    "click": {"cli"},
    "pebble": {"workflows/reading"},
    "distributed": {"workflows/clusters"},
}
HEAVY = set(HOMES) - {"click"}
FILES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return str(relative.with_suffix("")).removesuffix("/__init__")


def layer_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return "collabnlp" if first == "__init__.py" else first.removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the direction"
            yield node.module or "", node
            if node.module == "collabnlp":
                for alias in node.names:
                    yield f"collabnlp.{alias.name}", node


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_go_one_way(path: Path) -> None:
    layer = layer_of(path)
    assert layer in ALLOWED, f"{layer} has no place in the layers"
    for module, _ in imports(ast.parse(path.read_text(encoding="utf-8"))):
        if module.startswith("collabnlp."):
            target = module.split(".")[1]
            assert target in ALLOWED[layer] or target == "__version__", f"{layer} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_heavy_libraries_stay_at_home(path: Path) -> None:
    name = name_of(path)
    for module, _ in imports(ast.parse(path.read_text(encoding="utf-8"))):
        homes = HOMES.get(module.split(".")[0])
        if homes is not None:
            assert any(name == home or name.startswith(home + "/") for home in homes), (
                f"{name} imports {module}, whose home is {sorted(homes)}"
            )


@pytest.mark.parametrize("path", [path for path in FILES if layer_of(path) != "cli"], ids=name_of)
def test_only_the_command_line_prints_or_exits(path: Path) -> None:
    if layer_of(path) in {"__main__"}:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in {"print", "sys.exit", "exit", "logging.basicConfig"}, (
                f"{name_of(path)}:{node.lineno} calls {called}"
            )


def test_importing_the_package_loads_nothing_heavy() -> None:
    import subprocess
    import sys

    code = "import sys, collabnlp, collabnlp.cli.main; print(' '.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not HEAVY & {module.split(".")[0] for module in loaded}
    assert "numpy" not in loaded
