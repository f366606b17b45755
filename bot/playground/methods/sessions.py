"""The methods ``agents.sessions.*`` and ``assistant.threads.setStatus``: what an agent is at."""

from typing import cast

from bot.playground.methods.places import visible
from bot.playground.methods.reading import Request
from bot.playground.records import Json, Session
from bot.playground.refusal import Refusal

_STATUSES = {"active", "closed", "processing", "suspended"}
_TITLE = 200
_LOADING_MESSAGES = 10


def set_status(request: Request) -> Json:
    """Carry out ``assistant.threads.setStatus``; an empty status takes it away."""
    state = request.state
    if state.knobs.refuse_statuses:
        raise Refusal("no_permission")
    channel = visible(request, "channel_id")
    thread_ts = request.need("thread_ts", "invalid_thread_ts")
    if state.find(channel.id, thread_ts) is None:
        raise Refusal("invalid_thread_ts")
    loading = cast("list[str]", request.json("loading_messages") or [])
    if len(loading) > _LOADING_MESSAGES:
        raise Refusal("invalid_arguments", f"no more than {_LOADING_MESSAGES} loading_messages")
    state.statuses[channel.id, thread_ts] = (request.text("status"), state.now())
    return {}


def set_session_status(request: Request) -> Json:
    """Carry out ``agents.sessions.setStatus``."""
    channel, thread_ts = _place(request)
    session = set_session(request, channel, thread_ts, "status")
    answer: Json = {"status": session.status, "agent_status": session.status}
    answer["title"] = session.title
    if "agent_session_stopped" not in request.state.manifest.events:
        answer["warning"] = "missing_agent_session_stopped_event_subscription"
    return answer


def rename_session(request: Request) -> Json:
    """Carry out ``agents.sessions.rename``."""
    place = _place(request)
    known = request.state.sessions.get(place)
    if known is None:
        raise Refusal("session_not_found")
    title = _title(request.need("title"))
    request.state.sessions[place] = Session(known.status, title, known.initiator)
    return {"title": title}


def set_session(request: Request, channel: str, thread_ts: str, name: str) -> Session:
    """Set the status of a thread's session, which begins with the first.

    Args:
        name: of the argument that holds the status.

    Raises:
        Refusal: there is no such status, or the title is too long.
    """
    status = request.text(name)
    if status not in _STATUSES:
        raise Refusal("invalid_status")
    known = request.state.sessions.get((channel, thread_ts))
    title = known.title if known else _title(request.text("title"))
    initiator = known.initiator if known else request.text("initiator_user_id")
    session = Session(status, title, initiator)
    request.state.sessions[channel, thread_ts] = session
    return session


def _place(request: Request) -> tuple[str, str]:
    state = request.state
    if state.knobs.refuse_sessions:
        raise Refusal("not_allowed_token_type")
    if not state.manifest.is_agent:
        raise Refusal("feature_disabled")
    channel = visible(request, "channel_id")
    if not channel.is_member:
        raise Refusal("not_authorized")
    return channel.id, request.need("thread_ts", "thread_ts_required")


def _title(title: str) -> str:
    if len(title) > _TITLE:
        raise Refusal("invalid_arguments", f"title must be less than {_TITLE + 1} characters")
    return title
