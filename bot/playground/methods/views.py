"""The methods ``views.*``, and what an acknowledged submission does to the open modals."""

from dataclasses import replace

from bot.playground.limits import check_view
from bot.playground.methods.reading import Request
from bot.playground.records import Json, View
from bot.playground.refusal import Refusal
from bot.playground.shapes import show_view
from bot.playground.state import State, Trigger

_STACK = 3
"""Modals that can lie on each other."""


def open_view(request: Request) -> Json:
    """Carry out ``views.open``."""
    view = _read(request, "modal")
    trigger = _exchange(request)
    opened = put_up(request.state, trigger.user, trigger.team, view)
    drop_all(request.state, trigger.user)
    request.state.stacks[trigger.user].append(opened.id)
    return {"view": show_view(opened, request.team)}


def push(request: Request) -> Json:
    """Carry out ``views.push``."""
    view = _read(request, "modal")
    trigger = _exchange(request)
    return {"view": show_view(push_on(request.state, trigger.user, view), request.team)}


def update(request: Request) -> Json:
    """Carry out ``views.update``."""
    view = _read(request, "modal")
    standing = _find(request)
    if standing is None or standing.team != request.team.id:
        raise Refusal("not_found")
    _compare(request, standing)
    return {"view": show_view(replace_view(request.state, standing, view), request.team)}


def publish(request: Request) -> Json:
    """Carry out ``views.publish``."""
    state = request.state
    person = state.users.get(request.need("user_id"))
    if person is None or person.team != request.team.id:
        raise Refusal("invalid_arguments", "user_not_found")
    if not state.manifest.home_tab:
        raise Refusal("not_enabled")
    view = _read(request, "home")
    standing = state.views.get(state.homes.get(person.id, ""))
    if standing is None:
        home = put_up(state, person.id, person.team, view)
        state.homes[person.id] = home.id
    else:
        _compare(request, standing)
        home = replace_view(state, standing, view)
    return {"view": show_view(home, request.team)}


def put_up(state: State, user: str, team: str, shown: Json) -> View:
    """Show a person a view."""
    name = state.new_id("V")
    external = shown.get("external_id")
    if external and any(one.shown.get("external_id") == external for one in state.views.values()):
        raise Refusal("duplicate_external_id")
    state.views[name] = View(name, user, team, shown, state.new_id("hash."), root_id=name)
    return state.views[name]


def push_on(state: State, user: str, shown: Json) -> View:
    """Lay a modal on the open ones.

    Raises:
        Refusal: none is open, or too many are.
    """
    stack = state.stacks[user]
    if not stack:
        raise Refusal("not_found")
    if len(stack) >= _STACK:
        raise Refusal("push_limit_reached")
    below = state.views[stack[-1]]
    pushed = put_up(state, user, below.team, shown)
    pushed = replace(pushed, root_id=below.root_id, previous_id=below.id)
    state.views[pushed.id] = pushed
    stack.append(pushed.id)
    return pushed


def replace_view(state: State, standing: View, shown: Json) -> View:
    """Show something else in a view; what the person typed goes with its blocks."""
    changed = replace(standing, shown=shown, hash=state.new_id("hash."), values={})
    state.views[standing.id] = changed
    return changed


def drop(state: State, *views: str) -> None:
    """Take modals away; those that are gone already stay so."""
    for name in views:
        view = state.views.pop(name, None)
        if view is not None:
            state.stacks[view.user].remove(name)


def drop_all(state: State, user: str) -> None:
    """Take all modals away."""
    drop(state, *state.stacks[user])


def _read(request: Request, kind: str) -> Json:
    view = request.json("view")
    check_view(view, request.state.knobs.unknown_blocks)
    assert isinstance(view, dict)
    if view["type"] != kind:
        raise Refusal("invalid_arguments", f"type must be {kind} [json-pointer:/view/type]")
    return view


def _exchange(request: Request) -> Trigger:
    name = request.need("trigger_id")
    state = request.state
    trigger = state.triggers.get(name)
    if trigger is None or trigger.team != request.team.id:
        raise Refusal("invalid_trigger_id")
    if trigger.is_used:
        raise Refusal("exchanged_trigger_id")
    if state.now() - trigger.at > state.knobs.trigger_seconds:
        raise Refusal("expired_trigger_id")
    state.triggers[name] = replace(trigger, is_used=True)
    return trigger


def _find(request: Request) -> View | None:
    external = request.text("external_id")
    if not external:
        return request.state.views.get(request.text("view_id"))
    views = request.state.views.values()
    return next((view for view in views if view.shown.get("external_id") == external), None)


def _compare(request: Request, standing: View) -> None:
    wanted = request.text("hash")
    if wanted and wanted != standing.hash:
        raise Refusal("hash_conflict")
