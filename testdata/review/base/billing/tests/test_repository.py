from datetime import date

import pytest

from harbour_billing.invoices import build_invoice
from harbour_billing.periods import Period
from harbour_billing.repository import AccountNotFound

MAY = Period(2024, 5)


def test_reads_an_account(repository):
    account = repository.account(1)
    assert (account.name, account.country) == ("Maas Books", "NL")


def test_missing_account(repository):
    with pytest.raises(AccountNotFound):
        repository.account(99)


def test_accounts_come_in_order(repository):
    assert [account.id for account in repository.accounts()] == [1, 2]


def test_parcels_of_the_period(repository, add_parcel):
    add_parcel(1, "A1", "S", "2024-05-02T10:00:00+00:00")
    add_parcel(1, "A2", "S", "2024-06-02T10:00:00+00:00")
    add_parcel(2, "B1", "S", "2024-05-02T10:00:00+00:00")
    assert [parcel.tracking_code for parcel in repository.parcels_in(1, MAY)] == ["A1"]


def test_saves_invoice_with_lines(repository, add_parcel, connection):
    add_parcel(1, "A1", "S", "2024-05-02T10:00:00+00:00")
    parcels = repository.parcels_in(1, MAY)
    invoice = build_invoice(1, "NL", "EUR", MAY, parcels, issued_on=date(2024, 6, 3))
    invoice_id = repository.save_invoice(invoice)
    row = connection.execute("SELECT * FROM invoices WHERE id = ?", (invoice_id,)).fetchone()
    assert (row["net_minor"], row["tax_minor"], row["status"]) == (290, 61, "open")
    lines = connection.execute("SELECT description FROM invoice_lines").fetchall()
    assert [line["description"] for line in lines] == ["Parcel S"]


def test_marks_paid_once(repository):
    invoice = build_invoice(1, "NL", "EUR", MAY, [], issued_on=date(2024, 6, 3))
    repository.save_invoice(invoice)
    assert repository.mark_paid(invoice.number, date(2024, 6, 9)) is True
    assert repository.mark_paid(invoice.number, date(2024, 6, 9)) is False
