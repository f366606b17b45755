"""The permissions that the app asks for, each with what needs it."""

from collections.abc import Mapping

SCOPES: Mapping[str, str] = {
    "app_mentions:read": "hears when somebody mentions it",
    "assistant:write": "shows that it is at work, and takes Slack's own Stop button",
    "channels:history": "hears replies in a survey's thread in public channels, and finds a message again whose acceptance was lost in a crash",  # noqa: E501 - one sentence
    "channels:join": "joins a public channel where a survey is asked for, to be told of votes",
    "chat:write": "posts the survey, its progress, its footer and its answers",
    "chat:write.public": "posts in public channels that it has not joined",
    "commands": "/survey and the shortcuts",
    "files:write": "attaches the complete survey, the BibTeX file and the picture",
    "groups:history": "hears replies in a survey's thread in private channels",
    "im:history": "hears questions in direct messages",
    "im:write": "opens a direct message where a survey cannot be posted in its channel",
    "mpim:history": "hears replies in a survey's thread in group messages",
    "reactions:read": "counts reactions as votes, and stops a survey by its asker's sign",
}
"""Scope of the bot token → its reason. The manifest asks for exactly these (a test compares)."""
