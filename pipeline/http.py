"""What HTTP headers say about waiting."""

from email.utils import parsedate_to_datetime


def read_retry_after(value: str | None, now: float) -> float | None:
    """Read a Retry-After header.

    Args:
        value: seconds or a date, or null where the header is missing.
        now: epoch seconds.

    Returns:
        seconds to wait, at least 0; null where the value is neither.

    Source: RFC 9110, section 10.2.3.
    """
    if value is None:
        return None
    try:
        return max(float(value), 0.0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(value).timestamp() - now, 0.0)
    except ValueError:
        return None
