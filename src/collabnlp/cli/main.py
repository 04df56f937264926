"""The command line: groups the commands and turns errors into exit statuses."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Any

import click

from collabnlp.errors import CollabnlpError

# command -> module: a command's imports are paid for only when it runs
_COMMANDS = {
    "classify": "collabnlp.cli.classify",
    "compare": "collabnlp.cli.compare",
    "concordance": "collabnlp.cli.concordance",
    "corpus": "collabnlp.cli.corpus",
    "count": "collabnlp.cli.count",
    "evaluate": "collabnlp.cli.evaluate",
    "extract": "collabnlp.cli.extract",
    "highlight": "collabnlp.cli.highlight",
    "keyness": "collabnlp.cli.keyness",
    "labels": "collabnlp.cli.labels",
    "model": "collabnlp.cli.model",
    "report": "collabnlp.cli.report",
    "review": "collabnlp.cli.review",
    "retrain": "collabnlp.cli.retrain",
    "train": "collabnlp.cli.train",
}
WRONG_USAGE, PARTLY, NOTHING, INTERRUPTED = 1, 2, 3, 130


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(_COMMANDS[cmd_name])
        command: click.Command = module.command
        return command


def _print_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from collabnlp import __version__

        click.echo(f"collabnlp {__version__}")
        context.exit()


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Find the collaboration commitments in white papers and bills.

    Exit status: 0 all documents done; 1 wrong usage; 2 done, but some documents were refused or
    only partly read; 3 nothing could be read; 130 interrupted.
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        # Windows consoles and C locales would refuse quotation marks and dashes.
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        status = cli.main(
            list(arguments) if arguments is not None else None,
            prog_name="collabnlp",
            standalone_mode=False,
        )
    except click.exceptions.NoArgsIsHelpError as wanted:
        wanted.show()
        return WRONG_USAGE
    except click.ClickException as wrong:
        wrong.show()
        return WRONG_USAGE
    except CollabnlpError as wrong:
        click.echo(f"collabnlp: {wrong.name}: {wrong}", err=True)
        return WRONG_USAGE
    except (KeyboardInterrupt, click.Abort):
        click.echo("collabnlp: interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`| head`); that is its right.
        sys.stderr.close()
        return 0
    return int(status or 0)


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run())
