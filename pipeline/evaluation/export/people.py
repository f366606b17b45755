"""People in an export: a hash each, which by itself leads to no other export and not back."""

import hashlib
import hmac
from collections.abc import Callable

_LENGTH = 32
"""Hex digits: 128 bits, as the hashes in the database have."""

NamePerson = Callable[[str], str]
"""Gives the name under which an export knows the person with a hash of the database."""


def rename_by(salt: bytes) -> NamePerson:
    """Give each person a new hash.

    Args:
        salt: 32 random bytes that are used for one export and then gone.
    """

    def name(person: str) -> str:
        return hmac.new(salt, person.encode(), hashlib.sha256).hexdigest()[:_LENGTH]

    return name


def keep_names(person: str) -> str:
    """Give each person the database's own hash, the same in every export."""
    return person
