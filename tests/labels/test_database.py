"""The label store: nothing is overwritten, everything can be had again."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from collabnlp.errors import ConflictingEntry, StoreError, StoreUnwritable
from collabnlp.identifiers import folded_hash, unit_hash
from collabnlp.labels import migrations
from collabnlp.labels.corpus_files import export_records, load_records
from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.queue_store import QueueStore
from collabnlp.labels.store import LabelStore
from collabnlp.schema import (
    Annotation,
    DocumentInfo,
    Entry,
    InvalidRecord,
    Judgement,
    Level,
    Partner,
    QueuedUnit,
    Reason,
    Role,
    Shown,
    StoredUnit,
    Suggestion,
)

SHA = "a" * 64
TEXT = "We will work with councils to deliver the standard."


def annotation(
    level: Level = Level.SUPPORT, *, reader: str = "ann", text: str = TEXT, role: Role = Role.FIRST
) -> Annotation:
    partners = () if level is Level.NONE else (Partner.SUBNATIONAL,)
    return Annotation(
        document="paper",
        sha256=SHA,
        unit_hash=unit_hash(text),
        occurrence=1,
        folded=folded_hash(text),
        judgement=Judgement(level=level, partners=partners),
        reader=reader,
        role=role,
        date="2026-11-22",
        codebook="1.2",
    )


def entry(level: Level = Level.SUPPORT, *, supersedes: str = "", at: int = 0, **of: str) -> Entry:
    return Entry(
        annotation=annotation(level, **of),  # type: ignore[arg-type]
        text=TEXT,
        time=f"2026-11-22T09:00:{at:02}Z",
        seconds=2.5,
        supersedes=supersedes,
    )


@pytest.fixture
def database(tmp_path: Path) -> LabelDatabase:
    return LabelDatabase(tmp_path / "store" / "labels.sqlite")


def test_an_entry_comes_back_as_it_was(database: LabelDatabase) -> None:
    one = replace(
        entry(),
        annotation=replace(annotation(), shown=Shown.SUGGESTION),
        model="b" * 64,
        reason=Reason.RANDOM,
        probability=0.25,
        request="r1",
    )
    assert database.append([one]) == 1
    assert database.entry(one.id) == one
    assert database.by_request("r1") == one
    assert Entry.from_dict(one.as_dict()) == one
    assert LabelDatabase(database.path).in_force() == [one]


def test_a_correction_supersedes_and_the_past_can_be_had(database: LabelDatabase) -> None:
    first = entry(at=1)
    second = entry(Level.LEAD, supersedes=first.id, at=5)
    database.append([first])
    before = database.snapshot(name="before")
    database.append([second])
    assert [it.annotation.level for it in database.in_force()] == [Level.LEAD]
    assert database.history("paper", first.annotation.unit) == [first, second]
    upto = database.sequence_at("2026-11-22T09:00:04Z")
    assert database.readings(upto=upto)["paper"][0].level is Level.SUPPORT
    assert database.readings_at(before.digest)["paper"] == (first.annotation,)
    assert database.readings_at(before.digest[:8]) == database.readings_at(before.digest)


def test_a_withdrawn_reading_stands_no_more_and_can_be_given_anew(database: LabelDatabase) -> None:
    first = entry()
    database.append([first])
    back = replace(first, supersedes=first.id, withdrawn=True, time="2026-11-22T09:01:00Z")
    database.append([back])
    assert database.in_force() == []
    assert database.readings() == {}
    again = replace(first, time="2026-11-22T09:02:00Z")
    database.append([again])
    assert database.in_force() == [again]
    assert database.problems() == []


@pytest.mark.parametrize(
    ("later", "why"),
    [
        (entry(Level.LEAD), "the same reader's other reading is in force"),
        (entry(Level.LEAD, supersedes="c" * 64), "what it supersedes is not there"),
    ],
)
def test_nothing_is_overwritten(database: LabelDatabase, later: Entry, why: str) -> None:
    database.append([entry()])
    with pytest.raises(ConflictingEntry):
        database.append([entry(reader="ben"), later])
    assert [it.annotation.reader for it in database.in_force()] == ["ann"], why


def test_of_two_corrections_of_one_reading_the_second_is_a_conflict(
    database: LabelDatabase,
) -> None:
    first = entry()
    database.append([first])
    database.append([entry(Level.LEAD, supersedes=first.id)])
    with pytest.raises(ConflictingEntry):
        database.append([entry(Level.EXPLORE, supersedes=first.id)])


def test_a_repeated_request_is_kept_once(database: LabelDatabase) -> None:
    one = replace(entry(), request="r1")
    assert database.append([one]) == 1
    assert database.append([one]) == 0
    assert database.append([replace(one, time="2026-11-22T10:00:00Z")]) == 0
    assert database.sequence == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entries SET record = '{}'",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries SELECT * FROM entries",
        "DELETE FROM snapshots",
        "UPDATE snapshots SET sequence = 0",
    ],
)
def test_the_file_itself_refuses_to_forget(database: LabelDatabase, sql: str) -> None:
    database.append([entry()])
    database.snapshot()
    with sqlite3.connect(database.path) as other:
        other.execute("PRAGMA recursive_triggers = ON")
        with pytest.raises(sqlite3.DatabaseError, match=r"only ever|constraint"):
            other.execute(sql)
    assert len(database.in_force()) == 1


def test_a_changed_entry_is_found(database: LabelDatabase) -> None:
    database.append([entry()])
    with sqlite3.connect(database.path) as other:
        other.execute("DROP TRIGGER entries_stay")
        other.execute("UPDATE entries SET record = replace(record, 'support', 'explore')")
    assert database.problems() == ["entry 1 is not what it was"]


def test_every_connection_waits_for_the_disk(database: LabelDatabase) -> None:
    rows = database.reading("PRAGMA synchronous"), database.reading("PRAGMA journal_mode")
    assert [it[0][0] for it in rows] == [2, "wal"]


def test_a_store_of_the_first_form_is_backed_up_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "labels.sqlite"
    with monkeypatch.context() as then:
        then.setattr("collabnlp.labels.database.MIGRATIONS", migrations.MIGRATIONS[:1])
        old = LabelDatabase(path)
        old.append([entry()])
        kept = old.snapshot()
        old.close()
    database = LabelDatabase(path)
    assert database.in_force() == [entry()]
    assert database.snapshots() == [kept]
    assert QueueStore(database).queue() == []
    backup = tmp_path / "labels.sqlite.form-1.backup"
    with sqlite3.connect(backup) as copy:
        assert copy.execute("SELECT count(*) FROM entries").fetchone() == (1,)
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)


@pytest.mark.parametrize("made", ["later", "foreign", "text", "folder"])
def test_what_is_no_label_store_is_refused_and_left_alone(tmp_path: Path, made: str) -> None:
    path = tmp_path / "labels.sqlite"
    if made == "text":
        path.write_text("not a database at all, but longer than its header " * 40)
    elif made == "folder":
        path.mkdir()
    else:
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE mine (it)")
            if made == "later":
                other.execute(f"PRAGMA application_id = {migrations.APPLICATION}")
                other.execute("PRAGMA user_version = 99")
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StoreError, match=r"labels\.sqlite"):
        LabelDatabase(path)
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_a_full_store_says_so_and_keeps_what_it_had(database: LabelDatabase) -> None:
    database.append([entry()])
    pages = database.reading("PRAGMA page_count")[0][0]
    database.connection().execute(f"PRAGMA max_page_count = {pages}")
    many = [entry(reader=f"reader-{at}") for at in range(500)]
    with pytest.raises(StoreUnwritable, match="disk is full"):
        database.append(many)
    assert len(database.in_force()) == 1
    database.connection().execute("PRAGMA max_page_count = 100000")
    assert database.append(many) == 500


@pytest.mark.parametrize(
    "wrong",
    [
        {"time": "yesterday"},
        {"seconds": -1.0},
        {"withdrawn": True},
        {"model": "b" * 64},
        {"reason": Reason.RANDOM},
        {"probability": 0.5},
        {"supersedes": "x"},
    ],
)
def test_an_entry_cannot_be_made_wrong(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidRecord):
        replace(entry(), **wrong)  # type: ignore[arg-type]


def test_the_corpus_files_load_and_export_to_the_same_bytes(
    database: LabelDatabase, tmp_path: Path
) -> None:
    files = LabelStore(tmp_path / "labels")
    records = [
        annotation(),
        annotation(Level.LEAD, reader="ben", role=Role.SECOND),
        annotation(Level.NONE, text="Councils differ."),
    ]
    files.add(records)
    before = {it.name: it.read_bytes() for it in files.folder.iterdir()}
    assert load_records(database, files).added == 3
    assert load_records(database, files).added == 0
    (first,) = database.snapshots()
    assert (first.name, first.readings) == ("corpus", 3)
    for it in files.folder.iterdir():
        it.unlink()
    assert export_records(database, files, documents=["paper", "other"]) == {"paper": 3}
    assert {it.name: it.read_bytes() for it in files.folder.iterdir()} == before
    assert export_records(database, files, documents=["paper"]) == {"paper": 0}


def test_loading_again_does_not_undo_what_was_corrected(
    database: LabelDatabase, tmp_path: Path
) -> None:
    files = LabelStore(tmp_path / "labels")
    files.add([annotation()])
    load_records(database, files)
    head = database.in_force()[0]
    database.append([entry(Level.LEAD, supersedes=head.id)])
    assert load_records(database, files).added == 0
    assert database.readings()["paper"][0].level is Level.LEAD
    # A reading corrected in the files themselves is news.
    files.add([annotation(Level.EXPLORE)], replace=True)
    assert load_records(database, files).corrected == 1
    assert database.readings()["paper"][0].level is Level.EXPLORE


def stored(text: str, at: int) -> StoredUnit:
    return StoredUnit(
        document="paper",
        sha256=SHA,
        unit_hash=unit_hash(text),
        occurrence=1,
        index=at,
        text=text,
        own_text=text,
        lead_in=None,
        headings=("Places",),
        page=1,
        page_label=None,
        provision=None,
        boxes=(),
        kind="paragraph",
        region="body",
    )


def test_units_queue_suggestions_and_skips(database: LabelDatabase) -> None:
    store = QueueStore(database)
    units = [stored(f"Unit {name}, 100% of it.", at) for at, name in enumerate("abcde")]
    info = DocumentInfo(id="paper", sha256=SHA, title="Paper", date=None, kind=None)
    store.add_document(info, units, place="/somewhere/paper.pdf")
    store.add_document(info, units)
    assert store.place(SHA) == "/somewhere/paper.pdf"
    assert store.units(SHA) == units
    before, after = store.around(units[1].key)
    assert (before, after) == (units[:1], units[2:5])
    assert [it.text for it in store.search("unit B, 100%")] == [units[1].text]
    assert store.search("unit_") == []
    queued = [
        QueuedUnit(sha256=SHA, unit_hash=it.unit_hash, occurrence=1, reason=Reason.DIVERSE)
        for it in (units[3], units[0], units[3])
    ]
    assert store.enqueue(queued) == 2
    assert store.enqueue(queued) == 0
    assert [it.key for it in store.queue()] == [units[3].key, units[0].key]
    with pytest.raises(StoreError):
        store.enqueue([replace(queued[0], unit_hash="d" * 64)])
    said = Suggestion(
        sha256=SHA,
        unit_hash=units[0].unit_hash,
        occurrence=1,
        model="b" * 64,
        name="level",
        judgement=Judgement(level=Level.LEAD, partners=(Partner.DEVOLVED,)),
        probabilities=(0.5, 0, 0, 0, 0, 0.5),
        cues=((0, 4),),
    )
    store.add_suggestions([said])
    assert store.suggestion(units[0].key) == said
    assert store.suggestion(units[1].key) is None
    store.skip(units[0].key, reader="ann", time="2026-11-22T09:00:00Z", request="s1")
    store.skip(units[0].key, reader="ann", time="2026-11-22T09:00:01Z", request="s1")
    assert store.skipped("ann") == {units[0].key}
    assert store.skipped("ben") == set()
    assert database.sequence == 0, "a suggestion or a skip is no reading"
