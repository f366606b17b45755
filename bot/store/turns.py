"""What was asked in the threads of surveys, and answered."""

from dataclasses import dataclass

from sqlalchemy import Engine, text


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange in a survey's thread.

    Attributes:
        answered: Markdown, as posted.
        at: epoch seconds.
    """

    job_id: str
    survey_job: str
    asked: str
    answered: str
    at: float


@dataclass(frozen=True, slots=True)
class Turns:
    """The table of exchanges."""

    engine: Engine

    def add(self, turn: Turn) -> None:
        """Keep an exchange; doing it again changes nothing."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO turns (job_id, survey_job, asked, answered, at) VALUES"
                    " (:job, :survey, :asked, :answered, :at) ON CONFLICT (job_id) DO NOTHING"
                ),
                {
                    "job": turn.job_id,
                    "survey": turn.survey_job,
                    "asked": turn.asked,
                    "answered": turn.answered,
                    "at": turn.at,
                },
            )

    def list(self, survey_job: str, *, most: int) -> list[Turn]:
        """Give the newest exchanges of a thread, oldest first."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT job_id, survey_job, asked, answered, at FROM turns"
                    " WHERE survey_job = :survey ORDER BY at DESC LIMIT :most"
                ),
                {"survey": survey_job, "most": most},
            ).all()
        return [Turn(*row) for row in reversed(rows)]
