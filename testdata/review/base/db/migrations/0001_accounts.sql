-- Accounts: one row for each customer that sends or receives parcels.
CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL,
    email         TEXT NOT NULL UNIQUE,
    country       TEXT NOT NULL,
    currency      TEXT NOT NULL DEFAULT 'EUR',
    created_at    TEXT NOT NULL
);
