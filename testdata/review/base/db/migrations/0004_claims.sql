-- Damage and loss claims raised through the back office.
CREATE TABLE claims (
    id            INTEGER PRIMARY KEY,
    parcel_id     INTEGER NOT NULL REFERENCES parcels (id),
    raised_by     TEXT NOT NULL,
    reason        TEXT NOT NULL,
    amount_minor  INTEGER NOT NULL,
    state         TEXT NOT NULL DEFAULT 'received',
    raised_at     TEXT NOT NULL
);
