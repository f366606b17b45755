"""Which scope each method and each event asks for.

Source: https://docs.slack.dev/reference/methods and https://docs.slack.dev/reference/events
"""

from collections.abc import Collection

from bot.playground.records import ChannelType

METHODS = {
    "agents.sessions.rename": "chat:write",
    "agents.sessions.setStatus": "chat:write",
    "assistant.threads.setStatus": "chat:write",
    "auth.revoke": "",
    "auth.test": "",
    "chat.appendStream": "chat:write",
    "chat.delete": "chat:write",
    "chat.getPermalink": "",
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.startStream": "chat:write",
    "chat.stopStream": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "{type}:history",
    "conversations.info": "{type}:read",
    "conversations.join": "channels:join",
    "conversations.members": "{type}:read",
    "conversations.open": "{type}:write",
    "conversations.replies": "{type}:history",
    "files.completeUploadExternal": "files:write",
    "files.getUploadURLExternal": "files:write",
    "reactions.add": "reactions:write",
    "reactions.get": "reactions:read",
    "reactions.remove": "reactions:write",
    "team.info": "team:read",
    "users.info": "users:read",
    "views.open": "",
    "views.publish": "",
    "views.push": "",
    "views.update": "",
}
"""The scope of a bot token; ``{type}`` is of the conversation in question."""

EVENTS = {
    "agent_session_stopped": "",
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "app_uninstalled": "",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "tokens_revoked": "",
}
"""The scope without which an event that was subscribed to does not come."""

_TYPES: dict[ChannelType, str] = {
    "channel": "channels",
    "group": "groups",
    "im": "im",
    "mpim": "mpim",
}


def scope_of(method: str, kind: ChannelType) -> str:
    """Give the scope that a method asks for in a kind of conversation; empty where none."""
    return METHODS[method].format(type=_TYPES[kind])


def message_event(kind: ChannelType) -> str:
    """Give what an app subscribes to for the messages of a kind of conversation."""
    return f"message.{_TYPES[kind]}"


def all_scopes() -> Collection[str]:
    """Give every scope that this Slack asks for anywhere."""
    methods = {scope_of(method, kind) for method in METHODS for kind in _TYPES}
    return (methods | set(EVENTS.values()) | {"chat:write.public", "commands"}) - {""}
