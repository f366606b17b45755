"""People: a keyed hash each, and what they have set for themselves."""

import hashlib
import hmac
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import Engine, text

from pipeline.types import Language

_HASH_LENGTH = 32
"""Hex digits of a person's hash: 128 bits."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person has set for surveys of their own; null leaves it to the operator."""

    language: Language | None = None
    model: str | None = None


_PREFERENCES = TypeAdapter(Preferences)


def hash_person(key: bytes, team: str, person: str) -> str:
    """Give the name under which a person is kept.

    A plain hash of Slack's short ids could be looked up by trying them all; this one needs the key.
    """
    digest = hmac.new(key, f"{team}:{person}".encode(), hashlib.sha256).hexdigest()
    return digest[:_HASH_LENGTH]


@dataclass(frozen=True, slots=True)
class People:
    """What is kept of people."""

    engine: Engine

    def preferences(self, team: str, person: str) -> Preferences:
        """Give what a person has set.

        Args:
            person: keyed hash.
        """
        with self.engine.connect() as connection:
            found = connection.scalar(
                text("SELECT preferences FROM preferences WHERE team = :team AND person = :person"),
                {"team": team, "person": person},
            )
        return Preferences() if found is None else _PREFERENCES.validate_json(found)

    def prefer(self, team: str, person: str, preferences: Preferences) -> None:
        """Keep what a person sets."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO preferences (team, person, preferences)"
                    " VALUES (:team, :person, :preferences) ON CONFLICT (team, person)"
                    " DO UPDATE SET preferences = excluded.preferences"
                ),
                {
                    "team": team,
                    "person": person,
                    "preferences": _PREFERENCES.dump_json(preferences).decode(),
                },
            )
