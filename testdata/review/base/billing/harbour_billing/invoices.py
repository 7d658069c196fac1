"""Building invoices from the parcels of a billing period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from harbour_billing import tariffs, tax
from harbour_billing.money import Money, total
from harbour_billing.periods import Period, due_date

LATE_FEE_PERCENT = Decimal("1.5")
LATE_FEE_MINIMUM_MINOR = 500


@dataclass(frozen=True, slots=True)
class Parcel:
    tracking_code: str
    size: str
    dropped_at: datetime
    collected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    description: str
    quantity: int
    unit: Money

    @property
    def amount(self) -> Money:
        return self.unit.times(self.quantity)


@dataclass(slots=True)
class Invoice:
    number: str
    account_id: int
    period: Period
    currency: str
    country: str
    due_on: date
    lines: list[InvoiceLine] = field(default_factory=list)
    tax_exempt: bool = False
    paid_on: date | None = None

    @property
    def net(self) -> Money:
        return total((line.amount for line in self.lines), self.currency)

    @property
    def tax(self) -> Money:
        return tax.tax_on(self.net, self.country, exempt=self.tax_exempt)

    @property
    def gross(self) -> Money:
        return self.net + self.tax


def invoice_number(period: Period, account_id: int, sequence: int) -> str:
    return f"HL{period.year % 100:02d}{period.month:02d}-{account_id:06d}-{sequence:02d}"


def build_invoice(
    account_id: int,
    country: str,
    currency: str,
    period: Period,
    parcels: Sequence[Parcel],
    *,
    issued_on: date,
    sequence: int = 1,
    tax_exempt: bool = False,
) -> Invoice:
    """One line per parcel size, one for storage, and a discount line if one is due."""
    billed = [parcel for parcel in parcels if period.contains(parcel.dropped_at)]
    invoice = Invoice(
        number=invoice_number(period, account_id, sequence),
        account_id=account_id,
        period=period,
        currency=currency,
        country=country,
        due_on=due_date(issued_on),
        tax_exempt=tax_exempt,
    )
    by_size = Counter(parcel.size for parcel in billed)
    for size in sorted(by_size):
        invoice.lines.append(
            InvoiceLine(f"Parcel {size}", by_size[size], tariffs.base_price(size, currency))
        )
    storage = _storage_total(billed, currency)
    if storage.minor:
        invoice.lines.append(InvoiceLine("Storage beyond free days", 1, storage))
    percent = tariffs.volume_discount_percent(len(billed))
    if percent:
        discount = invoice.net.times(Decimal(percent) / 100)
        invoice.lines.append(
            InvoiceLine(f"Volume discount {percent} %", 1, Money(-discount.minor, currency))
        )
    return invoice


def late_fee(invoice: Invoice, today: date) -> Money:
    """Fee for an unpaid invoice: 1.5 % a started month overdue, at least 5.00."""
    if invoice.paid_on is not None or today <= invoice.due_on:
        return Money.zero(invoice.currency)
    months = (today - invoice.due_on).days // 30 + 1
    fee = invoice.gross.times(LATE_FEE_PERCENT * months / 100)
    return max(fee, Money(LATE_FEE_MINIMUM_MINOR, invoice.currency), key=lambda m: m.minor)


def _storage_total(parcels: Sequence[Parcel], currency: str) -> Money:
    surcharges = []
    for parcel in parcels:
        if parcel.collected_at is None:
            continue
        days = tariffs.storage_days(parcel.dropped_at, parcel.collected_at)
        surcharges.append(tariffs.storage_surcharge(parcel.size, days, currency))
    return total(surcharges, currency)
