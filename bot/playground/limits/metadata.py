"""Limits of a message's metadata.

Source: https://docs.slack.dev/messaging/message-metadata
"""

import json

from bot.playground.refusal import Refusal

_BYTES = 8_192


def check_metadata(metadata: object) -> None:
    """Check what an app hides in a message.

    Raises:
        Refusal: it has no type or no payload, or is too large.
    """
    if not isinstance(metadata, dict):
        raise Refusal("invalid_metadata_format")
    kind, payload = metadata.get("event_type"), metadata.get("event_payload")
    if not isinstance(kind, str) or not 0 < len(kind) <= 255 or not isinstance(payload, dict):
        raise Refusal("invalid_metadata_format")
    if len(json.dumps(metadata, ensure_ascii=False).encode()) > _BYTES:
        raise Refusal("metadata_too_large")
