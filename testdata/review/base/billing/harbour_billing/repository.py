"""Reading accounts and parcels and storing invoices."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from harbour_billing.invoices import Invoice, Parcel
from harbour_billing.periods import Period


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    name: str
    email: str
    country: str
    currency: str


class AccountNotFound(LookupError):
    """No account has that id."""


class BillingRepository:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._connection.row_factory = sqlite3.Row

    def account(self, account_id: int) -> Account:
        row = self._connection.execute(
            "SELECT id, name, email, country, currency FROM accounts WHERE id = ?",
            (account_id,),
        ).fetchone()
        if row is None:
            raise AccountNotFound(account_id)
        return Account(**dict(row))

    def accounts(self) -> Iterator[Account]:
        rows = self._connection.execute(
            "SELECT id, name, email, country, currency FROM accounts ORDER BY id"
        )
        for row in rows:
            yield Account(**dict(row))

    def parcels_in(self, account_id: int, period: Period) -> list[Parcel]:
        rows = self._connection.execute(
            "SELECT tracking_code, size, dropped_at, collected_at FROM parcels"
            " WHERE account_id = ? ORDER BY dropped_at",
            (account_id,),
        )
        parcels = [
            Parcel(
                tracking_code=row["tracking_code"],
                size=row["size"],
                dropped_at=datetime.fromisoformat(row["dropped_at"]),
                collected_at=_moment(row["collected_at"]),
            )
            for row in rows
        ]
        return [parcel for parcel in parcels if period.contains(parcel.dropped_at)]

    def save_invoice(self, invoice: Invoice) -> int:
        with self._connection:
            cursor = self._connection.execute(
                "INSERT INTO invoices (account_id, number, period, net_minor, tax_minor,"
                " currency, due_on) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    invoice.account_id,
                    invoice.number,
                    str(invoice.period),
                    invoice.net.minor,
                    invoice.tax.minor,
                    invoice.currency,
                    invoice.due_on.isoformat(),
                ),
            )
            invoice_id = int(cursor.lastrowid or 0)
            self._connection.executemany(
                "INSERT INTO invoice_lines (invoice_id, position, description, quantity,"
                " unit_minor) VALUES (?, ?, ?, ?, ?)",
                [
                    (invoice_id, position, line.description, line.quantity, line.unit.minor)
                    for position, line in enumerate(invoice.lines, start=1)
                ],
            )
        return invoice_id

    def mark_paid(self, number: str, paid_on: date) -> bool:
        with self._connection:
            cursor = self._connection.execute(
                "UPDATE invoices SET status = 'paid', paid_on = ?"
                " WHERE number = ? AND status = 'open'",
                (paid_on.isoformat(), number),
            )
        return cursor.rowcount == 1


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
