-- The bot's jobs, what their stages gave, and the messages that stand in Slack.
CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  team TEXT NOT NULL,
  channel TEXT NOT NULL,
  person TEXT NOT NULL,
  question TEXT NOT NULL,
  response_url TEXT NOT NULL,
  created_at DOUBLE PRECISION NOT NULL,
  status TEXT NOT NULL
);

CREATE TABLE stages (
  job_id TEXT NOT NULL REFERENCES jobs (id),
  name TEXT NOT NULL,
  result TEXT NOT NULL,
  failed INTEGER NOT NULL,
  PRIMARY KEY (job_id, name)
);

CREATE TABLE posts (
  job_id TEXT NOT NULL REFERENCES jobs (id),
  name TEXT NOT NULL,
  ts TEXT,
  PRIMARY KEY (job_id, name)
);

CREATE TABLE workers (
  executor TEXT PRIMARY KEY,
  beat_at DOUBLE PRECISION NOT NULL
);
