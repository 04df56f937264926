"""The models that a user promoted: kept by digest outside the package, with a log of the order.

``promoted/<digest>/`` holds a copy of each model; ``log.json`` says in what order they took each
other's place. The current model is what the log comes to, or the shipped one. A model is copied
whole before the log names it, and the log is replaced in one step, so that whatever is
interrupted, there is always a current model.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from collabnlp.atomic import write_whole
from collabnlp.errors import ModelError
from collabnlp.settings import CURRENT_MODEL, SHIPPED_MODEL, models_home
from collabnlp.tagging.model_store import find_model, load_model, model_digest, model_parts

if TYPE_CHECKING:
    from collabnlp.tagging.level_model import LevelModel

_FORMAT = 1
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_SHORT = re.compile(r"[0-9a-f]{8,64}\Z")
PROMOTE, ROLLBACK, RESET = "promote", "rollback", "reset"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the log: what was done, and which model took whose place.

    model, replaced  digests, or "level" for the model that comes with the program
    name             the name that the records of ``model`` carry
    """

    action: str
    model: str
    replaced: str
    name: str


class PromotedModels:
    """A folder of promoted models; made when something is first promoted."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or models_home()

    @property
    def log_file(self) -> Path:
        return self.folder / "log.json"

    def place(self, digest: str) -> Path:
        """Where a promoted model lies."""
        return self.folder / "promoted" / digest

    def digests(self) -> list[str]:
        """The models that are kept, sorted."""
        found = (self.folder / "promoted").glob("*/model.json")
        return sorted(path.parent.name for path in found if _DIGEST.match(path.parent.name))

    def steps(self) -> list[Step]:
        """The log, oldest first. Raises ModelError where it cannot be understood."""
        try:
            data = self.log_file.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise ModelError(
                f"The log of promoted models, {self.log_file}, cannot be read ({error.strerror}).",
                advice="Ask for read permission, or name another folder with the environment "
                f"variable COLLABNLP_MODELS; `--model {SHIPPED_MODEL}` does not look here.",
            ) from error
        try:
            log = json.loads(data)
            if log["format"] != _FORMAT:
                raise self._damaged(f"format {log['format']} is not known")
            steps = [Step(**it) for it in log["steps"]]
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged(f"{type(error).__name__}: {error}") from error
        self._replay(steps)
        return steps

    def current(self) -> str:
        """Digest of the current model, or "level" for the shipped one. Raises ModelError."""
        return self._replay(self.steps())[-1]

    def promote(self, source: Path) -> tuple[Step, bool]:
        """Check a model, keep a copy and make it the current one; False where it is so already.

        Raises ModelError, and changes nothing, where the model or the log is damaged, the model
        is of another protocol, or the folder cannot be written.
        """
        model = load_model(source)
        digest = model_digest(source)
        steps = self.steps()
        before = self._replay(steps)[-1]
        step = Step(PROMOTE, digest, before, model.name)
        try:
            self._keep(source, digest)
            if before == digest:
                return steps[-1], False
            self._write([*steps, step])
        except OSError as error:
            raise self._unwritable(error) from error
        return step, True

    def rollback(self) -> Step:
        """Return to the model before the current one, in the end to the shipped one.

        Raises ModelError where there is none before, or the one before is damaged.
        """
        steps = self.steps()
        standing = self._replay(steps)
        if len(standing) == 1:
            raise ModelError(
                "There is nothing to return to: the shipped model is the current one.",
                advice="Promote another with `collabnlp model promote FOLDER`.",
            )
        return self._return(steps, ROLLBACK, standing[-2], standing[-1])

    def reset(self) -> Step:
        """Return to the shipped model at once; a log that cannot be understood is begun anew."""
        try:
            steps = self.steps()
            before = self._replay(steps)[-1]
        except ModelError:
            steps, before = [], SHIPPED_MODEL
        return self._return(steps, RESET, SHIPPED_MODEL, before)

    def _return(self, steps: Sequence[Step], action: str, model: str, before: str) -> Step:
        step = Step(action, model, before, load_model(self.find(model)).name)
        try:
            self._write([*steps, step])
        except OSError as error:
            raise self._unwritable(error) from error
        return step

    def find(self, model: str) -> Path:
        """The folder of a digest, or of "level". Raises ModelError where it is not what it was."""
        if model == SHIPPED_MODEL:
            return find_model(SHIPPED_MODEL)
        folder = self.place(model)
        try:
            same = model_digest(folder) == model
        except ModelError:
            same = False
        if not same:
            raise ModelError(
                f"The promoted model {model[:12]} is missing or damaged.",
                advice="Promote it again from where it was trained, or return to another with "
                "`collabnlp model rollback` (`--shipped`: to the one that comes with the program).",
            )
        return folder

    def _keep(self, source: Path, digest: str) -> None:
        """Copy a model's parts into its place, whole or not at all."""
        place = self.place(digest)
        if place.is_dir():
            try:
                load_model(place)
                if model_digest(place) == digest:
                    return
            except ModelError:
                pass
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=place.parent) as room:
            copy = Path(room) / digest
            for name in model_parts(source):
                write_whole(copy / name, (source / name).read_bytes())
            load_model(copy)
            if model_digest(copy) != digest:
                raise ModelError(f"The model in {source.name} changed while it was copied.")
            if place.exists():
                # Damaged: it goes only when its better copy is ready.
                shutil.move(place, Path(room) / "damaged")
            os.replace(copy, place)  # noqa: PTH105

    def _write(self, steps: Sequence[Step]) -> None:
        log = {"format": _FORMAT, "steps": [asdict(it) for it in steps]}
        write_whole(self.log_file, json.dumps(log, indent=1, ensure_ascii=False).encode() + b"\n")

    def _replay(self, steps: Sequence[Step]) -> list[str]:
        """The models that stand on each other after some steps, the shipped one lowest."""
        standing = [SHIPPED_MODEL]
        for number, step in enumerate(steps, 1):
            whole = all(isinstance(it, str) for it in asdict(step).values())
            fits = whole and step.replaced == standing[-1]
            if fits and step.action == PROMOTE and _DIGEST.match(step.model):
                standing.append(step.model)
            elif fits and step.action == ROLLBACK and standing[-2:-1] == [step.model]:
                standing.pop()
            elif fits and step.action == RESET and step.model == SHIPPED_MODEL:
                standing = [SHIPPED_MODEL]
            else:
                raise self._damaged(f"step {number} does not follow from those before")
        return standing

    def _damaged(self, why: str) -> ModelError:
        return ModelError(
            f"The log of promoted models, {self.log_file}, is damaged ({why}).",
            advice="`collabnlp model rollback --shipped` begins a new one with the shipped model; "
            f"`--model {SHIPPED_MODEL}` uses that without looking here.",
        )

    def _unwritable(self, error: OSError) -> ModelError:
        return ModelError(
            f"The folder of promoted models, {self.folder}, cannot be written ({error.strerror}).",
            advice="Name another with the environment variable COLLABNLP_MODELS.",
        )


def resolve_model(name: str) -> str:
    """The lasting name of a model: of "current" the digest or "level", of a digest's beginning
    the whole digest; other names and paths as they are. Raises ModelError."""
    store = PromotedModels()
    if name == CURRENT_MODEL:
        return store.current()
    if _SHORT.match(name) and not Path(name).exists():
        kept = [it for it in store.digests() if it.startswith(name)]
        if len(kept) == 1:
            return kept[0]
        if kept:
            raise ModelError(
                f"{name} is the beginning of several promoted models.", advice="Name more of it."
            )
    return name


def choose_model(name: str) -> Path:
    """The folder of a model: "current", a model that comes with the program, the digest of a
    promoted one (or its beginning), or the path of a folder. Raises ModelError."""
    chosen = resolve_model(name)
    if _DIGEST.match(chosen) and not Path(chosen).exists():
        return PromotedModels().find(chosen)
    return find_model(chosen)


def load_chosen(name: str) -> LevelModel:
    """The model of `choose_model`. Raises ModelError; of a promoted one that this version cannot
    read, it says how to return to another."""
    folder = choose_model(name)
    try:
        return load_model(folder)
    except ModelError as error:
        if not _DIGEST.match(folder.name):
            raise
        raise ModelError(
            error.message.replace(folder.name, f"promoted/{folder.name[:12]}"),
            advice="Train and promote it again, or return to another with "
            "`collabnlp model rollback` (`--shipped`: to the one that comes with the program).",
        ) from error
