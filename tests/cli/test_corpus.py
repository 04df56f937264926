"""`corpus` and `labels` as a maintainer uses them, on a corpus of two papers."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from collabnlp.cli.main import run

PAPERS = {
    "harbours": """# Harbours

## Ferries

The board will consult every island council before it moves a ferry berth. The old pier was
painted green that year.

The department will:

- agree the winter timetable with the council leaders
- paint every pier

Fares are set by the operator. This publication is free to copy for everybody who wants to.
""",
    "bridges": """# Bridges

Each mayor will chair the regional bridge panel. Steel costs more than timber.

This publication is free to copy for everybody who wants to.
""",
    "secret": "# Secret\n\nMinisters will meet the parish clerks about the lanes once a year.\n",
}
READ = {
    "harbours": [
        ("The board will consult every island council before it moves a ferry berth.", "support"),
        ("The old pier was painted green that year", "none"),
        ("The department will agree the winter timetable with the council leaders", "co_create"),
        ("Fares are set by the operator.", "none"),
        ("This publication is free to copy for everybody who wants to.", "none"),
        ("A sentence that was never printed in it at all.", "lead"),
    ],
    "bridges": [
        ("Each mayor will chair the regional bridge panel. Steel costs more than timber.", "lead"),
        ("This publication is free to copy for everybody who wants to.", "none"),
    ],
}
WRITTEN = {
    **{"id": "lead-0001", "text": "The mayor will steer the ports agency.", "level": "lead"},
    **{"partners": ["subnational"], "departments": ["DFT"], "dept_basis": "inferred"},
    **{"actor_tier": "national", "force": "policy", "heading": "Ports > Mayors"},
    **{"doc_kind": "white paper", "date": "2024-05-01", "note": ""},
}


def judgement(level: str) -> dict[str, Any]:
    if level == "none":
        return {"level": level}
    told = {"partners": ["subnational"], "departments": ["DFT"], "dept_basis": "inferred"}
    return {"level": level, **told, "actor_tier": "national", "sure": True}


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class Workshop:
    """A corpus, a mirror and a file of readings in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.corpus, self.mirror = folder / "corpus", folder / "mirror"
        self.build = folder / "build"
        self.mirror.mkdir()
        manifest = []
        for name, text in PAPERS.items():
            (self.mirror / f"{name}.md").write_text(text, encoding="utf-8")
            data = (self.mirror / f"{name}.md").read_bytes()
            role = "test" if name == "secret" else "train"
            manifest.append(
                f'[[document]]\nid = "{name}"\nfile = "{name}.md"\ntitle = "{name.title()}"\n'
                'publisher = "DFT"\nkind = "white paper"\ndate = "2024-05-01"\n'
                f'stage = "published"\nfamily = "{name}"\nlicence = "OGL-UK-3.0"\n'
                f'role = "{role}"\nsha256 = "{hashlib.sha256(data).hexdigest()}"\n'
                f"bytes = {len(data)}\n"
            )
        self.corpus.mkdir()
        (self.corpus / "manifest.toml").write_text("\n".join(manifest), encoding="utf-8")
        (self.corpus / "splits.toml").write_text(
            '[folds]\nfold-1 = ["harbours"]\nfold-2 = ["bridges"]\ntest = ["secret"]\n',
            encoding="utf-8",
        )
        write_lines(self.corpus / "written" / "lead.jsonl", [WRITTEN])
        for name, read in READ.items():
            rows = [
                {"id": f"{name}-{at}", "text": text, **judgement(level)}
                for at, (text, level) in enumerate(read)
            ]
            write_lines(folder / "readings" / f"{name}.jsonl", rows)

    def run(self, *arguments: str, mirror: bool = True) -> int:
        where = ["--corpus", str(self.corpus)]
        if mirror:
            where += ["--mirror", str(self.mirror)]
        if arguments[0] == "corpus" and arguments[1] != "fetch":
            where += ["--to", str(self.build)]
        return run([*arguments, *where])

    def import_first(self, *more: str) -> int:
        given = ["--reader", "ann", "--date", "2026-01"]
        return self.run("labels", "import", str(self.folder / "readings"), *given, *more)

    def table(self) -> list[dict[str, Any]]:
        return read_lines(self.build / "table.jsonl")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.chdir(tmp_path)  # nothing that was fetched before is found
    return Workshop(tmp_path)


def test_import_matches_and_lists_the_rest(
    shop: Workshop, capfd: pytest.CaptureFixture[str]
) -> None:
    assert shop.import_first() == 0
    assert "commitment: 3 of 4 matched (75.0%)" in capfd.readouterr().out
    unmatched = (shop.corpus / "labels" / "unmatched.csv").read_text(encoding="utf-8")
    assert "harbours,harbours-5,ann,first,lead,its words are not in the text" in unmatched
    kept = (shop.corpus / "labels" / "harbours.jsonl").read_text(encoding="utf-8")
    assert "island" not in kept
    before = kept
    assert shop.import_first("--replace") == 0
    assert (shop.corpus / "labels" / "harbours.jsonl").read_text(encoding="utf-8") == before


def test_a_test_document_is_never_labelled(
    shop: Workshop, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_lines(shop.folder / "secret.jsonl", [{"id": "s", "text": "x", "level": "none"}])
    given = ["--reader", "ann", "--date", "2026-01"]
    assert shop.run("labels", "import", str(path), *given) == 1
    assert "secret is a test document" in capfd.readouterr().err
    assert not (shop.corpus / "labels").exists()
    assert shop.run("labels", "queue", "--document", "secret", "--unread") == 1


def test_a_second_reading_from_queue_to_agreement(
    shop: Workshop, capfd: pytest.CaptureFixture[str]
) -> None:
    shop.import_first()
    tasks = shop.folder / "tasks.jsonl"
    queue = ["labels", "queue", "--level", "commitment", "--random", "2", "--sample", "again"]
    assert shop.run(*queue, "-o", str(tasks)) == 0
    given = read_lines(tasks)
    assert len(given) == 5
    assert all("level" not in row and row["title"] for row in given)
    # Another draw may not take the sample's name: by it units are being read.
    assert shop.run(*queue, "--seed", "5", "--level", "none", "-o", str(shop.folder / "t")) == 1

    answers = [
        {"task": row["task"].removeprefix("task-"), **judgement("lead")}
        for row in given
        if "mayor" in row["text"] or "island" in row["text"]
    ]
    path = write_lines(shop.folder / "answers.jsonl", answers)
    back = ["--reader", "ben", "--role", "second", "--date", "2026-02-03", "--tasks", str(tasks)]
    assert shop.run("labels", "import", str(path), *back, "--rest-is-none") == 0
    capfd.readouterr()
    assert shop.run("labels", "agreement", "--sample", "again", mirror=False) == 0
    seen = capfd.readouterr()
    assert "5 units of 2 documents" in seen.err
    assert "Cohen's kappa" in seen.out

    # island: support or lead; timetable: co_create or none; the rest agree.
    disputed = shop.folder / "disputed.jsonl"
    assert shop.run("labels", "adjudicate", "-o", str(disputed)) == 0
    rows = read_lines(disputed)
    assert {row["a"]["level"] for row in rows} | {row["b"]["level"] for row in rows} == {
        *("support", "lead", "co_create", "none")
    }
    decided = write_lines(
        shop.folder / "decided.jsonl",
        [{"task": row["task"], **judgement("support")} for row in rows],
    )
    back = ["--reader", "cy", "--role", "adjudicated", "--date", "2026-02", "--tasks"]
    assert shop.run("labels", "import", str(decided), *back, str(disputed)) == 0
    assert shop.run("labels", "adjudicate", "-o", str(disputed)) == 0
    assert not read_lines(disputed)

    out = shop.folder / "resolved.jsonl"
    assert shop.run("labels", "export", "--resolved", "-o", str(out), mirror=False) == 0
    standings = [row["standing"] for row in read_lines(out)]
    assert standings.count("adjudicated") == 2
    assert standings.count("agreed") == 3
    # Every reading is still there.
    assert shop.run("labels", "export", "-o", str(out), mirror=False) == 0
    roles = [row["role"] for row in read_lines(out)]
    assert (roles.count("second"), roles.count("adjudicated")) == (5, 2)


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        (["--document", "harbours", "--unread", "--heading", "ferr"], 2),
        (["--document", "harbours", "--unread", "--heading", "no such chapter"], 0),
        (["--document", "harbours", "--level", "co_create", "--level", "lead"], 1),
        (["--level", "none", "--skip", "first"], 0),
        (["--unread", "--random", "1"], 1),
    ],
)
def test_queue_gives_what_was_asked_for(arguments: list[str], texts: int, shop: Workshop) -> None:
    shop.import_first()
    tasks = shop.folder / "tasks.jsonl"
    assert shop.run("labels", "queue", *arguments, "-o", str(tasks)) == 0
    assert len(read_lines(tasks)) == texts


def test_build_joins_readings_with_texts(shop: Workshop) -> None:
    shop.import_first()
    assert shop.run("corpus", "build") == 0
    rows = {(row["document"], row["text"][:20]): row for row in shop.table()}
    item = rows["harbours", "The department will "]
    assert item["level"] == "co_create"
    assert item["lead_in"] == "The department will:"
    assert (item["family"], item["split"], item["source"]) == ("harbours", "fold-1", "real")
    assert item["headings"] == ["Harbours", "Ferries"]
    mayor = rows["bridges", "Each mayor will chai"]
    assert (mayor["level"], mayor["following"]) == ("lead", "Steel costs more than timber.")
    written = rows["written-lead", "The mayor will steer"]
    assert (written["split"], written["headings"]) == ("train", ["Ports", "Mayors"])
    assert not any(row["document"] == "secret" for row in shop.table())
    # What stands in two families is kept in one of them.
    copies = [row for row in shop.table() if row["text"].startswith("This publication")]
    assert [row["duplicate_of"] is None for row in copies] == [True, False]


def test_a_sentence_of_the_test_document_is_marked(shop: Workshop) -> None:
    text = "Ministers will meet the parish clerks about the lanes once a year."
    write_lines(shop.corpus / "written" / "lead.jsonl", [{**WRITTEN, "text": text}])
    assert shop.run("corpus", "build") == 0
    (row,) = shop.table()
    assert row["duplicate_of"].startswith("secret:")


def test_only_what_changed_is_built_again(
    shop: Workshop, capfd: pytest.CaptureFixture[str]
) -> None:
    shop.import_first()
    shop.run("corpus", "build")
    first = (shop.build / "table.jsonl").read_bytes()
    capfd.readouterr()
    assert shop.run("corpus", "build") == 0
    seen = capfd.readouterr().err
    assert "nothing to do" in seen and "read:" not in seen

    # A document that changed is read again, alone; its lost readings are told and listed.
    path = shop.mirror / "harbours.md"
    old = path.read_text(encoding="utf-8")
    path.write_text(old.replace("Fares are set", "Fares and tolls are set"), encoding="utf-8")
    assert shop.run("corpus", "build") == 0
    seen = capfd.readouterr().err
    assert "read: harbours" in seen and "read: bridges" not in seen
    assert "changed: harbours" in seen
    assert "1 no longer match" in seen
    assert "harbours-3" in (shop.build / "lost.csv").read_text(encoding="utf-8")

    path.write_text(old, encoding="utf-8")
    shop.run("corpus", "build")
    assert (shop.build / "table.jsonl").read_bytes() == first
    shop.build.rename(shop.folder / "old")
    shop.run("corpus", "build")
    assert (shop.build / "table.jsonl").read_bytes() == first


def test_a_damaged_build_is_mended(shop: Workshop) -> None:
    shop.import_first()
    shop.run("corpus", "build")
    first = (shop.build / "table.jsonl").read_bytes()
    for name in ("table.jsonl", "units/bridges.jsonl", "state.json"):
        (shop.build / name).write_text("spoilt", encoding="utf-8")
        assert shop.run("corpus", "build") == 0
        assert (shop.build / "table.jsonl").read_bytes() == first


def test_without_a_mirror_the_table_has_what_was_written(
    shop: Workshop, capfd: pytest.CaptureFixture[str]
) -> None:
    shop.import_first()
    assert shop.run("corpus", "build", mirror=False) == 0
    assert [row["source"] for row in shop.table()] == ["written"]
    assert "left out, for their documents are not here: bridges, harbours" in capfd.readouterr().err


def test_a_mirror_that_lacks_a_labelled_document(shop: Workshop) -> None:
    shop.import_first()
    (shop.mirror / "bridges.md").unlink()
    assert shop.run("corpus", "build") == 2
    assert {row["document"] for row in shop.table()} == {"harbours", "written-lead"}


def test_a_wrong_written_sentence_is_named(
    shop: Workshop, capfd: pytest.CaptureFixture[str]
) -> None:
    write_lines(shop.corpus / "written" / "lead.jsonl", [WRITTEN, {**WRITTEN, "level": "much"}])
    assert shop.run("corpus", "build") == 1
    assert "lead.jsonl, line 2" in capfd.readouterr().err


def test_status(shop: Workshop, capfd: pytest.CaptureFixture[str]) -> None:
    shop.import_first()
    shop.run("corpus", "build")
    capfd.readouterr()
    assert shop.run("corpus", "status") == 0
    lines = capfd.readouterr().out.splitlines()
    cells = {line.split()[0]: line.split() for line in lines[1:]}
    assert cells["harbours"][1:7] == ["train", "here", "7", "5", "0", "0"]
    assert cells["harbours"][-2:] == ["1", "0"]
    assert cells["secret"][1:3] == ["test", "here"]
    assert cells["written-lead"][1] == "written"


@pytest.mark.parametrize(
    ("lacking", "status"), [([], 0), (["bridges"], 2), (["bridges", "harbours", "secret"], 3)]
)
def test_fetch_from_a_mirror(
    lacking: list[str], status: int, shop: Workshop, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in lacking:
        (shop.mirror / f"{name}.md").unlink()
    to = shop.folder / "cache"
    assert shop.run("corpus", "fetch", "--to", str(to)) == status
    assert sorted(path.stem for path in to.iterdir()) == sorted(set(PAPERS) - set(lacking))
    assert shop.run("corpus", "fetch", "--to", str(to)) == status
    assert capfd.readouterr().err.splitlines()[-1].startswith("3 documents: ")


def test_fetch_puts_new_digests_into_the_manifest(shop: Workshop) -> None:
    manifest = shop.corpus / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    bare = "\n".join(line for line in text.splitlines() if not line.startswith(("sha256", "bytes")))
    manifest.write_text(bare, encoding="utf-8")
    assert shop.run("corpus", "fetch", "--pin", "--to", str(shop.folder / "cache")) == 0
    pinned = manifest.read_text(encoding="utf-8")
    assert sorted(pinned.split()) == sorted(text.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["corpus", "fetch", "no-such-paper"],
        ["labels", "import", "nowhere", "--reader", "a", "--date", "2026-01"],
        ["labels", "agreement", "--sample", "none-such"],
        ["labels", "agreement"],
        ["labels", "queue", "--document", "no-such-paper", "--unread"],
    ],
)
def test_wrong_usage(arguments: list[str], shop: Workshop) -> None:
    assert shop.run(*arguments, mirror=arguments[1] != "agreement") == 1
