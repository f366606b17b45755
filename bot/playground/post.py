"""The Events API over HTTP: signed requests, as Slack sends them to a public address."""

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import requests

from bot.playground.deliveries import Answer, Kind
from bot.playground.records import Json

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


class Post:
    """Carries deliveries to an address.

    Args:
        secret: signs them.
    """

    def __init__(self, url: str, secret: str) -> None:
        self.url = url
        self.secret = secret
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy does not know this machine's loopback

    def carry(self, kind: Kind, payload: Json, attempt: int, reason: str, seconds: float) -> Answer:
        """Post a payload; whatever is not answered with 200 in time was not taken."""
        content_type, body = _write(kind, payload)
        headers = {"Content-Type": content_type}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        try:
            response = self.send(body, headers, seconds=seconds)
        except requests.Timeout:
            return Answer(acked=False, reason="http_timeout")
        except requests.RequestException:
            return Answer(acked=False, reason="connection_failed")
        again = response.headers.get("X-Slack-No-Retry") != "1"
        if response.status_code != 200:
            return Answer(acked=False, reason="http_error", again=again)
        return Answer(acked=True, payload=_read(response.text))

    def send(
        self,
        body: str,
        headers: dict[str, str],
        *,
        seconds: float,
        secret: str = "",
        age_seconds: float = 0.0,
    ) -> requests.Response:
        """Post a body with a signature.

        Args:
            secret: another one than the app's own, for a forged request.
            age_seconds: of the timestamp, for one that was recorded and is played again.
        """
        stamp = str(int(time.time() - age_seconds))
        said = f"v0:{stamp}:{body}".encode()
        signature = hmac.new((secret or self.secret).encode(), said, hashlib.sha256).hexdigest()
        headers |= {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}"}
        return self._session.post(
            self.url, body.encode(), headers=headers, timeout=seconds, allow_redirects=False
        )

    def forge(self, payload: Json, *, secret: str, age_seconds: float) -> int:
        """Post an event that the app must not believe, and give the status of its answer."""
        content_type, body = _write("events_api", payload)
        headers = {"Content-Type": content_type}
        sent = self.send(body, headers, seconds=10, secret=secret, age_seconds=age_seconds)
        return sent.status_code

    def verify(self) -> bool:
        """Ask the address whether it is the app's."""
        challenge = {"type": "url_verification", "token": "deprecated", "challenge": "who-is-there"}
        sent = self.send(json.dumps(challenge), {"Content-Type": _JSON}, seconds=10)
        return sent.status_code == 200 and "who-is-there" in sent.text


def _write(kind: Kind, payload: Json) -> tuple[str, str]:
    """Give the content type and the body of a payload."""
    if kind == "events_api":
        return _JSON, json.dumps(payload)
    if kind == "interactive":
        return _FORM, urlencode({"payload": json.dumps(payload)})
    return _FORM, urlencode(payload)


def _read(text: str) -> Json:
    try:
        said = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {"text": text}
    return said if isinstance(said, dict) else {"text": str(said)}
