"""What Slack sends to an app: events, commands, actions, shortcuts, views, as Bolt reads them."""

from bot.playground.records import APP, Channel, Json, Message, Team, User, View
from bot.playground.scopes import EVENTS, message_event
from bot.playground.shapes import show_message, show_view
from bot.playground.state import State

_TOKEN = "deprecated"  # noqa: S105 - of payloads; apps check signatures instead


def event_payload(state: State, event: Json, team: Team, event_id: str | None = None) -> Json:
    """Wrap an event."""
    return {
        "type": "event_callback",
        "token": _TOKEN,
        "team_id": team.id,
        "context_team_id": team.id,
        "api_app_id": APP,
        "event_id": event_id or state.new_id("Ev"),
        "event_time": int(state.now()),
        "is_ext_shared_channel": False,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": team.id,
                "user_id": team.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "event": event,
    }


def hears(state: State, team: Team, event: Json, channel: Channel | None = None) -> bool:
    """Say whether the app of a workspace is told of an event.

    It subscribed to it, was granted the scope, and is in the conversation.
    """
    name = str(event["type"])
    if name == "message":
        assert channel is not None
        name = message_event(channel.type)
    if channel is not None and not channel.is_member:
        return False
    needed = EVENTS[name]
    return name in state.manifest.events and (not needed or needed in team.scopes)


def command_payload(team: Team, user: User, channel: Channel, text: str) -> dict[str, str]:
    """Give the fields of a slash command, without its trigger and its response address."""
    return {
        "command": "/survey",
        "text": text,
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "team_id": team.id,
        "team_domain": team.domain,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "token": _TOKEN,
    }


def message_events(message: Message, channel: Channel, team: Team) -> list[Json]:
    """Give the events of a person's message: itself, and the mention of the app."""
    event = show_message(message)
    event |= {"channel": channel.id, "event_ts": message.ts}
    events: list[Json] = [event | {"channel_type": channel.type}]
    if f"<@{team.bot_user}>" in message.text and channel.type != "im":
        events.append(event | {"type": "app_mention"})
    return events


def reaction_event(message: Message, name: str, user: str, event_ts: str, *, added: bool) -> Json:
    """Give the event of a reaction."""
    return {
        "type": "reaction_added" if added else "reaction_removed",
        "user": user,
        "reaction": name,
        "item": {"type": "message", "channel": message.channel, "ts": message.ts},
        "item_user": message.user,
        "event_ts": event_ts,
    }


def interaction(kind: str, team: Team, user: User, trigger_id: str) -> Json:
    """Give what all interactions have in common."""
    return {
        "type": kind,
        "token": _TOKEN,
        "api_app_id": APP,
        "team": {"id": team.id, "domain": team.domain},
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
        "trigger_id": trigger_id,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_actions(message: Message, channel: Channel, action: Json, response_url: str) -> Json:
    """Give what a click in a message adds."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": bool(message.ephemeral_for),
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    added: Json = {
        "container": container,
        "channel": {"id": channel.id, "name": channel.name},
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [action],
    }
    # Slack does not repeat a message that only one person sees.
    return added if message.ephemeral_for else added | {"message": show_message(message)}


def view_actions(view: View, team: Team, action: Json) -> Json:
    """Give what a click in a view adds."""
    return {
        "container": {"type": "view", "view_id": view.id},
        "view": show_view(view, team),
        "actions": [action],
    }


def message_shortcut(message: Message, channel: Channel, callback: str, response_url: str) -> Json:
    """Give what a shortcut on a message adds."""
    return {
        "callback_id": callback,
        "message_ts": message.ts,
        "response_url": response_url,
        "channel": {"id": channel.id, "name": channel.name},
        "message": show_message(message),
        "action_ts": message.ts,
    }
