"""Contexts, surveys and scores, kept as they were made."""

import hashlib
import time
import unicodedata
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import Engine, text

from pipeline.types import Context, Recall, Survey

_CONTEXT = TypeAdapter(Context)
_SURVEY = TypeAdapter(Survey)
_RECALL = TypeAdapter(Recall)


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

    def save_recall(self, survey_id: str, recall: Recall, *, metric_version: int) -> None:
        """Keep a survey's recall under the version of the code that measured it."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO scores (survey_id, name, metric_version, score)"
                    " VALUES (:survey_id, 'recall', :version, :score)"
                    " ON CONFLICT (survey_id, name, metric_version)"
                    " DO UPDATE SET score = excluded.score"
                ),
                {
                    "survey_id": survey_id,
                    "version": metric_version,
                    "score": _RECALL.dump_json(recall).decode(),
                },
            )

    def load_recall(self, survey_id: str, *, metric_version: int) -> Recall | None:
        """Give a survey's recall, or null where this version did not measure it."""
        with self.engine.connect() as connection:
            found = connection.scalar(
                text(
                    "SELECT score FROM scores WHERE survey_id = :id AND name = 'recall'"
                    " AND metric_version = :version"
                ),
                {"id": survey_id, "version": metric_version},
            )
        return None if found is None else _RECALL.validate_json(found)
