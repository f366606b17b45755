"""The methods of Slack's Web API that an app of ours calls, carried out on the state."""

from collections.abc import Callable, Mapping

from bot.playground.methods import access, chat, conversations, files, sessions, streams, views
from bot.playground.methods.places import find_channel
from bot.playground.methods.reading import Request
from bot.playground.records import ChannelType, Json
from bot.playground.refusal import Refusal
from bot.playground.scopes import METHODS, scope_of
from bot.playground.state import State

_CARRY_OUT: Mapping[str, Callable[[Request], Json]] = {
    "agents.sessions.rename": sessions.rename_session,
    "agents.sessions.setStatus": sessions.set_session_status,
    "assistant.threads.setStatus": sessions.set_status,
    "auth.revoke": access.revoke,
    "auth.test": access.test,
    "chat.appendStream": streams.append,
    "chat.delete": chat.delete,
    "chat.getPermalink": chat.permalink,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.postMessage": chat.post_message,
    "chat.startStream": streams.start,
    "chat.stopStream": streams.stop,
    "chat.update": chat.update,
    "conversations.history": conversations.history,
    "conversations.info": conversations.info,
    "conversations.join": conversations.join,
    "conversations.members": conversations.members,
    "conversations.open": conversations.open_dm,
    "conversations.replies": conversations.replies,
    "files.completeUploadExternal": files.complete_upload,
    "files.getUploadURLExternal": files.upload_address,
    "reactions.add": conversations.add_reaction,
    "reactions.get": conversations.get_reactions,
    "reactions.remove": conversations.remove_reaction,
    "team.info": access.show_team,
    "users.info": access.show_person,
    "views.open": views.open_view,
    "views.publish": views.publish,
    "views.push": views.push,
    "views.update": views.update,
}


def call(state: State, token: str, method: str, arguments: Mapping[str, object], base: str) -> Json:
    """Carry out a method for the app of a workspace.

    Args:
        token: a bot token; it sees its own workspace only.
        base: address of this server, for upload addresses.

    Returns:
        Slack's answer, ``ok`` included.
    """
    try:
        with state.lock:
            request = Request(state, state.teams[_team_of(state, token)], arguments, base)
            _check(request, method)
            return {"ok": True, **_CARRY_OUT[method](request)}
    except Refusal as refusal:
        return refused(refusal)


def refused(refusal: Refusal) -> Json:
    """Give Slack's answer to what it refuses."""
    answer: Json = {"ok": False, "error": refusal.error, **refusal.more}
    if refusal.messages:
        answer["response_metadata"] = {"messages": [f"[ERROR] {one}" for one in refusal.messages]}
    return answer


def _team_of(state: State, token: str) -> str:
    if not token:
        raise Refusal("not_authed")
    grant = state.grants.get(token)
    if grant is None:
        raise Refusal("not_allowed_token_type" if token.startswith("xapp-") else "invalid_auth")
    if grant.error:
        raise Refusal(grant.error)
    return grant.team


def _check(request: Request, method: str) -> None:
    if method not in _CARRY_OUT:
        raise Refusal("unknown_method")
    needed = scope_of(method, _type(request, method))
    granted = request.team.scopes
    if needed and needed not in granted:
        raise Refusal("missing_scope", needed=needed, provided=",".join(sorted(granted)))


def _type(request: Request, method: str) -> ChannelType:
    """Give the kind of conversation that a call is about, which some scopes depend on."""
    if method == "conversations.open":
        return "mpim" if "," in request.text("users") else "im"
    channel = find_channel(request) if "{type}" in METHODS[method] else None
    return channel.type if channel else "channel"
