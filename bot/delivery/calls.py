"""Call Slack until it answers, and turn its refusals into our errors."""

import time
from collections.abc import Callable
from http.client import HTTPException
from typing import TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.errors import CannotPost
from pipeline.errors import Unavailable

T = TypeVar("T")

ATTEMPTS = 12
_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 60.0
"""Twelve attempts take six minutes in all: a survey that was paid for outlasts a short outage."""

TOO_MUCH = frozenset({"invalid_blocks", "msg_blocks_too_long", "invalid_blocks_format"})
"""Slack's names for blocks that it does not take."""

_NOT_OURS = frozenset(
    {
        "not_in_channel",
        "channel_not_found",
        "is_archived",
        "restricted_action",
        "account_inactive",
        "token_revoked",
    }
)


def open_client(token: str, api_url: str) -> WebClient:
    """Open a client that waits when Slack says so.

    Connection errors and 5xx are not retried here: Slack may have taken the message, so whoever
    posts looks first.
    """
    return WebClient(
        token=token,
        base_url=api_url,
        timeout=30,
        retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=5)],
    )


def persist(
    call: Callable[[], T],
    *,
    look: Callable[[], T | None] | None = None,
    in_doubt: bool = False,
    join: Callable[[], object] = lambda: None,
    attempts: int = ATTEMPTS,
) -> T:
    """Call Slack until it answers; after a lost answer, look whether it was done.

    Args:
        look: gives what an earlier call has done, or null; null where a call may be repeated. While
            nobody knows whether a call was carried out, nothing is called before a look succeeded.
        in_doubt: an earlier process may have called already.
        join: is tried once where the app is not in the channel.

    Raises:
        CannotPost: the app may not write there.
        Unavailable: Slack cannot be reached.
    """
    wait = _FIRST_WAIT_SECONDS
    joined = False
    last: Exception | None = None
    for number in range(1, attempts + 1):
        if number > 1:
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
        try:
            if in_doubt and look is not None and (found := look()) is not None:
                return found
            in_doubt = False
            return call()
        except SlackApiError as error:
            status = error.response.status_code
            said = error.response["error"] if status == 200 else ""
            if said == "not_in_channel" and not joined:
                joined = True
                join()
            elif said in _NOT_OURS:
                raise CannotPost(f"Slack says {said}") from error
            elif status < 500 and status != 429:
                raise
            # A call that was turned away as one too many was not carried out.
            in_doubt = in_doubt or status >= 500
            last = error
        except (SlackClientError, OSError, HTTPException) as error:
            in_doubt = True
            last = error
    raise Unavailable("Slack cannot be reached") from last
