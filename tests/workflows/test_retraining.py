"""Retraining behind its gate, on a small corpus of four papers written here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from collabnlp.cli.main import run
from collabnlp.errors import DataError, ModelError, StoreError
from collabnlp.identifiers import folded_hash, unit_hash
from collabnlp.labels.changes import label_changes
from collabnlp.labels.corpus_files import load_records
from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.queue_store import QueueStore
from collabnlp.labels.store import LabelStore
from collabnlp.labels.written import WrittenSentence
from collabnlp.schema import (
    Annotation,
    DocumentInfo,
    Entry,
    Force,
    Judgement,
    Level,
    Role,
    StoredUnit,
)
from collabnlp.sources.mirror import Mirror
from collabnlp.tagging.model_store import load_model, model_digest
from collabnlp.tagging.promoted import PromotedModels
from collabnlp.workflows.corpus import build_corpus, read_table, read_units
from collabnlp.workflows.corpus_folder import Corpus
from collabnlp.workflows.frozen import (
    FROZEN,
    FrozenLabelsChanged,
    frozen_rows,
    levels_to_freeze,
    read_frozen,
    write_frozen,
)
from collabnlp.workflows.label_sets import Ground, LabelState, state_of
from collabnlp.workflows.label_states import label_states
from collabnlp.workflows.own_documents import own_documents
from collabnlp.workflows.retraining import CARD, RetrainReport, retrain, train_first

# Two words of its own for each family, so that no sentence nearly repeats another family's.
FAMILIES = {
    "ferries": ("northern", "granite"),
    "bridges": ("coastal", "copper"),
    "markets": ("inland", "timber"),
    "canals": ("island", "marble"),
}
PARTNERS = ("councils", "mayors", "operators", "charities")
THINGS = ("crossing", "map", "timetable")
WORDINGS = {
    "none": (
        "Last year {0} {1} said that the {2} {3} was late.",
        "Most {0} {1} like the {2} {3} as it stands.",
    ),
    "explore": ("We will explore how {0} {1} could help with the {2} {3}.",),
    "support": ("We will work with {0} {1} to improve the {2} {3}.",),
    "have_regard": ("The board must have regard to the views of {0} {1} on the {2} {3}.",),
    "co_create": ("We will co-design the {2} {3} with {0} {1}.",),
    "lead": ("The {2} {3} must be in general conformity with the plan of the {0} {1}.",),
}
MANIFEST = """[[document]]
id = "{0}"
file = "{0}.md"
title = "{0}"
publisher = "DFT"
kind = "white paper"
date = "2024-05-01"
stage = "published"
family = "{0}"
licence = "OGL-UK-3.0"
role = "{1}"
sha256 = "{2}"
bytes = {3}

"""
SECRET = "# Secret\n\nMinisters will meet the parish clerks about the lanes once a year.\n"


def sentences(family: str) -> Iterator[tuple[str, str]]:
    """Text and level of a family's sentences."""
    near, made = FAMILIES[family]
    for level, wordings in WORDINGS.items():
        for wording, partner, thing in product(wordings, PARTNERS, THINGS):
            yield wording.format(near, partner, made, thing), level


class Works:
    """A corpus with frozen labels, a mirror and a build."""

    def __init__(self, folder: Path) -> None:
        (folder / "mirror").mkdir()
        self.corpus, self.build = Corpus(folder / "corpus"), folder / "build" / "corpus"
        self.folder, self.mirror = folder, Mirror(folder / "mirror")
        (self.corpus.folder / "labels").mkdir(parents=True)
        texts = {name: dict(sentences(name)) for name in FAMILIES}
        papers = {name: "# Plans\n\n" + "\n\n".join(own) + "\n" for name, own in texts.items()}
        manifest = ""
        for name, text in {**papers, "secret": SECRET}.items():
            data = text.encode()
            (self.mirror.folder / f"{name}.md").write_bytes(data)
            role = "test" if name == "secret" else "train"
            sha256 = hashlib.sha256(data).hexdigest()
            manifest += MANIFEST.format(name, role, sha256, len(data))
        self.corpus.manifest_file.write_text(manifest, encoding="utf-8")
        folds = "".join(f'fold-{at} = ["{name}"]\n' for at, name in enumerate(sorted(FAMILIES)))
        self.corpus.splits_file.write_text(f'[folds]\n{folds}test = ["secret"]\n', "utf-8")
        build_corpus(self.corpus, self.build, mirror=self.mirror)
        for name, levels in texts.items():
            readings = [
                Annotation(
                    document=name,
                    sha256="0" * 64,
                    unit_hash=unit["unit_hash"],
                    occurrence=unit["occurrence"],
                    folded=unit["folded"],
                    judgement=Judgement(level=Level(levels[unit["text"]])),
                    reader="ann",
                    role=Role.FIRST,
                    date="2026-11",
                    codebook="1.2",
                )
                for unit in read_units(self.build, name)
                if unit["text"] in levels
            ]
            assert len(readings) == len(levels)
            self.corpus.store.add(readings)
        build_corpus(self.corpus, self.build, mirror=self.mirror)
        levels = levels_to_freeze(read_table(self.build), self.build)
        write_frozen(self.corpus.folder / FROZEN, levels, "for the tests")
        self.whole = state_of(self.corpus.store.read_all())
        self.part = state_of({name: them[::2] for name, them in self.whole.readings.items()})
        self.poisoned = state_of(
            {name: [swapped(it) for it in them] for name, them in self.whole.readings.items()}
        )

    def retrain(self, old: LabelState, new: LabelState, **options: object) -> RetrainReport:
        given: dict[str, object] = {"mirror": self.mirror, "jobs": 1, **options}
        models = self.folder / "models"
        return retrain(self.corpus, old, new, build=self.build, models=models, **given)  # type: ignore[arg-type]


SWAP = {Level.SUPPORT: Level.LEAD, Level.LEAD: Level.SUPPORT, Level.EXPLORE: Level.NONE}


def swapped(reading: Annotation) -> Annotation:
    level = SWAP.get(reading.level, reading.level)
    return replace(reading, judgement=Judgement(level=level), role=Role.ADJUDICATED, reader="bob")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Works:
    """The corpus, with a model of a part of its labels in models/first."""
    works = Works(tmp_path_factory.mktemp("works"))
    where = works.folder / "models" / "first"
    train_first(works.corpus, works.part, where, name="first", build=works.build, jobs=1)
    return works


@pytest.fixture
def works(first: Works, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Works:
    """The same in a folder of the test's own, the model of a part promoted."""
    import shutil

    monkeypatch.setenv("COLLABNLP_MODELS", str(tmp_path / "promoted"))
    monkeypatch.chdir(tmp_path)
    for name in ("corpus", "mirror", "build", "models"):
        shutil.copytree(first.folder / name, tmp_path / name)
    PromotedModels().promote(tmp_path / "models" / "first")
    own = object.__new__(Works)
    own.__dict__.update(first.__dict__)
    own.folder, own.corpus = tmp_path, Corpus(tmp_path / "corpus")
    own.build, own.mirror = tmp_path / "build" / "corpus", Mirror(tmp_path / "mirror")
    return own


def no_fit(*_: object, **__: object) -> None:
    raise AssertionError("fitted again")


def current_name() -> str:
    store = PromotedModels()
    return load_model(store.find(store.current())).name


def test_better_labels_are_promoted_poisoned_ones_refused_and_all_taken_back(
    works: Works, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    better = works.retrain(works.part, works.whole)
    assert better.outcome == "promoted" and better.name == current_name()
    assert better.name == f"level-2026.11-{works.whole.digest[:8]}"
    assert better.verdict is not None and better.verdict.families == 4 and better.real
    assert better.folder is not None and better.changes is not None
    added = sum(better.changes.added.values())
    assert added == sum(
        len(works.whole.readings[it]) - len(works.part.readings[it]) for it in FAMILIES
    )
    written = (better.folder / CARD).read_text(encoding="utf-8")
    for words in (
        f"{added} units added",
        "| ferries |",
        "let it pass",
        works.part.digest,
        "gate_c",
    ):
        assert words in written
    # The card travels with the promoted copy.
    assert run(["model", "show"]) == 0
    assert written in capsys.readouterr().out

    again = works.retrain(works.whole, works.whole)
    assert (again.outcome, again.verdict) == ("nothing", None)

    worse = works.retrain(works.whole, works.poisoned)
    assert worse.outcome == "refused" and worse.refused and current_name() == better.name
    assert worse.verdict is not None and worse.folder is not None
    assert any("`lead` lost" in it for it in worse.verdict.reasons)
    assert worse.changes is not None
    assert worse.changes.moved["support"] == {"lead": worse.changes.moved["support"]["lead"]}
    written = (worse.folder / CARD).read_text(encoding="utf-8")
    assert "refused it" in written and "`lead` lost" in written and "adjudicated, bob" in written
    assert any("count by the frozen one" in it for it in worse.notes)

    monkeypatch.setattr("collabnlp.training.cores.train_on_cores", no_fit)
    monkeypatch.setattr("collabnlp.training.trial.Trial.decide", no_fit)
    kept = works.retrain(works.whole, works.poisoned)
    assert (kept.outcome, kept.verdict) == ("refused", worse.verdict)

    assert run(["model", "rollback"]) == 0
    assert current_name() == "first"
    back = works.retrain(works.part, works.whole)
    assert back.outcome == "rolled back" and back.refused and current_name() == "first"


def test_a_dry_run_measures_and_writes_nothing(works: Works) -> None:
    before = sorted(works.folder.rglob("*"))
    assert works.retrain(works.part, works.whole, dry_run=True).outcome == "would promote"
    assert works.retrain(works.part, works.poisoned, dry_run=True).outcome == "would refuse"
    assert sorted(works.folder.rglob("*")) == before and current_name() == "first"


def test_power_that_fails_before_the_promotion_leaves_the_old_model(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(PromotedModels, "promote", out)
        with pytest.raises(KeyboardInterrupt):
            works.retrain(works.part, works.whole, name="new")
    assert current_name() == "first"
    with monkeypatch.context() as patch:
        # It was whole by then, so it is neither measured nor fitted again.
        patch.setattr("collabnlp.training.cores.train_on_cores", no_fit)
        assert works.retrain(works.part, works.whole, name="new").outcome == "promoted"
    assert current_name() == "new"


def test_a_model_written_in_part_is_fitted_again(works: Works) -> None:
    done = works.retrain(works.part, works.poisoned)
    assert done.folder is not None
    digest = model_digest(done.folder)
    (done.folder / "weights.npy").write_bytes(b"half")
    again = works.retrain(works.part, works.poisoned)
    assert again.outcome == "refused" and model_digest(done.folder) == digest


def test_another_model_promoted_meanwhile_is_not_replaced(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = PromotedModels.current
    answers = iter([kept(PromotedModels()), "f" * 64])
    monkeypatch.setattr(PromotedModels, "current", lambda _: next(answers))
    with pytest.raises(ModelError, match="meanwhile"):
        works.retrain(works.part, works.whole)
    monkeypatch.setattr(PromotedModels, "current", kept)
    assert current_name() == "first"


def test_the_same_labels_give_the_same_bytes_however_many_cores(works: Works) -> None:
    made = []
    for jobs in (1, 2):
        PromotedModels().promote(works.folder / "models" / "first")
        done = works.retrain(works.part, works.poisoned, jobs=jobs, name="same")
        assert done.folder is not None
        made.append({it.name: it.read_bytes() for it in sorted(done.folder.iterdir())})
        (done.folder / CARD).unlink()
    assert made[0] == made[1]


def test_what_cannot_be_compared_is_refused_with_a_reason(works: Works, tmp_path: Path) -> None:
    (works.build / "state.json").unlink()
    with pytest.raises(DataError, match=r"4 labelled documents are not here \(bridges"):
        works.retrain(works.part, works.whole, mirror=None)
    with pytest.raises(DataError, match="learnt from the snapshot"):
        works.retrain(works.whole, works.part)
    with pytest.raises(DataError, match="is named first too"):
        works.retrain(works.part, works.whole, name="first")
    assert current_name() == "first"


def test_a_new_document_that_repeats_frozen_units_is_not_learnt_from(works: Works) -> None:
    """Its family is another fold's, so it would show a model what it is measured on."""
    (works.mirror.folder / "copy.md").write_text(
        "# A copy\n\n" + "\n\n".join(text for text, _ in sentences("canals")) + "\n", "utf-8"
    )
    data = (works.mirror.folder / "copy.md").read_bytes()
    entry = MANIFEST.format("copy", "train", hashlib.sha256(data).hexdigest(), len(data))
    text = works.corpus.manifest_file.read_text("utf-8")
    works.corpus.manifest_file.write_text(text + entry, "utf-8")
    splits = works.corpus.splits_file.read_text("utf-8")
    works.corpus.splits_file.write_text(splits.replace('"bridges"', '"bridges", "copy"'), "utf-8")
    copied = [replace(it, document="copy") for it in works.whole.readings["canals"]]
    # "canals" comes before "copy", so let the copy be the only one that is read.
    new = state_of({**works.whole.readings, "copy": copied, "canals": ()})
    ground = Ground(works.corpus, works.build, mirror=works.mirror)
    sets = ground.join(works.whole, new)
    assert {it.document for it in sets.new} >= {"copy"}
    assert "copy" not in {it.document for it in sets.tried()[1]}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda data: data.replace(b'"lead"', b'"none"', 1), "digest differs"),
        (lambda data: data[:-40], "digest differs"),
        (lambda data: data.split(b"\n")[0], "single line"),
        (lambda data: b"{}\n" + data.split(b"\n", 1)[1], "cannot be understood"),
        (lambda data: data.replace(b'"format":1', b'"format":9'), "format 9"),
    ],
)
def test_frozen_labels_changed_by_another_hand_are_refused(
    works: Works, spoil: object, words: str
) -> None:
    path = works.corpus.folder / FROZEN
    path.write_bytes(spoil(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(FrozenLabelsChanged, match=words):
        works.retrain(works.part, works.whole)
    path.unlink()
    with pytest.raises(DataError, match="no frozen labels"):
        works.retrain(works.part, works.whole)


def test_frozen_labels_are_written_and_read_alike(works: Works) -> None:
    path = works.corpus.folder / FROZEN
    frozen = read_frozen(path)
    assert frozen.documents == sorted(FAMILIES) and frozen.reason == "for the tests"
    before = path.read_bytes()
    assert write_frozen(path, frozen.levels, frozen.reason) == frozen
    assert path.read_bytes() == before
    assert b"granite" not in before  # no text
    with pytest.raises(DataError, match="need a reason"):
        write_frozen(path, frozen.levels, "")
    levels = {**frozen.levels, "secret": {("0" * 16, 1): Level.LEAD}}
    again = write_frozen(path, levels, "with the test paper")
    with pytest.raises(FrozenLabelsChanged, match="test paper"):
        frozen_rows(again, works.corpus, works.build, {"secret"}, ())
    moved = {"canals": {(f"{at:016x}", 1): Level.NONE for at in range(9)}}
    again = write_frozen(path, moved, "of other units")
    with pytest.raises(DataError, match="9 of the 9 frozen units of canals"):
        frozen_rows(again, works.corpus, works.build, {"canals"}, ())


def test_the_projects_frozen_labels_hold_what_they_say(root: Path) -> None:
    path = root / "corpus" / FROZEN
    frozen = read_frozen(path)
    head = json.loads(path.read_bytes().split(b"\n", 1)[0])
    assert sum(map(len, frozen.levels.values())) == head["units"]
    assert len(frozen.documents) >= 31 and "edwp-2024" not in frozen.levels
    assert set(frozen.documents) <= set(Corpus(root / "corpus").store.documents())


def test_states_come_from_the_store(works: Works, tmp_path: Path) -> None:
    store = tmp_path / "labels.sqlite"
    files = works.corpus.store
    old, new = label_states(works.corpus, store)
    assert old.says_as(new) and old.says_as(works.whole)
    with pytest.raises(DataError, match="no label store"):
        label_states(works.corpus, store, learnt_from="a" * 64)

    database = LabelDatabase(store)
    load_records(database, files)
    begun = database.snapshot(name="corpus")
    head = database.in_force(document="canals")[0]
    corrected = replace(head.annotation, judgement=Judgement(level=Level.LEAD))
    assert head.annotation.level is not Level.LEAD
    database.append([Entry(annotation=corrected, supersedes=head.id)])
    for given in ({}, {"since": begun.digest[:10]}, {"learnt_from": begun.digest}):
        old, new = label_states(works.corpus, store, **given)
        assert old.digest == begun.digest and old.says_as(works.whole)
        assert not new.says_as(old)
        changes = label_changes(old.readings, new.readings)
        assert changes.changed == 1 and changes.documents == {"canals": (0, 1, 0)}
        assert changes.readings == {"first, ann": (1, 1)}
    assert label_states(works.corpus, store, learnt_from=new.digest)[0].digest == new.digest
    with pytest.raises(StoreError, match="no snapshot"):
        label_states(works.corpus, store, learnt_from="a" * 64)


def test_the_command(works: Works, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = tmp_path / "labels.sqlite"
    database = LabelDatabase(store)
    for name, them in works.part.readings.items():
        LabelStore(tmp_path / "then").add(them)
        database.append(Entry(annotation=it) for it in them)
        assert works.part.readings[name]
    begun = database.snapshot()
    first = works.folder / "models" / "first"
    part = LabelState(begun.digest, works.part.readings)
    train_first(works.corpus, part, first, name="begun", build=works.build, jobs=1)
    PromotedModels().promote(first)
    command = ["retrain", "--store", str(store), "--corpus", str(works.corpus.folder)]
    command += ["--mirror", str(works.mirror.folder)]
    assert run(command) == 0
    assert "nothing to do: no label has changed since begun" in capsys.readouterr().err

    load_records(database, works.corpus.store)
    assert run([*command, "--dry-run"]) == 0
    told = capsys.readouterr()
    assert "would take the place of begun" in told.err and "macro-F1" in told.out
    assert run(command) == 0
    told = capsys.readouterr()
    name = f"level-2026.11-{database.snapshot().digest[:8]}"
    assert f"promoted: {name} takes the place of begun" in told.err and current_name() == name

    entries = [Entry(annotation=swapped(it.annotation)) for it in database.in_force()]
    database.append(entries)
    assert run(command) == 2
    told = capsys.readouterr()
    assert "- Level `lead` lost" in told.out and f"refused: {name} stays" in told.err
    assert current_name() == name
    assert run([*command, "--store", str(tmp_path / "none.sqlite")]) == 1
    assert "no label store" in capsys.readouterr().err
    assert run([*command, "--name", "../elsewhere"]) == 1


def test_a_model_that_does_not_name_its_labels(
    works: Works, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = works.folder / "models" / "plain"
    arguments = ["--corpus", str(works.corpus.folder), "--mirror", str(works.mirror.folder)]
    assert run(["train", "-o", str(folder), "--name", "plain", *arguments]) == 0
    PromotedModels().promote(folder)
    command = ["retrain", "--store", str(tmp_path / "none.sqlite"), *arguments]
    assert run(command) == 0
    assert "nothing to do" in capsys.readouterr().err
    for them in works.part.readings.values():
        LabelStore(tmp_path / "then").add(them)
    # What is said to be before is not what it learnt from, and that is told.
    assert run([*command, "--since", str(tmp_path / "then"), "--dry-run"]) == 0
    assert "plain does not name the labels" in capsys.readouterr().err
    # The records change, and nothing says what they were.
    for path in (works.corpus.folder / "labels").glob("*.jsonl"):
        path.unlink()
    for them in works.poisoned.readings.values():
        works.corpus.store.add(them)
    assert run(command) == 1
    assert "--since" in capsys.readouterr().err


def test_written_sentences_alone_are_held_out_by_subject(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare clone: no documents, so the gate is tried on the sentences written here."""
    monkeypatch.setenv("COLLABNLP_MODELS", str(works.folder / "bare"))
    written = [
        WrittenSentence(
            id=f"w-{number}",
            family=f"written-{level.replace('_', '-')}",
            text=text,
            headings=(f"Subject {number % 7}",),
            kind="white paper",
            date="2024-05-01",
            force=Force.POLICY,
            judgement=Judgement(level=Level(level)),
            note="",
        )
        for number, (text, level) in enumerate(it for name in FAMILIES for it in sentences(name))
    ]
    found: dict[str, dict[tuple[str, int], Level]] = {}
    from collabnlp.identifiers import unit_hash

    for it in written:
        key = (unit_hash(it.text)[:16], 1)
        found.setdefault(it.family, {})[key] = it.judgement.level
    write_frozen(works.corpus.folder / FROZEN, found, "written sentences alone")
    spoilt = [
        replace(it, judgement=Judgement(level=SWAP.get(it.judgement.level, it.judgement.level)))
        for it in written
    ]
    begun, whole, poisoned = (state_of({}, it) for it in (written[::2], written, spoilt))
    where, build = works.folder / "models" / "bare", works.folder / "empty"
    options = {"build": build, "jobs": 1}
    train_first(works.corpus, begun, where, name="bare", **options)  # type: ignore[arg-type]
    PromotedModels().promote(where)
    models = works.folder / "models"
    done = retrain(works.corpus, begun, whole, models=models, **options)  # type: ignore[arg-type]
    assert done.outcome == "promoted" and not done.real and "by subject" in done.notes[0]
    assert done.name.endswith(whole.written_digest[:8])
    done = retrain(works.corpus, whole, poisoned, models=models, **options)  # type: ignore[arg-type]
    assert done.outcome == "refused"


def test_changes_of_labels_by_level_document_and_reader(works: Works) -> None:
    them = list(works.whole.readings["canals"])
    none = next(it for it in them if it.level is Level.NONE)
    lead = next(it for it in them if it.level is Level.LEAD)
    decided = replace(
        none, judgement=Judgement(level=Level.SUPPORT), role=Role.ADJUDICATED, reader="bob"
    )
    new = {
        **works.whole.readings,
        "canals": [*(it for it in them if it is not lead), decided],
        "ferries": works.whole.readings["ferries"],
    }
    changes = label_changes(works.whole.readings, new)
    assert changes.moved == {"none": {"support": 1}} and changes.changed == 1
    assert changes.withdrawn == {"lead": 1} and changes.added == {}
    assert changes.documents == {"canals": (0, 1, 1)}
    assert changes.readings == {"adjudicated, bob": (1, 0), "first, ann": (0, 1)}
    assert type(changes).from_dict(json.loads(json.dumps(changes.as_dict()))) == changes


OWN_TEXTS = (
    "We will jointly agree the harbour charter with the islands' councils.",
    "Harbours are old.",
    # nearly a sentence of the ferries
    "We will explore how northern councils could help with the granite crossing now.",
    "Ministers will meet the parish clerks about the lanes once a year.",
)


def with_a_paper_of_ones_own(store: Path, *, name: str = "harbours") -> LabelState:
    """A store in which somebody read a paper that no manifest names; its state."""
    database = LabelDatabase(store)
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    info = DocumentInfo(id=name, title="Harbours", date="2025-01-02", kind=None, sha256=sha256)
    units = [
        StoredUnit(
            document=name,
            sha256=sha256,
            unit_hash=unit_hash(text),
            occurrence=1,
            index=at,
            text=text,
            own_text=text,
            lead_in=None,
            headings=(),
            page=None,
            page_label=None,
            provision=None,
            boxes=(),
            kind="paragraph",
            region="body",
        )
        for at, text in enumerate(OWN_TEXTS)
    ]
    QueueStore(database).add_document(info, units)
    levels = (Level.CO_CREATE, Level.NONE, Level.EXPLORE, Level.SUPPORT)
    database.append(
        Entry(
            annotation=Annotation(
                document=name,
                sha256=sha256,
                unit_hash=unit.unit_hash,
                occurrence=1,
                folded=folded_hash(unit.text),
                judgement=Judgement(level=level),
                reader="ann",
                role=Role.REVIEWED,
                date="2026-11-22",
                codebook="1.2",
            ),
            text=unit.text,
        )
        for unit, level in zip(units, levels, strict=True)
    )
    return state_of(database.readings())


def test_a_paper_that_no_manifest_names_is_learnt_from(works: Works, tmp_path: Path) -> None:
    store = tmp_path / "labels.sqlite"
    assert own_documents(works.corpus.manifest(), store) == {}
    read = with_a_paper_of_ones_own(store)
    own = own_documents(works.corpus.manifest(), store)
    both = state_of({**works.whole.readings, **read.readings})
    ground = Ground(works.corpus, works.build, mirror=works.mirror, needed=both.readings, own=own)
    units = {unit.view.text: unit for unit in ground.units(both)}
    # What nearly repeats another family's unit, or the test paper's, is left out.
    assert [it for it in OWN_TEXTS if it in units] == list(OWN_TEXTS[:2])
    added = units[OWN_TEXTS[0]]
    assert (added.family, added.level, added.written) == ("own-harbours", 4, False)
    assert added.view.following == OWN_TEXTS[1]
    assert len(units) == len({it.view.text for it in ground.units(works.whole)}) + 2
    sets = ground.join(works.whole, both)
    assert {unit.family for unit in sets.frozen} == set(FAMILIES)
    with pytest.raises(DataError, match="harbours"):
        works.retrain(works.part, both)
    report = works.retrain(works.part, both, own=own)
    assert report.folder is not None
    assert "harbours" in load_model(report.folder).metadata["documents"]


def test_a_paper_of_the_manifest_is_none_of_ones_own(works: Works, tmp_path: Path) -> None:
    store = tmp_path / "labels.sqlite"
    with_a_paper_of_ones_own(store, name="secret")
    with_a_paper_of_ones_own(store, name="ferries")
    assert own_documents(works.corpus.manifest(), store) == {}
