"""``paperwalk doctor``: what is set, what works, and what is wrong, in a sentence each."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import click
from pydantic import SecretStr, ValidationError
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy.exc import SQLAlchemyError

from bot.keys import read_secret
from bot.scopes import SCOPES
from bot.settings import BotSettings
from pipeline.errors import NotConfigured, PaperwalkError
from pipeline.models import KEYLESS, choose_model, price_list
from pipeline.providers.base import ChatModel, Prompt
from pipeline.providers.prices import price
from pipeline.settings import PipelineSettings
from pipeline.types import Query, Role, Usage
from pipeline.wiring import Kit, open_kit

_MARKS = {"right": "✓", "absent": "–", "wrong": "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one thing; ``absent`` is no fault, only something that is not used."""

    state: Literal["right", "absent", "wrong"]
    text: str


@click.command()
@click.option("--ask", is_flag=True, help="Ask each language model for one word (costs a little).")
@click.option("--offline", is_flag=True, help="Check settings and database only.")
def doctor(*, ask: bool, offline: bool) -> None:
    """Check settings, database, keys, Slack tokens and sources.

    Exits with 0 when nothing is wrong, with 4 otherwise. Keys are never printed.
    """
    wrong = 0
    for finding in examine(ask=ask, offline=offline):
        click.echo(f"{_MARKS[finding.state]} {finding.text}")
        wrong += finding.state == "wrong"
    click.echo(f"{wrong} wrong." if wrong else "Nothing is wrong.")
    raise click.exceptions.Exit(4 if wrong else 0)


def examine(*, ask: bool, offline: bool) -> Iterator[Finding]:
    """Check one thing after the other, so that the person sees the first before the slow ones."""
    try:
        settings, bot_settings = PipelineSettings(), BotSettings()
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = ".".join(str(part) for part in problem["loc"]).upper()
            yield Finding("wrong", f"Setting {name}: {problem['msg']}.")
        return
    yield Finding("right", "The settings can be read.")
    try:
        kit = open_kit(settings)
    except (PaperwalkError, SQLAlchemyError, OSError) as error:
        yield Finding("wrong", f"The database cannot be opened ({type(error).__name__}).")
        return
    yield Finding("right", f"The database is up to date ({kit.engine.dialect.name}).")
    yield from _secrets(kit, bot_settings)
    yield from _models(kit, ask=ask and not offline)
    if not offline:
        yield from _source(kit)
        yield from _slack(bot_settings)
    kit.engine.dispose()


def _secrets(kit: Kit, settings: BotSettings) -> Iterator[Finding]:
    """Look at what the bot needs beside its tokens."""
    try:
        read_secret(settings.secret_key, kit.settings.database_url)
    except NotConfigured as error:
        yield Finding("wrong", f"{error}.")
    if settings.slack_client_id is None:
        return
    missing = [
        name
        for name, value in (
            ("SLACK_CLIENT_SECRET", settings.slack_client_secret),
            ("SLACK_SIGNING_SECRET", settings.slack_signing_secret),
        )
        if value is None
    ]
    for name in missing:
        yield Finding("wrong", f"{name} is not set; installing into several workspaces needs it.")
    if not missing:
        yield Finding("right", "The app can be installed into several workspaces (HTTP mode).")


def _models(kit: Kit, *, ask: bool) -> Iterator[Finding]:
    run = f"doctor-{uuid.uuid4().hex}"  # of its own, so that no earlier answer is taken for one
    for role in get_args(Role):
        chosen = choose_model(kit.settings, role)
        if chosen.startswith(KEYLESS):
            yield Finding("absent", f"{role}: {chosen}; no key is needed.")
            continue
        try:
            if role == "embed":
                kit.embedder(run)
                model = None
            else:
                model = kit.writer(run, chosen)
            if ask and model is not None:
                _ask(model)
        except PaperwalkError as error:
            yield Finding("wrong", f"{role}: {chosen}: {error}.")
            continue
        tried = "answers" if ask and model is not None else "its key is set (--ask tries it)"
        yield Finding("right", f"{role}: {chosen}: {tried}.")
        if price(chosen, Usage(1_000, 1_000, 0), price_list(kit.settings)) is None:
            unknown = "its price is not known, so no ceiling holds it: set PAPERWALK_PRICES"
            yield Finding("absent", f"{role}: {chosen}: {unknown}.")


def _ask(model: ChatModel) -> None:
    model.complete(Prompt("count", "Answer with one word.", "Say yes.", max_output_tokens=500))


def _source(kit: Kit) -> Iterator[Finding]:
    name = kit.settings.source
    try:
        page = kit.source("en").search(Query(must=("neural network",)), 1)
    except PaperwalkError as error:
        yield Finding("wrong", f"Papers: {name}: {error}.")
        return
    state: Literal["right", "wrong"] = "right" if page.hits else "wrong"
    yield Finding(state, f"Papers: {name} answers with {page.hits:,} hits for a common phrase.")


def _slack(settings: BotSettings) -> Iterator[Finding]:
    if settings.slack_bot_token is None:
        yield Finding("absent", "Slack: SLACK_BOT_TOKEN is not set; the command line works.")
        return
    tokens: tuple[tuple[str, str, SecretStr | None], ...] = (
        ("SLACK_BOT_TOKEN", "auth.test", settings.slack_bot_token),
        ("SLACK_APP_TOKEN", "apps.connections.open", settings.slack_app_token),
    )
    for name, method, token in tokens:
        if token is None:
            yield Finding("absent", f"Slack: {name} is not set; Socket Mode needs it.")
            continue
        client = WebClient(base_url=settings.slack_api_url, timeout=10)
        try:
            answer = client.api_call(
                method, headers={"Authorization": f"Bearer {token.get_secret_value()}"}
            )
        except SlackApiError as error:
            yield Finding("wrong", f"Slack refuses {name}: {error.response['error']}.")
        except (SlackClientError, OSError) as error:
            yield Finding("wrong", f"Slack cannot be reached ({type(error).__name__}).")
        else:
            yield Finding("right", f"Slack accepts {name}.")
            yield from _scopes(str(answer.headers.get("x-oauth-scopes") or ""))


def _scopes(granted: str) -> Iterator[Finding]:
    """Compare what Slack says that a token may do with what the app needs; it is silent of some."""
    if granted:
        for scope in sorted(SCOPES.keys() - {one.strip() for one in granted.split(",")}):
            why = f"{scope}, by which the app {SCOPES[scope]}"
            yield Finding("wrong", f"Slack: the bot token lacks {why}: install the app again.")
