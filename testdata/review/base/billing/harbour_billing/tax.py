"""Value-added tax by country of the account."""

from __future__ import annotations

from decimal import Decimal

from harbour_billing.money import Money

STANDARD_RATES = {
    "DE": Decimal("0.19"),
    "FR": Decimal("0.20"),
    "IE": Decimal("0.23"),
    "NL": Decimal("0.21"),
    "SE": Decimal("0.25"),
    "GB": Decimal("0.20"),
}


class UnknownCountry(KeyError):
    """No tax rate is on file for the country."""


def rate_for(country: str) -> Decimal:
    try:
        return STANDARD_RATES[country]
    except KeyError:
        raise UnknownCountry(country) from None


def tax_on(net: Money, country: str, *, exempt: bool = False) -> Money:
    if exempt:
        return Money.zero(net.currency)
    return net.times(rate_for(country))
