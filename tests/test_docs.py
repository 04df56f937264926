"""What the documents promise is true: printed output, links, commands and make targets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from collabnlp.cli.main import _COMMANDS, cli, run

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), ROOT / "corpus" / "README.md"])


def test_the_readme_prints_what_the_program_prints(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- output: collabnlp (.*?) -->\n```\n(.*?)```", text, re.DOTALL)
    assert shown is not None
    arguments = [str(ROOT / it) if it.startswith("demo/") else it for it in shown[1].split()]
    out = tmp_path / "out.txt"
    assert run([*arguments, "-o", str(out)]) == 0
    printed = {line.rstrip() for line in out.read_text(encoding="utf-8").splitlines()}
    for line in shown[2].splitlines():
        assert line in printed | {"…"}, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_commands_and_targets_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for block in re.findall(r"(?:^    \S.*$|^```\n.*?^```)", text, re.MULTILINE | re.DOTALL):
        for command in re.findall(r"^\s*collabnlp ([a-z]+)(?= \S|$)", block, re.MULTILINE):
            assert command in _COMMANDS, command
        for target in re.findall(r"^\s*make ([a-z-]+)", block, re.MULTILINE):
            assert target in targets, target


def test_every_command_has_help() -> None:
    for name in _COMMANDS:
        result = CliRunner().invoke(cli, [name, "--help"])
        assert result.exit_code == 0
        assert "Usage:" in result.output
