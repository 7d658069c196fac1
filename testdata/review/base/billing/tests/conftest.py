from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from harbour_billing.repository import BillingRepository

MIGRATIONS = Path(__file__).parents[2] / "db" / "migrations"


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    for migration in sorted(MIGRATIONS.glob("*.sql")):
        connection.executescript(migration.read_text())
    connection.execute(
        "INSERT INTO accounts (id, name, email, country, currency, created_at) VALUES"
        " (1, 'Maas Books', 'post@maasbooks.example', 'NL', 'EUR', '2023-01-04'),"
        " (2, 'Isar Audio', 'hallo@isaraudio.example', 'DE', 'EUR', '2023-02-11')"
    )
    yield connection
    connection.close()


@pytest.fixture
def repository(connection: sqlite3.Connection) -> BillingRepository:
    return BillingRepository(connection)


@pytest.fixture
def add_parcel(connection: sqlite3.Connection):
    def add(account_id: int, code: str, size: str, dropped: str, collected: str | None = None):
        connection.execute(
            "INSERT INTO parcels (account_id, tracking_code, size, dropped_at, collected_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (account_id, code, size, dropped, collected),
        )

    return add
