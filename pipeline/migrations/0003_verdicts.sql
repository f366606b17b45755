-- What judge models said of two surveys of one context, one row for each order of showing them.
-- survey_a comes before survey_b in the alphabet; first is the side that was shown first, choice the
-- survey that is better ('a', 'b', 'tie'), both by these names and not by place.
CREATE TABLE verdicts (
  id TEXT NOT NULL UNIQUE,
  context_id TEXT NOT NULL REFERENCES contexts (id),
  survey_a TEXT NOT NULL REFERENCES surveys (id),
  survey_b TEXT NOT NULL REFERENCES surveys (id),
  judge TEXT NOT NULL,
  first TEXT NOT NULL,
  choice TEXT NOT NULL,
  prompt_hash TEXT NOT NULL,
  created_at DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (survey_a, survey_b, judge, first)
);
CREATE INDEX verdicts_by_context ON verdicts (context_id);

-- Whose people a survey was written for; empty where it was written outside Slack.
ALTER TABLE surveys ADD COLUMN workspace TEXT NOT NULL DEFAULT '';
UPDATE surveys SET workspace = COALESCE(
  (SELECT MIN(comparisons.workspace) FROM comparisons
    WHERE surveys.id IN (comparisons.survey_a, comparisons.survey_b)),
  (SELECT MIN(votes.workspace) FROM votes WHERE votes.survey_id = surveys.id),
  ''
);
