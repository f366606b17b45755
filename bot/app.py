"""Which payload of Slack goes to which listener, each handled once, and what happens on failure."""

import re
import time
from collections.abc import Callable, Mapping
from functools import partial

import structlog
from slack_bolt import App, Args, BoltResponse
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient

from bot.blocks import feedback, home, remarks, root
from bot.blocks import forms as form
from bot.listeners import (
    actions,
    command,
    forms,
    home_tab,
    lifecycle,
    messages,
    reactions,
    reworking,
    shortcuts,
    voting,
)
from bot.reception import Reception
from bot.store import Deliveries

log = structlog.get_logger()

Listener = Callable[[Reception, Args], None]

COMMAND = "/survey"
EVENTS: Mapping[str, Listener] = {
    "app_mention": messages.hear_mention,
    "message": messages.hear_message,
    "reaction_added": reactions.add,
    "reaction_removed": reactions.remove,
    "app_home_opened": home_tab.open_home,
    "agent_session_stopped": actions.stop_session,
    "app_uninstalled": lifecycle.forget_workspace,
    "tokens_revoked": lifecycle.forget_workspace,
}
ACTIONS: Mapping[str, Listener] = {
    root.STOP: actions.stop,
    root.RESUME: actions.resume,
    root.AGAIN: actions.again,
    root.OTHER_MODEL: reworking.ask_for_model,
    root.QUERIES: reworking.ask_for_queries,
    root.LEFT_OUT: reworking.show_left_out,
    root.EXPORT: actions.export,
    root.TO_DIRECT_MESSAGE: actions.send_directly,
    feedback.FEEDBACK: voting.rate,
    feedback.GOOD: voting.rate,
    feedback.BAD: voting.rate,
    feedback.WHY: voting.ask_why,
    feedback.FLAG: voting.ask_which_citation,
    home.NEW: forms.open_form,
    home.LANGUAGE: home_tab.set_language,
    home.MODEL: home_tab.set_model,
}
VIEWS: Mapping[str, Listener] = {
    form.SURVEY: forms.submit_form,
    form.MODEL: reworking.submit_model,
    form.QUERIES: reworking.submit_queries,
    form.LEFT_OUT: reworking.submit_bring_back,
    remarks.REASONS: voting.submit_reasons,
    remarks.CITATION: voting.submit_citation,
}
SHORTCUTS: Mapping[str, Listener] = {
    "survey_new": forms.open_form,
    "survey_message": shortcuts.survey_message,
}

_PATIENCE_SECONDS = 1.5
"""How long a copy of a delivery waits for the one that is being handled."""


class _Busy(Exception):
    """Another copy of a delivery is being handled."""


def build_app(
    reception: Reception,
    client: WebClient,
    signing_secret: str | None,
    oauth: OAuthSettings | None = None,
) -> App:
    """Give the Bolt app.

    Args:
        client: with the token of the only workspace; without one where ``oauth`` is given.
        signing_secret: checks requests in HTTP mode; Socket Mode has none to check.
        oauth: installs the app into many workspaces, and finds the token of each.
    """
    app = App(
        client=client,
        signing_secret=signing_secret or "socket-mode-checks-no-signature",
        request_verification_enabled=signing_secret is not None,
        token_verification_enabled=False,
        raise_error_for_unhandled_request=False,
        oauth_settings=oauth,
        # Slack is answered when a delivery has been handled, not before: a crash in between lets
        # it come again, so that no vote is lost.
        process_before_response=True,
    )

    def once(listener: Listener) -> Callable[[Args], None]:
        return _once(reception.tables.deliveries, partial(listener, reception))

    app.command(COMMAND)(once(command.answer))
    for event, listener in EVENTS.items():
        app.event(event)(once(listener))
    for action, listener in ACTIONS.items():
        app.action(action)(once(listener))
    app.action(re.compile(f"^{feedback.CHOOSE}"))(once(voting.choose))
    for callback, listener in VIEWS.items():
        app.view(callback)(once(listener))
    for callback, listener in SHORTCUTS.items():
        app.shortcut(callback)(once(listener))
    _acknowledge_the_rest(app)
    return app


def _once(deliveries: Deliveries, listener: Callable[[Args], None]) -> Callable[[Args], None]:
    """Give a listener that handles each delivery once, however often Slack sends it."""

    def handle(args: Args) -> None:
        delivery = name_delivery(args.body)
        if delivery is None:
            listener(args)
        elif _claim(deliveries, delivery):
            try:
                listener(args)
            except BaseException:
                deliveries.release(delivery)
                raise
            deliveries.finish(delivery)
        else:
            args.ack()

    return handle


def _claim(deliveries: Deliveries, delivery: str) -> bool:
    """Tell whether a delivery is ours to handle; false where another copy has been handled.

    Raises:
        _Busy: another copy is being handled for long, or its process died over it. This one is not
            acknowledged, so that Slack sends it again: the other may still fail.
    """
    until = time.monotonic() + _PATIENCE_SECONDS
    while (claim := deliveries.claim(delivery, time.time())) == "busy":
        if time.monotonic() > until:
            raise _Busy
        time.sleep(0.05)
    return claim == "ours"


def name_delivery(body: Mapping[str, object]) -> str | None:
    """Give the id that all copies of a delivery share, or null where Slack gives none."""
    found = body.get("event_id") or body.get("trigger_id")
    return str(found) if found else None


def _acknowledge_the_rest(app: App) -> None:
    """Acknowledge what nobody asked for, so that Slack does not send it again."""

    @app.event(re.compile(".*"))
    def ignore_event(args: Args) -> None:
        args.ack()

    @app.action(re.compile(".*"))
    def ignore_action(args: Args) -> None:
        args.ack()

    @app.view_closed(re.compile(".*"))
    def ignore_closing(args: Args) -> None:
        args.ack()

    @app.error
    def fail(error: Exception) -> BoltResponse:
        if isinstance(error, _Busy):
            return BoltResponse(status=503, body="")
        log.error("listener_failed", error=type(error).__name__, exc_info=error)
        return BoltResponse(status=500, body="")
