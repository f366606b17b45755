-- An experiment is a grid: questions × query runs × arms × generations.

CREATE TABLE experiments (
  name TEXT PRIMARY KEY,
  plan TEXT NOT NULL,
  created_at DOUBLE PRECISION NOT NULL
);

-- One generation. Cells of the same question and run share what was found; those whose arms also
-- order and shorten alike share the whole context.
CREATE TABLE cells (
  experiment TEXT NOT NULL REFERENCES experiments (name),
  question INTEGER NOT NULL,
  run INTEGER NOT NULL,
  arm TEXT NOT NULL,
  generation INTEGER NOT NULL,
  status TEXT NOT NULL,
  context_id TEXT REFERENCES contexts (id),
  survey_id TEXT REFERENCES surveys (id),
  failure TEXT NOT NULL DEFAULT '',
  at DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (experiment, question, run, arm, generation)
);
CREATE INDEX cells_by_survey ON cells (survey_id);
