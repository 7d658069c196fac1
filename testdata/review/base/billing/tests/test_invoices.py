from datetime import UTC, date, datetime

from harbour_billing.invoices import Invoice, InvoiceLine, Parcel, build_invoice, late_fee
from harbour_billing.money import Money
from harbour_billing.periods import Period

MAY = Period(2024, 5)


def moment(day: int, hour: int = 12) -> datetime:
    return datetime(2024, 5, day, hour, tzinfo=UTC)


def invoice_of(net_minor: int) -> Invoice:
    return Invoice(
        number="HL2405-000001-01",
        account_id=1,
        period=MAY,
        currency="EUR",
        country="NL",
        due_on=date(2024, 6, 17),
        lines=[InvoiceLine("Parcel M", 1, Money(net_minor, "EUR"))],
    )


def build(parcels: list[Parcel]) -> Invoice:
    return build_invoice(1, "NL", "EUR", MAY, parcels, issued_on=date(2024, 6, 3))


def test_one_line_for_each_size():
    invoice = build(
        [
            Parcel("A1", "S", moment(2)),
            Parcel("A2", "S", moment(3)),
            Parcel("A3", "L", moment(4)),
        ]
    )
    assert [(line.description, line.quantity) for line in invoice.lines] == [
        ("Parcel L", 1),
        ("Parcel S", 2),
    ]
    assert invoice.net == Money(590 + 2 * 290, "EUR")


def test_parcels_of_other_months_are_left_out():
    late = datetime(2024, 6, 2, 12, tzinfo=UTC)
    assert build([Parcel("A1", "S", late)]).lines == []


def test_storage_is_billed_on_its_own_line():
    invoice = build([Parcel("A1", "M", moment(1), moment(9))])
    assert invoice.lines[-1].description == "Storage beyond free days"
    assert invoice.lines[-1].amount == Money(5 * 50, "EUR")


def test_volume_discount():
    invoice = build([Parcel(f"A{n}", "S", moment(2)) for n in range(50)])
    assert invoice.lines[-1].description == "Volume discount 5 %"
    assert invoice.lines[-1].amount == Money(-725, "EUR")


def test_gross_is_net_and_tax():
    invoice = invoice_of(1000)
    assert invoice.tax == Money(210, "EUR")
    assert invoice.gross == Money(1210, "EUR")


def test_number_names_period_and_account():
    assert build([]).number == "HL2405-000001-01"


def test_no_late_fee_on_the_due_day():
    assert late_fee(invoice_of(100_000), date(2024, 6, 17)) == Money.zero("EUR")


def test_late_fee_has_a_minimum():
    assert late_fee(invoice_of(1000), date(2024, 6, 18)) == Money(500, "EUR")


def test_late_fee_grows_by_the_month():
    invoice = invoice_of(100_000)
    assert late_fee(invoice, date(2024, 6, 18)) == Money(1815, "EUR")
    assert late_fee(invoice, date(2024, 7, 17)) == Money(3630, "EUR")


def test_paid_invoices_have_no_late_fee():
    invoice = invoice_of(100_000)
    invoice.paid_on = date(2024, 6, 10)
    assert late_fee(invoice, date(2024, 9, 1)) == Money.zero("EUR")
