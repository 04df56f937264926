"""Named errors. Each has one sentence on what is wrong and one on what to do."""

from __future__ import annotations


class CollabnlpError(Exception):
    """Base of every error that a user can meet.

    ``advice`` is one sentence on what to do; ``name`` is the class's name, stable for scripts.
    """

    advice = ""

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if advice is not None:
            self.advice = advice

    @property
    def name(self) -> str:
        return type(self).__name__

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders; keyword arguments are lost by the default.
        return (_rebuild, (type(self), self.message, self.advice))


def _rebuild(kind: type[CollabnlpError], message: str, advice: str) -> CollabnlpError:
    return kind(message, advice=advice)


class UsageError(CollabnlpError):
    """The call or its options make no sense."""


class DocumentError(CollabnlpError):
    """A document cannot be read; the others go on."""


class MissingPath(DocumentError):
    advice = "Check the spelling and the folder you are in."


class UnreadablePath(DocumentError):
    advice = "Ask for read permission, or copy the file to a folder of your own."


class EmptyFile(DocumentError):
    advice = "Download or copy the file again."


class UnknownFormat(DocumentError):
    advice = "Give a PDF, HTML, XML (Akoma Ntoso or CLML), DOCX, Markdown or text file."


class FalseExtension(DocumentError):
    advice = "Give the file the ending of what it holds, or download it again."


class EncryptedPdf(DocumentError):
    advice = "Open it with its password, save a copy without one, and use the copy."


class LockedPdf(DocumentError):
    advice = "Ask its publisher for a copy without restrictions."


class SignedPdf(DocumentError):
    advice = "To mark a copy all the same, add --signed: readers will say it changed after signing."


class NotAPdf(DocumentError):
    advice = "Only PDFs can be highlighted; for other formats use `collabnlp report`."


class DamagedFile(DocumentError):
    advice = "Download the file again; if it is damaged at its source, open and re-save it first."


class NoText(DocumentError):
    advice = "Run text recognition (for example ocrmypdf) on it first, then use the result."


class NoContent(DocumentError):
    advice = "Save the page of the document itself, not of a search or an index."


class UnsafeXml(DocumentError):
    advice = "Remove the document type declaration, or download the file from its publisher."


class UnsupportedXml(DocumentError):
    advice = "Give Akoma Ntoso (bills) or legislation.gov.uk (CLML) XML."


class DocumentTooLarge(DocumentError):
    advice = "Split the file, or raise the limit in the settings."


class DocumentTimedOut(DocumentError):
    advice = "Raise the time limit (--time-limit), or leave this document out."


class WorkerDied(DocumentError):
    advice = "Leave this document out, or raise the memory limit (--memory-limit)."


class UnforeseenFailure(DocumentError):
    advice = "Please report this with the file, if you may share it."


class ModelError(CollabnlpError):
    """A model is missing, damaged or made by another version."""

    advice = "Install collabnlp again, or name another model with --model."


class DataError(CollabnlpError):
    """A data file that comes with the program (register, cues) is wrong."""

    advice = "Install collabnlp again; if you changed the data file, undo the change."


class StoreError(CollabnlpError):
    """The label store cannot be opened, read or written; what was saved before is untouched."""

    advice = "Look at the folder of the label store, or name another with --store."


class StoreUnwritable(StoreError):
    """Nothing was saved: the disk is full, the folder is read-only, or the file is locked."""

    advice = "Free some space or ask for write permission, then save again."


class ConflictingEntry(StoreError):
    """The reading to be put in another's place is no longer the one in force."""

    advice = "Look at what stands there now, and decide again."
