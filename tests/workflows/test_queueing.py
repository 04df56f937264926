"""The review queue from files: documents in, units with reasons out, and nothing twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from collabnlp.cli.main import run
from collabnlp.identifiers import folded_hash
from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.queue_state import LikelyError
from collabnlp.labels.queue_store import QueueStore
from collabnlp.schema import (
    Annotation,
    Entry,
    Judgement,
    Level,
    QueuedUnit,
    Reason,
    Role,
    StoredUnit,
)
from collabnlp.sources.manifest import DocumentRole, Manifest, ManifestEntry, TestDocument
from collabnlp.sources.mirror import Mirror, file_digest
from collabnlp.workflows.queue_documents import TEST_ID, TEST_SHA256, digest_of
from collabnlp.workflows.queueing import add_documents, add_manifest_documents, fill_queue

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
SUBJECTS = (
    *("harbours", "orchards", "night buses", "archives", "footpaths", "kilns", "weather stations"),
    *("ferries", "allotments", "sea walls", "record offices", "milk depots", "signal boxes"),
)
FRAMES = (
    "We will work with councils to repair {} before the winter.",
    "Last year {} cost more than anyone had planned for.",
    "Ministers will consult charities and mayors about how {} are run.",
    "The report describes {} in the north, and says who owns them.",
    "Operators of {} told the inquiry what they had seen.",
    "We will look at whether residents could help to look after {}.",
)


def paper(title: str, subjects: tuple[str, ...]) -> str:
    parts = [f"# {title}", ""]
    for subject in subjects:
        parts += [f"## On {subject}", "", *(f"{it.format(subject)}\n" for it in FRAMES)]
    return "\n".join(parts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    there = tmp_path / "papers"
    there.mkdir()
    (there / "first.md").write_text(paper("A plan", SUBJECTS[:8]), encoding="utf-8")
    # Two subjects of the first once more: those texts stand in both.
    (there / "second.md").write_text(paper("Another plan", SUBJECTS[6:]), encoding="utf-8")
    return there


@pytest.fixture
def database(tmp_path: Path) -> LabelDatabase:
    return LabelDatabase(tmp_path / "labels.sqlite")


@pytest.fixture
def filled(database: LabelDatabase, folder: Path) -> LabelDatabase:
    add_documents(database, [folder])
    return database


def reading(
    unit: StoredUnit, level: Level, *, role: Role = Role.REVIEWED, reader: str = "ann"
) -> Annotation:
    return Annotation(
        document=unit.document,
        sha256=unit.sha256,
        unit_hash=unit.unit_hash,
        occurrence=unit.occurrence,
        folded=folded_hash(unit.text),
        judgement=Judgement(level=level),
        reader=reader,
        role=role,
        date="2026-11-22",
        codebook="1.2",
    )


def review(database: LabelDatabase, queued: list[QueuedUnit], level: Level = Level.NONE) -> None:
    store = QueueStore(database)
    for it in queued:
        unit = store.unit(it.key)
        assert unit is not None
        database.append(
            [
                Entry(
                    annotation=reading(unit, level),
                    reason=it.reason,
                    probability=it.probability,
                )
            ]
        )


def texts(database: LabelDatabase) -> list[str]:
    store = QueueStore(database)
    units = [store.unit(it.key) for it in store.queue()]
    return [unit.text for unit in units if unit is not None]


def test_documents_bring_units_and_suggestions_and_no_label(
    database: LabelDatabase, folder: Path
) -> None:
    added = add_documents(database, [folder])
    assert [it.document for it in added] == ["first", "second"]
    assert database.sequence == 0
    store = QueueStore(database)
    digest = digest_of("level")
    for document in added:
        units = store.units(document.sha256)
        assert len(units) == document.units == len(FRAMES) * (8 if document is added[0] else 7)
        for unit in units:
            said = store.suggestion(unit.key)
            assert said is not None and said.model == digest
            assert all(unit.text[start:end].strip() for start, end in said.cues)
        commitments = [it for it in units if it.text.startswith("We will work with councils")]
        said = [store.suggestion(it.key) for it in commitments]
        assert all(it is not None and it.judgement.level is Level.SUPPORT for it in said)
    again = add_documents(database, [folder])
    assert all(it.kept for it in again)
    assert [it.units for it in again] == [it.units for it in added]


def test_a_fill_has_reasons_lines_and_no_text_twice(filled: LabelDatabase) -> None:
    report = fill_queue(filled, size=30, random_share=0.2)
    queued = QueueStore(filled).queue()
    assert len(queued) == report.total == report.waiting == 30
    assert Counter(it.reason for it in queued) == {
        reason: sum(them.values()) for reason, them in report.added.items()
    }
    assert report.texts == len(FRAMES) * len(SUBJECTS)
    assert report.drawn == (6, report.texts)
    assert len(set(texts(filled))) == 30
    assert all(it.detail and "\n" not in it.detail for it in queued)
    levels = [level.replace("_", " ") for level in Level]
    assert not any(name in it.detail.lower().split() for it in queued for name in levels)
    drawn = [it for it in queued if it.reason is Reason.RANDOM]
    assert {it.probability for it in drawn} == {6 / report.texts}


def test_a_queue_filled_twice_gains_nothing_and_a_read_one_is_topped_up(
    filled: LabelDatabase,
) -> None:
    fill_queue(filled, size=20)
    before = QueueStore(filled).queue()
    assert fill_queue(filled, size=20).total == 0
    assert QueueStore(filled).queue() == before
    review(filled, before[:5])
    report = fill_queue(filled, size=20)
    assert report.total == 5 and report.waiting == 20
    assert len(set(texts(filled))) == 25


def test_the_same_store_and_seed_give_the_same_queue(
    filled: LabelDatabase, folder: Path, tmp_path: Path
) -> None:
    other = LabelDatabase(tmp_path / "other.sqlite")
    add_documents(other, [folder / "second.md", folder / "first.md"])
    for database in (filled, other):
        fill_queue(database, size=25, seed=4)
    assert QueueStore(filled).queue() == QueueStore(other).queue()
    fill_queue(other, size=25, seed=5, replace=True)
    assert QueueStore(filled).queue() != QueueStore(other).queue()


def test_what_people_decided_is_not_shown_again(filled: LabelDatabase) -> None:
    """Not in its document, and not in the other that has the same text."""
    store = QueueStore(filled)
    first, second = sorted(store.documents(), key=lambda it: store.documents()[it]["id"])
    shared = [it for it in store.units(first) if "weather stations" in it.text]
    assert {it.unit_hash for it in shared} <= {it.unit_hash for it in store.units(second)}
    filled.append([Entry(annotation=reading(it, Level.NONE)) for it in shared])
    report = fill_queue(filled, size=500, random_share=0.0)
    assert report.total == len(FRAMES) * (len(SUBJECTS) - 1)
    assert not any("weather stations" in it for it in texts(filled))


def test_a_doubtful_label_is_shown_again_and_a_dispute_too(filled: LabelDatabase) -> None:
    store = QueueStore(filled)
    sha256 = next(iter(store.documents()))
    one, other, third, fourth = store.units(sha256)[:4]
    filled.append(
        [
            Entry(annotation=reading(one, Level.LEAD)),
            Entry(annotation=reading(other, Level.NONE, role=Role.FIRST)),
            Entry(annotation=reading(other, Level.CO_CREATE, role=Role.SECOND, reader="bob")),
            Entry(annotation=reading(third, Level.LEAD)),
            Entry(annotation=reading(third, Level.LEAD, reader="bob")),
            Entry(annotation=reading(fourth, Level.LEAD, role=Role.ADJUDICATED)),
        ]
    )
    errors = [
        LikelyError(it.document, it.unit_hash, it.occurrence, Level.LEAD, 5.0, 0.003)
        for it in (fourth, third, one)
    ]
    # A label that was changed since is no error any more.
    errors.append(replace(errors[-1], unit_hash=other.unit_hash))
    reasons = {Reason.LIKELY_ERROR, Reason.DISPUTED}
    report = fill_queue(filled, reasons=reasons, errors=errors)
    found = {it.key: it for it in store.queue()}
    assert {key: it.reason for key, it in found.items()} == {
        one.key: Reason.LIKELY_ERROR,
        other.key: Reason.DISPUTED,
    }
    assert found[one.key].detail == "Models that did not see its label give that one 0.3%."
    assert found[other.key].detail == "Its readers are 4 steps apart."
    assert report.drawn == (0, 0)


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        ({Reason.RANDOM}, {Reason.RANDOM: 12}),
        ({Reason.LEAST_CERTAIN}, {Reason.LEAST_CERTAIN: 12}),
        ({Reason.LEAST_CERTAIN, Reason.RANDOM}, {Reason.LEAST_CERTAIN: 9, Reason.RANDOM: 3}),
    ],
)
def test_only_the_reasons_asked_for(
    filled: LabelDatabase, reasons: set[Reason], expected: dict[Reason, int]
) -> None:
    fill_queue(filled, size=12, random_share=0.25, reasons=reasons)
    assert Counter(it.reason for it in QueueStore(filled).queue()) == expected


def test_only_the_documents_asked_for(filled: LabelDatabase) -> None:
    report = fill_queue(filled, size=500, documents=["second"])
    assert report.texts == len(FRAMES) * 7
    assert {name for them in report.added.values() for name in them} == {"second"}
    assert fill_queue(filled, documents=["nothing"]).total == 0


def entry(path: Path, role: DocumentRole, name: str) -> ManifestEntry:
    return ManifestEntry(
        id=name,
        file=path.name,
        title="As the manifest has it",
        publisher="An office",
        kind="white paper",
        date="2025-01-01",
        stage="published",
        family=name,
        licence="OGL-UK-3.0",
        role=role,
        sha256=file_digest(path),
        bytes=path.stat().st_size,
    )


def test_a_file_of_the_manifest_gets_its_name_there(database: LabelDatabase, folder: Path) -> None:
    known = Manifest((entry(folder / "first.md", DocumentRole.TRAIN, "a-plan-2025"),))
    added = add_documents(database, [folder], manifest=known)
    assert [it.document for it in added] == ["a-plan-2025", "second"]
    document = QueueStore(database).documents()[added[0].sha256]
    assert (document["title"], document["kind"]) == ("As the manifest has it", "white paper")


def test_the_test_paper_is_refused_by_digest_and_by_name(
    database: LabelDatabase, folder: Path
) -> None:
    test = Manifest((entry(folder / "second.md", DocumentRole.TEST, "a-test"),))
    with pytest.raises(TestDocument):
        add_documents(database, [folder], manifest=test)
    with pytest.raises(TestDocument):
        add_manifest_documents(database, test, Mirror(folder), documents=["a-test"])
    named = folder / f"{TEST_ID}.md"
    named.write_text(paper("Its name", SUBJECTS[:1]), encoding="utf-8")
    with pytest.raises(TestDocument):
        add_documents(database, [named])
    assert not QueueStore(database).documents()
    assert add_manifest_documents(database, test, Mirror(folder))[0] == []


def test_the_test_paper_is_the_manifest_s() -> None:
    from collabnlp.workflows.corpus_folder import Corpus

    tests = [it for it in Corpus(CORPUS).manifest().entries if it.role is DocumentRole.TEST]
    assert [(it.id, it.sha256) for it in tests] == [(TEST_ID, TEST_SHA256)]


def test_the_command_fills_and_tells(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    call = ["labels", "queue", "--review", str(folder), "--store", "my.sqlite", "--size", "20"]
    assert run(call) == 0
    told = capsys.readouterr().out
    assert "least certain" in told and "first" in told and "second" in told
    assert "By chance: 3 of 78 different texts." in told
    assert "20 units wait" in told
    assert run(call) == 0
    assert "Nothing was added: 20 units wait already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--review", "--level", "lead"], "--level is for a queue without --review"),
        (["--size", "5"], "--size is for a queue with --review"),
        (["paper.pdf"], "PATH is for a queue with --review"),
        (["--review", "--reason", "boredom"], "boredom"),
    ],
)
def test_options_of_the_other_queue_are_refused(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["labels", "queue", *arguments]) == 1
    assert told in capsys.readouterr().err


@pytest.mark.shared
def test_the_queue_of_a_real_paper(shared: Path, database: LabelDatabase) -> None:
    add_documents(database, [shared / "documents" / "plan-for-drivers-2023.pdf"])
    report = fill_queue(database, size=40)
    queued = QueueStore(database).queue()
    assert report.total == 40 and len(set(texts(database))) == 40
    assert {Reason.LEAST_CERTAIN, Reason.DISAGREEING, Reason.RANDOM} <= {it.reason for it in queued}
