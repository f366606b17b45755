"""What people do in Slack with words and emoji, and how their workspace comes and goes."""

from collections.abc import Sequence

from bot.playground.methods.access import withdraw
from bot.playground.methods.conversations import react, unreact
from bot.playground.payloads import (
    command_payload,
    event_payload,
    hears,
    message_events,
    reaction_event,
)
from bot.playground.receipts import CommandReceipt
from bot.playground.records import Channel, Json, Message, Team, User, View
from bot.playground.refusal import NotShown, Refusal
from bot.playground.responses import answer_at_once, new_address
from bot.playground.shapes import show_view
from bot.playground.workspace import Workspace


class People(Workspace):
    """A workspace in which people type.

    Where ``user`` is not named, it is the person of the channel's workspace; whoever acts for the
    first time joins that workspace.
    """

    def command_payload(
        self,
        text: str,
        *,
        channel: str | None = None,
        user: str | None = None,
        trigger_id: str | None = None,
    ) -> dict[str, str]:
        """Give the form fields of a slash command, for delivery over HTTP."""
        where, person, team = self._place(channel, user)
        return command_payload(team, person, where, text) | {
            "trigger_id": trigger_id or self._state.new_trigger(person.id, team.id),
            "response_url": self._new_response_url(where.id, person.id),
        }

    def command(
        self,
        text: str,
        *,
        channel: str | None = None,
        user: str | None = None,
        trigger_id: str | None = None,
    ) -> CommandReceipt:
        """Type ``/survey text`` and wait, at most Slack's three seconds, for the answer.

        Args:
            trigger_id: a known one plays Slack's second delivery of the same command.
        """
        payload = self.command_payload(text, channel=channel, user=user, trigger_id=trigger_id)
        sent = self._courier.send("slash_commands", {**payload})
        said = sent.answer.payload
        address = payload["response_url"]
        error = "" if sent.acked else "operation_timeout"
        if said:
            try:
                answer_at_once(self._state, address.rpartition("/")[2], said)
            except Refusal as refusal:
                error = refusal.error
        text = str(said.get("text") or "")
        trigger = payload["trigger_id"]
        return CommandReceipt(sent.acked, text, sent.seconds, trigger, said, address, error)

    def say(
        self,
        text: str,
        *,
        channel: str | None = None,
        thread_ts: str | None = None,
        user: str | None = None,
    ) -> Message:
        """Write a message; where the app is a member, it hears it, and of being mentioned.

        Args:
            text: as Slack keeps it: ``<@U…>`` for a mention, ``&lt;`` for a sign.

        Raises:
            Refusal: this person may not write here.
            NotShown: there is no such thread.
        """
        where, person, team = self._place(channel, user)
        if where.is_archived:
            raise Refusal("is_archived")
        if where.type == "im" and not self._state.manifest.messages_tab:
            raise Refusal("messages_tab_disabled")
        if thread_ts and self._state.find(where.id, thread_ts) is None:
            raise NotShown(f"no thread {thread_ts}")
        message = self._state.add(
            Message(where.id, self._state.new_ts(), person.id, text, thread_ts, team=team.id)
        )
        self._tell_of(message_events(message, where, team), team, where)
        return message

    def react(
        self,
        message: Message,
        name: str,
        *,
        user: str | None = None,
        event_ts: str | None = None,
        event_id: str | None = None,
    ) -> Message:
        """Put an emoji under a message, and give the message as it stands then.

        Args:
            name: such as ``+1``, ``thumbsup`` or ``+1::skin-tone-3``.

        Raises:
            Refusal: this person's emoji stands there already.
        """
        return self._change_reaction(message, name, user, (event_ts, event_id), added=True)

    def unreact(
        self,
        message: Message,
        name: str,
        *,
        user: str | None = None,
        event_ts: str | None = None,
        event_id: str | None = None,
    ) -> Message:
        """Take an emoji away, and give the message as it stands then.

        Raises:
            Refusal: it does not stand there.
        """
        return self._change_reaction(message, name, user, (event_ts, event_id), added=False)

    def open_home(self, user: str | None = None, tab: str = "home") -> View | None:
        """Open the app's home or messages tab, and give the home that stands then, or null."""
        person = self._state.person(user)
        team = self.team(person.team)
        event: Json = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": self.dm(person.id),
            "tab": tab,
            "event_ts": self._state.new_ts(),
        }
        standing = self.home(person.id)
        if standing is not None and tab == "home":
            event["view"] = show_view(standing, team)
        self._tell_of([event], team)
        return self.home(person.id)

    def home(self, user: str | None = None) -> View | None:
        """Give a person's home tab as it stands now, or null."""
        return self._state.views.get(self._state.homes.get(user or self.user, ""))

    def stop_session(self, channel: str, thread_ts: str, user: str | None = None) -> None:
        """Press the stop button that Slack shows while an agent works in a thread.

        Raises:
            NotShown: nothing is being worked on there.
        """
        where, person, team = self._place(channel, user)
        session = self._state.sessions.get((channel, thread_ts))
        live = [
            one.ts
            for one in self._state.messages(channel)
            if one.thread_ts == thread_ts and self._state.is_live((channel, one.ts))
        ]
        if not live and (session is None or session.status != "processing"):
            raise NotShown(f"nothing is being worked on in {thread_ts}")
        for ts in live:
            self._state.streams[channel, ts].stopped_by = "user"
        event: Json = {
            "type": "agent_session_stopped",
            "channel": channel,
            "thread_ts": thread_ts,
            "user": person.id,
            "streaming_message_ts": live,
            "event_ts": self._state.new_ts(),
        }
        self._tell_of([event], team, where)

    def uninstall(self, team_id: str | None = None) -> None:
        """Remove the app from a workspace; its token is dead from then on."""
        team = self.team(team_id)
        withdraw(self._state, team.id, "account_inactive")
        revoked: Json = {"oauth": [], "bot": [team.bot_user]}
        events: list[Json] = [
            {"type": "app_uninstalled"},
            {"type": "tokens_revoked", "tokens": revoked},
        ]
        self._tell_of(events, team)

    def event(
        self, event: Json, *, event_id: str | None = None, team_id: str | None = None
    ) -> bool:
        """Deliver any event, subscribed to or not; true when it was acknowledged."""
        payload = event_payload(self._state, event, self.team(team_id), event_id)
        return self._courier.send("events_api", payload).acked

    def _place(self, channel: str | None, user: str | None) -> tuple[Channel, User, Team]:
        """Give where somebody acts, who, and in which workspace.

        Raises:
            NotShown: there is no such conversation.
            Refusal: this person is not in it.
        """
        where = self._state.channels.get(channel or self.channel)
        if where is None:
            raise NotShown(f"no conversation {channel}")
        team = self.team(where.team)
        if where.type == "im" and user is None:
            user = next(iter((where.members or frozenset()) - {team.bot_user}), None)
        person = self._state.person(user, team.id)
        if where.members is not None and person.id not in where.members:
            raise Refusal("not_in_channel")
        return where, person, team

    def _change_reaction(
        self,
        message: Message,
        name: str,
        user: str | None,
        stamps: tuple[str | None, str | None],
        *,
        added: bool,
    ) -> Message:
        where, person, team = self._place(message.channel, user)
        changed = (react if added else unreact)(self._state, message, name, person.id)
        event_ts, event_id = stamps[0] or self._state.new_ts(), stamps[1]
        event = reaction_event(message, name, person.id, event_ts, added=added)
        self._tell_of([event], team, where, event_id)
        return changed

    def _new_response_url(self, channel: str, user: str, source: Message | None = None) -> str:
        return f"{self._http.base}/response/{new_address(self._state, channel, user, source)}"

    def _tell_of(
        self,
        events: Sequence[Json],
        team: Team,
        channel: Channel | None = None,
        event_id: str | None = None,
    ) -> None:
        heard = [event for event in events if hears(self._state, team, event, channel)]
        self._courier.send_events(
            [event_payload(self._state, event, team, event_id) for event in heard]
        )
