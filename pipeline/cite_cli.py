"""The command ``cite check``: what any Markdown survey does with its list of papers."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from pipeline.evaluation.ledger import Ledger, read_ledger
from pipeline.sources.files import read_list, read_text

_FILE = click.Path(path_type=Path)


@click.group()
def cite() -> None:
    """Look at the citations of a survey."""


@cite.command()
@click.argument("file", type=_FILE)
@click.option(
    "--papers",
    type=_FILE,
    required=True,
    help="JSON lines in the fields of the arXiv records: what FILE was written from.",
)
@click.option("--question", default="", help="What FILE answers; its words are no mention.")
@click.option("--json", "as_json", is_flag=True, help="Print the ledger as JSON.")
def check(*, file: Path, papers: Path, question: str, as_json: bool) -> None:
    """Print what became of each paper of the list in FILE, and what FILE cites besides.

    linked: by address or id. titled: by its title alone. mentioned: by a short name alone. omitted:
    not at all. outside: linked, but not in the list. malformed: linked, but no arXiv id.
    misattributed: linked beside the name of another paper of the list.
    """
    listed = read_list(papers)
    ledger = read_ledger(read_text(file), listed, question)
    if as_json:
        shown = asdict(ledger) | {"recall": ledger.recall, "precision": ledger.precision}
        click.echo(json.dumps(shown, indent=2))
    else:
        titles = {paper.id: paper.title for paper in listed}
        click.echo("\n".join(_describe(ledger, titles)))


def _describe(ledger: Ledger, titles: Mapping[str, str]) -> Iterator[str]:
    """Give figures, then what somebody may want to mend, a line each."""
    lists: dict[str, tuple[str, ...]] = {
        name: ids for name, ids in asdict(ledger).items() if isinstance(ids, tuple)
    }
    yield f"Recall {_share(ledger.recall)}, precision {_share(ledger.precision)}"
    yield f"Of {ledger.papers} papers: " + ", ".join(
        f"{len(lists[name])} {name}" for name in ("linked", "titled", "mentioned", "omitted")
    )
    for name in ("omitted", "outside", "malformed", "misattributed"):
        for one in lists[name]:
            yield f"{name}: {one} {titles.get(one, '')}".rstrip()


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
