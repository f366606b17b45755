"""Contexts, surveys and scores, kept as they were made."""

import hashlib
import time
import unicodedata
from dataclasses import dataclass
from typing import TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Engine, text

from pipeline.types import Context, Survey

T = TypeVar("T")

_CONTEXT = TypeAdapter(Context)
_SURVEY = TypeAdapter(Survey)


def name_question(text: str) -> str:
    """Give the name under which surveys that answer the same question are counted together."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(folded.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Store:
    """The pipeline's lasting results; saving the same id again changes nothing."""

    engine: Engine

    def save_context(self, context: Context) -> None:
        """Keep a context, so that another model can write from the very same papers."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO contexts (id, question_key, context, created_at)"
                    " VALUES (:id, :key, :context, :now) ON CONFLICT (id) DO NOTHING"
                ),
                {
                    "id": context.id,
                    "key": name_question(context.question.text),
                    "context": _CONTEXT.dump_json(context).decode(),
                    "now": time.time(),
                },
            )

    def load_context(self, context_id: str) -> Context | None:
        """Give a context, or null where none has this id."""
        with self.engine.connect() as connection:
            found = connection.scalar(
                text("SELECT context FROM contexts WHERE id = :id"), {"id": context_id}
            )
        return None if found is None else _CONTEXT.validate_json(found)

    def save_survey(self, survey: Survey, *, workspace: str = "") -> None:
        """Keep a survey; its context must have been kept before.

        Args:
            workspace: whose people it was written for; empty outside Slack.
        """
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO surveys"
                    " (id, context_id, model, mode, workspace, survey, created_at)"
                    " VALUES (:id, :context_id, :model, :mode, :workspace, :survey, :now)"
                    " ON CONFLICT (id) DO NOTHING"
                ),
                {
                    "id": survey.id,
                    "context_id": survey.context_id,
                    "model": survey.model,
                    "mode": survey.mode,
                    "workspace": workspace,
                    "survey": _SURVEY.dump_json(survey).decode(),
                    "now": time.time(),
                },
            )

    def load_survey(self, survey_id: str) -> Survey | None:
        """Give a survey, or null where none has this id."""
        with self.engine.connect() as connection:
            found = connection.scalar(
                text("SELECT survey FROM surveys WHERE id = :id"), {"id": survey_id}
            )
        return None if found is None else _SURVEY.validate_json(found)

    def save_score(self, survey_id: str, name: str, version: int, value: object) -> None:
        """Keep a survey's score under the version of the metric that gave it.

        Args:
            name: of the metric.
            value: a dataclass made of plain parts; a score of this version is replaced.
        """
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO scores (survey_id, name, metric_version, score)"
                    " VALUES (:survey_id, :name, :version, :score)"
                    " ON CONFLICT (survey_id, name, metric_version)"
                    " DO UPDATE SET score = excluded.score"
                ),
                {
                    "survey_id": survey_id,
                    "name": name,
                    "version": version,
                    "score": TypeAdapter(type(value)).dump_json(value).decode(),
                },
            )

    def load_score(self, survey_id: str, name: str, kind: type[T]) -> T | None:
        """Give a survey's score by the newest version of the metric, or null where there is none.

        Args:
            kind: of what ``save_score`` was given; fields that it has grown since need a default.
        """
        with self.engine.connect() as connection:
            found = connection.scalar(
                text(
                    "SELECT score FROM scores WHERE survey_id = :id AND name = :name"
                    " ORDER BY metric_version DESC LIMIT 1"
                ),
                {"id": survey_id, "name": name},
            )
        return None if found is None else TypeAdapter(kind).validate_json(found)

    def list_scored(self, name: str) -> dict[str, int]:
        """Give the newest version of a metric's score for each survey that has one."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT survey_id, MAX(metric_version) FROM scores WHERE name = :name"
                    " GROUP BY survey_id"
                ),
                {"name": name},
            ).all()
        return {row[0]: row[1] for row in rows}

    def list_surveys(self) -> tuple[str, ...]:
        """Give the ids of all surveys, those of one context together, oldest first."""
        with self.engine.connect() as connection:
            return tuple(
                connection.scalars(
                    text(
                        "SELECT surveys.id FROM surveys JOIN contexts ON contexts.id = context_id"
                        " ORDER BY contexts.created_at, context_id, surveys.created_at, surveys.id"
                    )
                )
            )
