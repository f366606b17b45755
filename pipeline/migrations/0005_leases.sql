-- Work that one process has taken and others leave alone, until it is done or the time is over.
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until DOUBLE PRECISION NOT NULL
);
