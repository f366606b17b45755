-- What people say of surveys. A person is a keyed hash; workspace is where the vote was cast.
-- One row for each mark that a person set on a survey (a reaction on one of its messages, a button);
-- value is +1, -1, or 0 once it was taken back; at is the moment of the newest change.
CREATE TABLE votes (
  survey_id TEXT NOT NULL REFERENCES surveys (id),
  person TEXT NOT NULL,
  mark TEXT NOT NULL,
  workspace TEXT NOT NULL,
  value INTEGER NOT NULL,
  at DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (survey_id, person, mark)
);
CREATE INDEX votes_by_person ON votes (person);

-- Why somebody voted so, or which citation is wrong.
CREATE TABLE remarks (
  id TEXT PRIMARY KEY,
  survey_id TEXT NOT NULL REFERENCES surveys (id),
  person TEXT NOT NULL,
  workspace TEXT NOT NULL,
  kind TEXT NOT NULL,
  said TEXT NOT NULL,
  at DOUBLE PRECISION NOT NULL
);
CREATE INDEX remarks_by_person ON remarks (person);

-- Two surveys from one context, shown as A and B; the sides were drawn when the row was made.
CREATE TABLE comparisons (
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL,
  context_id TEXT NOT NULL REFERENCES contexts (id),
  survey_a TEXT NOT NULL REFERENCES surveys (id),
  survey_b TEXT NOT NULL REFERENCES surveys (id),
  opened_at DOUBLE PRECISION NOT NULL,
  closes_at DOUBLE PRECISION NOT NULL,
  votes_wanted INTEGER NOT NULL,
  closed_at DOUBLE PRECISION
);

-- Every choice of a person in order; the last blind one counts.
CREATE TABLE choices (
  comparison_id TEXT NOT NULL REFERENCES comparisons (id),
  person TEXT NOT NULL,
  number INTEGER NOT NULL,
  choice TEXT NOT NULL,
  blind INTEGER NOT NULL,
  at DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (comparison_id, person, number)
);
CREATE INDEX choices_by_person ON choices (person);

CREATE INDEX calls_by_moment ON calls (created_at);

-- Tells which contexts answer the same question, without the question's text.
ALTER TABLE contexts ADD COLUMN question_key TEXT NOT NULL DEFAULT '';
