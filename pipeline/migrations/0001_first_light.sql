-- Shared state of the pipeline. Moments are UTC epoch seconds, documents are JSON text; the words
-- of this file mean the same to SQLite and PostgreSQL.
CREATE TABLE gates (
  name TEXT PRIMARY KEY,
  holder TEXT,
  lease_until DOUBLE PRECISION NOT NULL,
  next_at DOUBLE PRECISION NOT NULL,
  blocked_until DOUBLE PRECISION NOT NULL
);

CREATE TABLE pages (
  key TEXT PRIMARY KEY,
  day TEXT NOT NULL,
  page TEXT NOT NULL
);

CREATE TABLE vectors (
  key TEXT PRIMARY KEY,
  row BYTEA NOT NULL
);

CREATE TABLE completions (
  key TEXT PRIMARY KEY,
  text TEXT NOT NULL,
  model TEXT NOT NULL,
  created_at DOUBLE PRECISION NOT NULL
);

CREATE TABLE calls (
  id TEXT PRIMARY KEY,
  run TEXT NOT NULL,
  role TEXT NOT NULL,
  model TEXT NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  usd DOUBLE PRECISION,
  seconds DOUBLE PRECISION NOT NULL,
  created_at DOUBLE PRECISION NOT NULL
);
CREATE INDEX calls_by_run ON calls (run);

CREATE TABLE contexts (
  id TEXT PRIMARY KEY,
  context TEXT NOT NULL,
  created_at DOUBLE PRECISION NOT NULL
);

CREATE TABLE surveys (
  id TEXT PRIMARY KEY,
  context_id TEXT NOT NULL REFERENCES contexts (id),
  model TEXT NOT NULL,
  mode TEXT NOT NULL,
  survey TEXT NOT NULL,
  created_at DOUBLE PRECISION NOT NULL
);
CREATE INDEX surveys_by_context ON surveys (context_id);

CREATE TABLE scores (
  survey_id TEXT NOT NULL REFERENCES surveys (id),
  name TEXT NOT NULL,
  metric_version INTEGER NOT NULL,
  score TEXT NOT NULL,
  PRIMARY KEY (survey_id, name, metric_version)
);
