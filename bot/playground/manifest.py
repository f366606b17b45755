"""The app as Slack knows it: what its manifest declares is what it may do and hear."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

from bot.playground.scopes import EVENTS, all_scopes

_Section = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an app declared.

    Attributes:
        scopes: that a workspace grants when it installs the app.
        events: that the app subscribed to.
        shortcuts: their callback ids; null for any.
        home_tab: the app has a home tab.
        messages_tab: people may write to the app.
        interactivity: buttons, menus, shortcuts and modals are told to the app.
        is_agent: the app may have agent sessions.
    """

    scopes: frozenset[str]
    events: frozenset[str]
    shortcuts: frozenset[str] | None = frozenset()
    home_tab: bool = False
    messages_tab: bool = False
    interactivity: bool = False
    is_agent: bool = False


EVERYTHING = Manifest(
    frozenset(all_scopes()),
    frozenset(EVENTS),
    shortcuts=None,
    home_tab=True,
    messages_tab=True,
    interactivity=True,
    is_agent=True,
)
"""An app that may do and hears all that this Slack knows."""

OURS = Path(__file__).parents[2] / "manifest.yml"
"""The project's own; beside the packages in a checkout, absent where they are installed."""


def read_manifest(path: Path = OURS) -> Manifest:
    """Read a manifest; where there is none, the app may do everything."""
    if not path.exists():
        return EVERYTHING
    whole = cast("_Section", yaml.safe_load(path.read_text(encoding="utf-8")))
    features, settings = _section(whole, "features"), _section(whole, "settings")
    home = _section(features, "app_home")
    shortcuts = cast("list[Mapping[str, str]]", features.get("shortcuts") or [])
    return Manifest(
        scopes=_names(_section(_section(whole, "oauth_config"), "scopes").get("bot")),
        events=_names(_section(settings, "event_subscriptions").get("bot_events")),
        shortcuts=frozenset(shortcut["callback_id"] for shortcut in shortcuts),
        home_tab=bool(home.get("home_tab_enabled")),
        messages_tab=bool(home.get("messages_tab_enabled"))
        and not home.get("messages_tab_read_only_enabled"),
        interactivity=bool(_section(settings, "interactivity").get("is_enabled")),
        is_agent="agent_view" in features,
    )


def _section(holder: _Section, name: str) -> _Section:
    return cast("_Section", holder.get(name) or {})


def _names(value: object) -> frozenset[str]:
    return frozenset(cast("list[str]", value or []))
