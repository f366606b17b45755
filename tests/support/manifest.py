"""Check a Slack app manifest: limits, unknown scopes and events, events without their scope.

Slack's own schema passes unknown events and scopes; the app then fails at its installation.
Source: https://docs.slack.dev/reference/app-manifest
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Manifest = Mapping[str, Any]

SCOPES = frozenset(
    """
    app_mentions:read assistant:write bookmarks:read bookmarks:write calls:read calls:write
    canvases:read canvases:write channels:history channels:join channels:manage channels:read
    chat:write chat:write.customize chat:write.public commands dnd:read emoji:read files:read
    files:write groups:history groups:read groups:write im:history im:read im:write
    incoming-webhook links:read links:write links.embed:write lists:read lists:write
    metadata.message:read mpim:history mpim:read mpim:write pins:read pins:write reactions:read
    reactions:write reminders:read reminders:write remote_files:read remote_files:share
    remote_files:write search:read.public team:read triggers:read triggers:write usergroups:read
    usergroups:write users.profile:read users:read users:read.email users:write
    workflow.steps:execute
    """.split()
)
"""The scopes that a bot token can have."""

EVENTS: Mapping[str, str] = {
    "agent_session_stopped": "chat:write",
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "app_rate_limited": "",
    "app_uninstalled": "",
    "channel_archive": "channels:read",
    "channel_created": "channels:read",
    "channel_deleted": "channels:read",
    "channel_rename": "channels:read",
    "link_shared": "links:read",
    "member_joined_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "team_join": "users:read",
    "tokens_revoked": "",
    "user_change": "users:read",
}
"""Events of the Events API, each with the scope without which it does not come."""


def find_problems(manifest: Manifest) -> list[str]:
    """Give a sentence on each thing that Slack would refuse, or that would never work."""
    return [
        *_display(manifest.get("display_information") or {}),
        *_features(manifest.get("features") or {}),
        *_permissions(manifest),
        *_addresses(manifest),
    ]


def _display(information: Manifest) -> Iterator[str]:
    for name, longest in (("name", 35), ("description", 140)):
        if not 0 < len(information.get(name) or "") <= longest:
            yield f"display_information.{name} has 1 to {longest} characters"
    long = information.get("long_description")
    if long is not None and not 175 <= len(long) <= 4_000:
        yield "display_information.long_description has 175 to 4000 characters"
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", str(information.get("background_color", "#000000"))):
        yield "display_information.background_color is a quoted #rrggbb"


def _features(features: Manifest) -> Iterator[str]:
    if "agent_view" in features and "assistant_view" in features:
        yield "agent_view and assistant_view exclude each other"
    agent = features.get("agent_view") or {}
    if len(agent.get("agent_description", "")) > 300:
        yield "agent_view.agent_description has at most 300 characters"
    if len(agent.get("suggested_prompts") or []) > 4:
        yield "agent_view.suggested_prompts has at most 4 prompts"
    yield from _entries(features)


def _entries(features: Manifest) -> Iterator[str]:
    for command in features.get("slash_commands") or []:
        if not re.fullmatch(r"/[a-z0-9_-]{1,31}", command.get("command", "")):
            yield f"command {command.get('command')!r} is no command"
        if not command.get("description") or len(command.get("usage_hint", "")) > 1_000:
            yield f"command {command.get('command')!r} has no description, or too long a hint"
    shortcuts = features.get("shortcuts") or []
    if len(shortcuts) > 10:
        yield "there are at most 10 shortcuts"
    for shortcut in shortcuts:
        if not 0 < len(shortcut.get("name", "")) <= 24:
            yield f"shortcut {shortcut.get('name')!r} has 1 to 24 characters"
        if shortcut.get("type") not in {"message", "global"} or not shortcut.get("callback_id"):
            yield f"shortcut {shortcut.get('name')!r} has no type or callback_id"


def _permissions(manifest: Manifest) -> Iterator[str]:
    scopes = set(((manifest.get("oauth_config") or {}).get("scopes") or {}).get("bot") or [])
    features, settings = manifest.get("features") or {}, manifest.get("settings") or {}
    events = (settings.get("event_subscriptions") or {}).get("bot_events") or []
    for scope in sorted(scopes - SCOPES):
        yield f"scope {scope!r} is unknown"
    for event in events:
        if event not in EVENTS:
            yield f"event {event!r} is unknown"
        elif EVENTS[event] and EVENTS[event] not in scopes:
            yield f"event {event!r} does not come without scope {EVENTS[event]!r}"
    if (features.get("slash_commands") or features.get("shortcuts")) and "commands" not in scopes:
        yield "commands and shortcuts need the scope 'commands'"
    if "agent_view" in features and "agent_session_stopped" not in events:
        yield "an agent without the event 'agent_session_stopped' has no Stop button"
    home = features.get("app_home") or {}
    if home.get("home_tab_enabled") and "app_home_opened" not in events:
        yield "a home tab without the event 'app_home_opened' stays empty"
    interactive = (settings.get("interactivity") or {}).get("is_enabled")
    if features.get("shortcuts") and not interactive:
        yield "shortcuts need settings.interactivity"


def _addresses(manifest: Manifest) -> Iterator[str]:
    settings = manifest.get("settings") or {}
    socket = bool(settings.get("socket_mode_enabled"))
    for name in ("event_subscriptions", "interactivity"):
        has_address = "request_url" in (settings.get(name) or {})
        if socket and has_address:
            yield f"settings.{name}.request_url is only for HTTP mode"
        if not socket and not has_address:
            yield f"settings.{name}.request_url is missing"
