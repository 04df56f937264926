"""Tags collaboration commitments in policy papers and legislation.

>>> import collabnlp
>>> tagger = collabnlp.load()
>>> result = tagger.classify("white-paper.pdf")   # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collabnlp.workflows.api import Classifier as Classifier
    from collabnlp.workflows.api import Result as Result
    from collabnlp.workflows.api import extract as extract
    from collabnlp.workflows.api import load as load
    from collabnlp.workflows.comparing import compare as compare

__version__ = "0.1.0"
__all__ = ["Classifier", "Result", "__version__", "compare", "extract", "load"]


def __getattr__(name: str) -> Any:
    # Importing the package costs nothing; its parts load when they are first used.
    if name == "compare":
        from collabnlp.workflows.comparing import compare

        return compare
    if name in __all__:
        from collabnlp.workflows import api

        return getattr(api, name)
    raise AttributeError(f"module 'collabnlp' has no attribute {name!r}")
