-- Requests that wait for a batch or for its replies. One that is answered is gone from here: its
-- reply is among the completions. One that failed stays, with why, until it is tried again.
CREATE TABLE batches (
  id TEXT PRIMARY KEY,
  model TEXT NOT NULL,
  reference TEXT NOT NULL DEFAULT '',
  sent_at DOUBLE PRECISION NOT NULL,
  over_at DOUBLE PRECISION
);
CREATE TABLE batch_requests (
  key TEXT PRIMARY KEY,
  run TEXT NOT NULL,
  role TEXT NOT NULL,
  model TEXT NOT NULL,
  draft TEXT NOT NULL,
  max_output_tokens INTEGER NOT NULL,
  batch TEXT REFERENCES batches (id),
  attempts INTEGER NOT NULL DEFAULT 0,
  failure_kind TEXT NOT NULL DEFAULT '',
  failure TEXT NOT NULL DEFAULT ''
);
CREATE INDEX batch_requests_by_batch ON batch_requests (batch);
