-- The whole app: kinds of jobs, threads, messages that carry surveys, deliveries that were handled.
ALTER TABLE jobs ADD COLUMN kind TEXT NOT NULL DEFAULT 'survey';
ALTER TABLE jobs ADD COLUMN request TEXT NOT NULL DEFAULT '';
UPDATE jobs SET request = '{"question":' || question || '}';
ALTER TABLE jobs DROP COLUMN question;
ALTER TABLE jobs ADD COLUMN person_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN thread_ts TEXT;
ALTER TABLE jobs ADD COLUMN root_ts TEXT;
ALTER TABLE jobs ADD COLUMN survey_id TEXT;
ALTER TABLE jobs ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
ALTER TABLE jobs ADD COLUMN ended_at DOUBLE PRECISION;
CREATE INDEX jobs_by_team ON jobs (team, created_at);
CREATE INDEX jobs_by_thread ON jobs (channel, root_ts);
CREATE INDEX jobs_by_status ON jobs (status);

ALTER TABLE posts ADD COLUMN channel TEXT;
ALTER TABLE posts ADD COLUMN survey_id TEXT;
CREATE INDEX posts_by_message ON posts (channel, ts);

-- Reactions on messages of ours whose timestamp was not recorded yet.
CREATE TABLE strays (
  channel TEXT NOT NULL,
  ts TEXT NOT NULL,
  person TEXT NOT NULL,
  mark TEXT NOT NULL,
  workspace TEXT NOT NULL,
  value INTEGER NOT NULL,
  at DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (channel, ts, person, mark)
);

-- Deliveries of Slack by their id; done is 0 while one is being handled.
CREATE TABLE deliveries (
  id TEXT PRIMARY KEY,
  at DOUBLE PRECISION NOT NULL,
  done INTEGER NOT NULL
);

-- What a person has set for surveys of their own; a person is a keyed hash.
CREATE TABLE preferences (
  team TEXT NOT NULL,
  person TEXT NOT NULL,
  preferences TEXT NOT NULL,
  PRIMARY KEY (team, person)
);

-- Questions that are looked at again and again, and the papers that each has shown.
CREATE TABLE watches (
  id TEXT PRIMARY KEY,
  team TEXT NOT NULL,
  channel TEXT NOT NULL,
  person TEXT NOT NULL,
  person_hash TEXT NOT NULL,
  request TEXT NOT NULL,
  every_days INTEGER NOT NULL,
  next_at DOUBLE PRECISION NOT NULL,
  survey_job TEXT NOT NULL,
  created_at DOUBLE PRECISION NOT NULL
);
CREATE TABLE watched_papers (
  watch_id TEXT NOT NULL REFERENCES watches (id),
  paper_id TEXT NOT NULL,
  PRIMARY KEY (watch_id, paper_id)
);

-- What was asked in the threads of surveys, and answered.
CREATE TABLE turns (
  job_id TEXT PRIMARY KEY REFERENCES jobs (id),
  survey_job TEXT NOT NULL,
  asked TEXT NOT NULL,
  answered TEXT NOT NULL,
  at DOUBLE PRECISION NOT NULL
);
CREATE INDEX turns_by_survey ON turns (survey_job);
