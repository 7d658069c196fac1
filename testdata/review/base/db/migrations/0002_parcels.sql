-- Parcels and the locker they were dropped in.
CREATE TABLE parcels (
    id            INTEGER PRIMARY KEY,
    account_id    INTEGER NOT NULL REFERENCES accounts (id),
    tracking_code TEXT NOT NULL UNIQUE,
    size          TEXT NOT NULL CHECK (size IN ('S', 'M', 'L', 'XL')),
    locker_id     TEXT,
    dropped_at    TEXT NOT NULL,
    collected_at  TEXT
);

CREATE INDEX parcels_account_idx ON parcels (account_id, dropped_at);
