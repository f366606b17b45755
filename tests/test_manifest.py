"""The manifest declares what the code hears and calls, and nothing else; so does docs/slack.md."""

import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from slack_sdk import WebClient

from bot import app
from bot.blocks.feedback import CHOOSE
from bot.listeners import command
from bot.options import OPTIONS
from bot.scopes import SCOPES
from manifest import EVENTS, find_problems
from pipeline.types import Choice

ROOT = Path(__file__).parent.parent
CODE = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "bot").glob("[!p]*/*.py"))

CALLS = {
    "agents_sessions_setStatus": "chat:write",
    "assistant_threads_setStatus": "chat:write",
    "auth_test": "",
    "chat_appendStream": "chat:write",
    "chat_postEphemeral": "chat:write",
    "chat_postMessage": "chat:write",
    "chat_startStream": "chat:write",
    "chat_stopStream": "chat:write",
    "chat_update": "chat:write",
    "conversations_history": "channels:history",
    "conversations_join": "channels:join",
    "conversations_open": "im:write",
    "conversations_replies": "channels:history",
    "files_upload_v2": "files:write",
    "views_open": "",
    "views_publish": "",
}
"""Slack's methods that our code calls, each with its scope."""


def load() -> dict[str, Any]:
    read = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def test_the_manifest_has_no_fault() -> None:
    assert find_problems(load()) == []


def break_scopes(manifest: dict[str, Any]) -> None:
    manifest["oauth_config"]["scopes"]["bot"].remove("reactions:read")


def invent_scope(manifest: dict[str, Any]) -> None:
    manifest["oauth_config"]["scopes"]["bot"].append("chat:shout")


def invent_event(manifest: dict[str, Any]) -> None:
    manifest["settings"]["event_subscriptions"]["bot_events"].append("moon_risen")


def both_views(manifest: dict[str, Any]) -> None:
    manifest["features"]["assistant_view"] = {}


def long_shortcut(manifest: dict[str, Any]) -> None:
    manifest["features"]["shortcuts"][0]["name"] = "x" * 25


def no_colour(manifest: dict[str, Any]) -> None:
    manifest["display_information"]["background_color"] = None


def deaf_home(manifest: dict[str, Any]) -> None:
    manifest["settings"]["event_subscriptions"]["bot_events"].remove("app_home_opened")


def address_in_socket_mode(manifest: dict[str, Any]) -> None:
    manifest["settings"]["interactivity"]["request_url"] = "https://example.org"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (break_scopes, "reactions:read"),
        (invent_scope, "chat:shout"),
        (invent_event, "moon_risen"),
        (both_views, "exclude each other"),
        (long_shortcut, "24 characters"),
        (no_colour, "background_color"),
        (deaf_home, "stays empty"),
        (address_in_socket_mode, "HTTP mode"),
    ],
)
def test_each_fault_of_a_manifest_is_found(
    spoil: Callable[[dict[str, Any]], None], said: str
) -> None:
    manifest = deepcopy(load())

    spoil(manifest)

    assert any(said in problem for problem in find_problems(manifest))


def test_the_manifest_asks_for_the_scopes_that_have_a_reason() -> None:
    assert set(load()["oauth_config"]["scopes"]["bot"]) == set(SCOPES)


def test_every_call_has_its_scope_and_every_scope_its_use() -> None:
    called = set(re.findall(r"client\.([a-z]+_[a-zA-Z_]+\d?)\b", CODE)) & set(dir(WebClient))
    heard = set(load()["settings"]["event_subscriptions"]["bot_events"])

    assert called == set(CALLS)
    used = set(CALLS.values()) | {EVENTS[event] for event in heard}
    # The first is what posting outside joined channels asks for, the last two what features do.
    assert set(SCOPES) - used == {"chat:write.public", "assistant:write", "commands"}


def test_every_event_has_a_listener_and_every_listener_its_event() -> None:
    heard = load()["settings"]["event_subscriptions"]["bot_events"]

    assert {event.partition(".")[0] for event in heard} == set(app.EVENTS)


def test_every_command_and_shortcut_has_a_listener() -> None:
    features = load()["features"]

    assert [command["command"] for command in features["slash_commands"]] == [app.COMMAND]
    assert {one["callback_id"] for one in features["shortcuts"]} == set(app.SHORTCUTS)


PAGE = (ROOT / "docs/slack.md").read_text(encoding="utf-8")


def names_in(section: str) -> set[str]:
    table = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0]
    cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_the_page_gives_each_scope_with_its_reason() -> None:
    for scope, reason in SCOPES.items():
        assert f"| `{scope}` | {reason} |" in PAGE
    assert names_in("Scopes") == set(SCOPES)


def test_the_page_names_each_event() -> None:
    assert names_in("Events") == set(load()["settings"]["event_subscriptions"]["bot_events"])


def test_the_page_names_each_button_command_word_option_and_shortcut() -> None:
    for action in app.ACTIONS:
        assert f"`{action}`" in PAGE
    for choice in get_args(Choice):
        assert f"`{CHOOSE}{choice}`" in PAGE
    for word in set(command.WORDS.values()):
        assert f"`/survey {word}`" in PAGE
    for option in OPTIONS:
        assert f"`{option}:" in PAGE
    for shortcut in app.SHORTCUTS:
        assert f"`{shortcut}`" in PAGE


def test_the_settings_that_the_page_names_exist() -> None:
    named = set(re.findall(r"`((?:PAPERWALK|SLACK)_[A-Z_]+)`", PAGE))
    known = (ROOT / ".env.example").read_text(encoding="utf-8")

    assert all(f"{name}=" in known for name in named)
