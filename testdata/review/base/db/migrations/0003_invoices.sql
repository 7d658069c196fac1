-- Invoices; amounts are in minor units (cents) of the account's currency.
CREATE TABLE invoices (
    id            INTEGER PRIMARY KEY,
    account_id    INTEGER NOT NULL REFERENCES accounts (id),
    number        TEXT NOT NULL UNIQUE,
    period        TEXT NOT NULL,
    net_minor     INTEGER NOT NULL,
    tax_minor     INTEGER NOT NULL,
    currency      TEXT NOT NULL,
    status        TEXT NOT NULL DEFAULT 'open',
    due_on        TEXT NOT NULL,
    paid_on       TEXT
);

CREATE TABLE invoice_lines (
    id            INTEGER PRIMARY KEY,
    invoice_id    INTEGER NOT NULL REFERENCES invoices (id),
    position      INTEGER NOT NULL,
    description   TEXT NOT NULL,
    quantity      INTEGER NOT NULL,
    unit_minor    INTEGER NOT NULL
);

CREATE INDEX invoice_lines_invoice_idx ON invoice_lines (invoice_id, position);
