"""What people do in Slack with their hands: buttons, menus, shortcuts, modals."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from bot.playground.forms import fill
from bot.playground.limits import check_view
from bot.playground.methods.views import drop, drop_all, push_on, replace_view
from bot.playground.payloads import interaction, message_actions, message_shortcut, view_actions
from bot.playground.people import People
from bot.playground.receipts import Receipt, ViewReceipt
from bot.playground.records import Json, Message, Team, User, View
from bot.playground.refusal import NotShown, Refusal
from bot.playground.shapes import show_view, with_ids
from bot.playground.widgets import touch


class Hands(People):
    """A workspace in which people click."""

    def click(
        self,
        where: Message | View,
        action_id: str,
        *,
        user: str | None = None,
        value: str | None = None,
    ) -> Receipt:
        """Touch a button or a menu of a message, a modal or a home tab as it stands now.

        Args:
            value: the option to choose, one of the two feedback buttons (by its value, or
                ``positive`` and ``negative``), or which of several buttons is meant.

        Raises:
            NotShown: nothing of that name stands there for this person.
        """
        if isinstance(where, View):
            view = self._standing(where)
            team, person = self.team(view.team), self._state.users[view.user]
            action = touch(view.blocks, action_id, value, person.id, self._state.new_ts())
            more = view_actions(view, team, action)
            return self._interact("block_actions", team, person, more)
        message = self._state.look(where)
        channel, person, team = self._place(where.channel, user or where.ephemeral_for)
        if message is None or message.ephemeral_for not in {None, person.id}:
            raise NotShown("the message does not stand there")
        action = touch(message.blocks, action_id, value, person.id, self._state.new_ts())
        address = self._new_response_url(channel.id, person.id, message)
        more = message_actions(message, channel, action, address)
        return self._interact("block_actions", team, person, more)

    def shortcut(
        self, callback_id: str, message: Message | None = None, *, user: str | None = None
    ) -> Receipt:
        """Choose a shortcut, of a message or of the whole of Slack.

        Raises:
            NotShown: the app has no such shortcut.
        """
        known = self._state.manifest.shortcuts
        if known is not None and callback_id not in known:
            raise NotShown(f"no shortcut {callback_id}")
        more: Json
        if message is None:
            person = self._state.person(user)
            team = self.team(person.team)
            more = {"callback_id": callback_id, "action_ts": self._state.new_ts()}
            return self._interact("shortcut", team, person, more)
        now = self._state.look(message)
        if now is None:
            raise NotShown("the message does not stand there")
        channel, person, team = self._place(message.channel, user)
        address = self._new_response_url(channel.id, person.id, now)
        more = message_shortcut(now, channel, callback_id, address)
        return self._interact("message_action", team, person, more)

    def submit(self, view: View, values: Mapping[str, object] | None = None) -> ViewReceipt:
        """Fill in a modal and submit it; what the app answers is played.

        Args:
            values: by block or by action: text, the value of an option or a list of those, a
                conversation, a date. What is not given keeps what it holds at first.

        Raises:
            NotShown: the modal is not open, or has no such input or option.
            Refusal: Slack would not send it, or what the app answers cannot be shown.
        """
        view = self._standing(view)
        if "submit" not in view.shown:
            raise NotShown("the modal has no button to submit it")
        filled = replace(view, values=fill(view, values or {}))
        self._state.views[view.id] = filled
        team, person = self.team(view.team), self._state.users[view.user]
        more: Json = {"view": show_view(filled, team), "response_urls": []}
        receipt = self._interact("view_submission", team, person, more)
        action = str(receipt.payload.get("response_action") or "")
        if receipt.acked:
            self._play(filled, action, receipt.payload)
        errors = receipt.payload.get("errors") if action == "errors" else None
        said = cast("dict[str, str]", errors or {})
        return ViewReceipt(receipt.acked, action, said, self._top(person.id), receipt.seconds)

    def close_view(self, view: View) -> Receipt | None:
        """Close a modal; the app is told where it asked for that.

        Raises:
            NotShown: the modal is not open.
        """
        view = self._standing(view)
        team, person = self.team(view.team), self._state.users[view.user]
        drop(self._state, view.id)
        if not view.shown.get("notify_on_close"):
            return None
        more: Json = {"view": show_view(view, team), "is_cleared": False}
        return self._interact("view_closed", team, person, more)

    def views(self, user: str | None = None) -> list[View]:
        """Give a person's open modals, topmost last."""
        return [self._state.views[name] for name in self._state.stacks[user or self.user]]

    def _top(self, user: str) -> View | None:
        return next(reversed(self.views(user)), None)

    def _standing(self, view: View) -> View:
        """Give a view as it stands now."""
        now = self._state.views.get(view.id)
        top = self._top(view.user)
        if now is None or (view.type == "modal" and (top is None or top.id != view.id)):
            raise NotShown("the view does not stand there")
        return now

    def _interact(self, kind: str, team: Team, person: User, more: Json) -> Receipt:
        if not self._state.manifest.interactivity:
            raise NotShown("interactivity is off in the app's manifest")
        trigger = self._state.new_trigger(person.id, team.id)
        payload = interaction(kind, team, person, trigger) | more
        sent = self._courier.send("interactive", payload)
        return Receipt(sent.acked, sent.answer.payload, sent.seconds, trigger)

    def _play(self, view: View, action: str, said: Json) -> None:
        """Do with the open modals what an app asks for in its acknowledgement."""
        state = self._state
        with state.lock:
            match action:
                case "errors":
                    known = {block["block_id"] for block in with_ids(view.blocks)}
                    errors = said.get("errors")
                    if not isinstance(errors, dict) or not errors or not set(errors) <= known:
                        raise Refusal("invalid_arguments", "errors name no block of the view")
                case "update" | "push":
                    shown = said.get("view")
                    check_view(shown, self.unknown_blocks)
                    assert isinstance(shown, dict)
                    if action == "update":
                        replace_view(state, view, shown)
                    else:
                        push_on(state, view.user, shown)
                case "clear":
                    drop_all(state, view.user)
                case "":
                    drop(state, view.id)
                case _:
                    raise Refusal("invalid_arguments", f"no response_action {action}")
