"""Response addresses: where an app answers what a person did, member of the channel or not.

Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

import json

from bot.playground.limits import check_message
from bot.playground.records import Json, Message
from bot.playground.refusal import Refusal
from bot.playground.state import Address, State

_USES = 5
_SECONDS = 1_800.0


def new_address(state: State, channel: str, user: str, source: Message | None = None) -> str:
    """Give the name of an address.

    Args:
        source: the message in which the person did something.
    """
    with state.lock:
        name = state.new_id("R")
        state.addresses[name] = Address(channel, user, state.now(), source)
    return name


def respond(state: State, name: str, body: bytes) -> None:
    """Take what an app answers there.

    Raises:
        Refusal: the address is used up or too old, or what is said cannot be shown.
    """
    with state.lock:
        address = state.addresses.get(name)
        if address is None:
            raise Refusal("no_such_url")
        if state.now() - address.made_at > _SECONDS:
            raise Refusal("expired_url")
        if address.uses >= _USES:
            raise Refusal("used_url")
        try:
            said = json.loads(body)
        except ValueError as error:
            raise Refusal("invalid_payload") from error
        if not isinstance(said, dict):
            raise Refusal("invalid_payload")
        _say(state, address, said)
        address.uses += 1


def answer_at_once(state: State, name: str, said: Json) -> None:
    """Show what an app said in its acknowledgement of a command.

    Raises:
        Refusal: it cannot be shown.
    """
    with state.lock:
        _say(state, state.addresses[name], said)


def _say(state: State, address: Address, said: Json) -> None:
    source = state.look(address.source) if address.source else None
    if said.get("delete_original"):
        if source is not None:
            state.remove(source)
        return
    text = str(said.get("text") or "")
    blocks = said.get("blocks") or []
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refusal("invalid_blocks_format")
    check_message(text, blocks, unknown=state.knobs.unknown_blocks)
    if said.get("replace_original") and source is not None:
        state.change(source, text=text, blocks=tuple(blocks), edits=source.edits + 1)
        return
    team = state.teams[state.channels[address.channel].team]
    is_public = said.get("response_type") == "in_channel"
    thread_ts = said.get("thread_ts")
    state.add(
        Message(
            channel=address.channel,
            ts=state.new_ts(),
            user=team.bot_user,
            text=text,
            team=team.id,
            bot_id=team.bot_id,
            blocks=tuple(blocks),
            thread_ts=str(thread_ts) if thread_ts else None,
            ephemeral_for=None if is_public else address.user,
            unfurls=is_public,
        )
    )
