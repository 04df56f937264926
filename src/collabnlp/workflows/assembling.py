"""Joins reading, counting and comparing into what a report shows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from collabnlp.analysis.counting import CountedDocument, in_pyramid, unit_values
from collabnlp.reporting.page_parts import Commitment, Provenance, Report, SourceFile
from collabnlp.schema import Comparison, CountKey, Counts, DocumentInfo
from collabnlp.workflows.counting import corrector_of, count_documents, counted
from collabnlp.workflows.reading import Outcome, tagger_named

CODEBOOK = "1.2"
"""The version of docs/codebook.md by which the model's labels were read."""

_SINGLES = (CountKey.PARTNER, CountKey.BODY, CountKey.TIER, CountKey.FORCE)


def assemble_report(
    outcomes: Sequence[Outcome],
    *,
    model: str,
    beside: Path,
    pyramid: bool = True,
    compare: bool | None = None,
    title: str | None = None,
) -> Report:
    """A report of what was read.

    model    the model that tagged it, as `reading.lasting` names it
    beside   the folder in which the report will lie: links to the documents start there
    pyramid  the figures are those of the published pyramid; of all commitments where False, and
             where the pyramid is empty
    compare  True compares all documents as versions of one text, in the order given; None does so
             where exactly two were read and their titles differ in nothing but the version;
             nothing is compared where all but one were refused
    Raises ModelError where the model is damaged, UsageError where one document is to be compared.
    """
    documents = counted(outcomes)
    sources = _sources(outcomes, documents, beside)
    corrector, remark = corrector_of(model)
    commitments = tuple(
        Commitment(one, {key: unit_values(one, key) for key in CountKey}, in_pyramid(one))
        for document in documents
        for one in document.commitments
    )
    inside = pyramid and any(one.pyramid for one in commitments)

    def count(by: Sequence[CountKey], *, in_view: bool) -> Counts:
        return count_documents(
            documents, by=by, where={}, pyramid=in_view and inside, corrector=corrector
        )

    level = CountKey.LEVEL
    return Report(
        title=title or _title(documents),
        sources=sources,
        commitments=commitments,
        by_level=count((level,), in_view=True),
        by_level_of_all=count((level,), in_view=False),
        departments=count((CountKey.DEPARTMENT, level), in_view=True),
        documents=count((CountKey.DOCUMENT, level), in_view=True),
        single={key: count((key,), in_view=False) for key in _SINGLES},
        provenance=_provenance(model, remark),
        comparison=_comparison(documents, compare, len(outcomes), tagger_named(model).name),
    )


def _title(documents: Sequence[CountedDocument]) -> str:
    if len(documents) == 1:
        return f"Collaboration commitments: {documents[0].info.title}"
    return f"Collaboration commitments in {len(documents)} documents"


def _sources(
    outcomes: Sequence[Outcome], documents: Sequence[CountedDocument], beside: Path
) -> tuple[SourceFile, ...]:
    """One for each path. A document's id is the one by which it is counted: `counted` takes a
    document that comes twice once, as it was read first, and renames others of the same id."""
    ids = iter(documents)
    first: dict[str, tuple[DocumentInfo, str]] = {}
    found = []
    for outcome in outcomes:
        name, document = outcome.path.name, outcome.document
        if document is None or outcome.tagged is None:
            error = outcome.error
            refusal = f"{error.name}: {error.message} {error.advice}".strip() if error else ""
            found.append(SourceFile(name=name, refusal=refusal))
            continue
        info, same_as = document.info, ""
        if info.id in first and _equal(first[info.id][0], info):
            same_as = first[info.id][1]
        else:
            first.setdefault(info.id, (info, name))
            info = next(ids).info
        found.append(
            SourceFile(
                name=name,
                link=_link(outcome.path, beside),
                info=info,
                format=document.format,
                units=0 if same_as else len(outcome.units),
                pages=len(document.pages),
                reasons=document.reasons,
                same_as=same_as,
            )
        )
    return tuple(found)


def _equal(one: DocumentInfo, other: DocumentInfo) -> bool:
    return (one.title, one.date) == (other.title, other.date)


def _link(path: Path, beside: Path) -> str | None:
    """The file's relative address from the report's folder; None where there is none."""
    if not path.is_file():
        return None
    try:
        relative = os.path.relpath(path, beside)
    except ValueError:  # another drive
        return None
    # "./" so that a name with a colon is not taken for a scheme.
    return "./" + quote(os.fsencode(Path(relative).as_posix()))


def _provenance(model: str, remark: str) -> Provenance:
    import collabnlp
    from collabnlp.tagging.model_store import model_digest
    from collabnlp.tagging.promoted import choose_model

    level_model = tagger_named(model).model
    metadata = level_model.metadata
    return Provenance(
        program=f"collabnlp {collabnlp.__version__}",
        model=level_model.name,
        digest=model_digest(choose_model(model)),
        labels=str(metadata.get("labels_digest", "unknown")),
        trained=len(metadata.get("documents", ())),
        codebook=CODEBOOK,
        correction=remark,
    )


def _comparison(
    documents: Sequence[CountedDocument], compare: bool | None, given: int, model: str
) -> Comparison | None:
    """The documents as versions of one text, or None; see `assemble_report`."""
    from collabnlp.analysis.counting_versions import text_title
    from collabnlp.errors import UsageError

    if compare is False:
        return None
    if compare is None:
        if len(documents) != 2 or len({text_title(it.info.title) for it in documents}) != 1:
            return None
        dates = [it.info.date for it in documents]
        if None not in dates:
            documents = sorted(documents, key=lambda it: str(it.info.date))
    elif len(documents) < 2 <= given:
        return None
    elif len(documents) < 2:
        raise UsageError(
            f"{len(documents)} document was read; a comparison needs two.",
            advice="Name the versions in order, or leave --compare out.",
        )
    from collabnlp.analysis.comparison import compare_versions

    return compare_versions([(it.info, it.tagged) for it in documents], model=model)
