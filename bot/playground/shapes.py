"""How Slack shows things in answers and events: messages, conversations, people, views."""

from collections.abc import Sequence

from bot.playground.records import APP, Channel, File, Json, Message, Team, User, View


def show_message(message: Message, *, with_metadata: bool = True) -> Json:
    """Give a message as Slack's methods and events show it."""
    shown: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "team": message.team,
        "text": message.text,
        "blocks": with_ids(message.blocks),
        "files": [show_file(file) for file in message.files],
    }
    extra: Json = {
        "subtype": message.subtype,
        "thread_ts": message.thread_ts,
        "bot_id": message.bot_id,
        "app_id": APP if message.bot_id else "",
        "metadata": message.metadata if with_metadata else None,
        "edited": {"user": message.user, "ts": message.ts} if message.edits else None,
        "reactions": [
            {"name": one.name, "users": list(one.users), "count": len(one.users)}
            for one in message.reactions
        ],
    }
    return shown | {name: value for name, value in extra.items() if value}


def show_file(file: File) -> Json:
    """Give a file of a message."""
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title or file.name,
        "size": len(file.content),
        "alt_txt": file.alt_text,
    }


def with_ids(blocks: Sequence[Json]) -> list[Json]:
    """Name the blocks and elements that the app has not named, as Slack does."""
    named: list[Json] = []
    for place, block in enumerate(blocks):
        shown = {"block_id": f"block-{place}"} | block
        elements = shown.get("elements")
        if isinstance(elements, list) and block.get("type") in {"actions", "context_actions"}:
            shown["elements"] = [
                {"action_id": f"action-{number}"} | element
                for number, element in enumerate(elements)
            ]
        for name in ("accessory", "element"):
            element = shown.get(name)
            if isinstance(element, dict):
                shown[name] = {"action_id": "action-0"} | element
        named.append(shown)
    return named


def show_channel(channel: Channel) -> Json:
    """Give a conversation as ``conversations.info`` shows it."""
    shown: Json = {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.type == "channel",
        "is_group": channel.type == "group",
        "is_im": channel.type == "im",
        "is_mpim": channel.type == "mpim",
        "is_private": channel.type != "channel",
        "is_archived": channel.is_archived,
        "is_member": channel.is_member,
        "context_team_id": channel.team,
    }
    return shown


def show_user(user: User, bots: Sequence[str] = ()) -> Json:
    """Give somebody as ``users.info`` shows them."""
    return {
        "id": user.id,
        "team_id": user.team,
        "name": user.name,
        "real_name": user.name,
        "tz": user.tz,
        "locale": user.locale,
        "is_bot": user.id in bots,
        "deleted": False,
        "profile": {"real_name": user.name, "display_name": user.name},
    }


def show_view(view: View, team: Team) -> Json:
    """Give a view as the app gets it back."""
    return {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        **view.shown,
        "id": view.id,
        "team_id": view.team,
        "app_id": APP,
        "bot_id": team.bot_id,
        "blocks": with_ids(view.blocks),
        "state": {"values": view.values},
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
    }
