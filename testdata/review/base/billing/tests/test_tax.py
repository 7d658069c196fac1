import pytest

from harbour_billing.money import Money
from harbour_billing.tax import UnknownCountry, rate_for, tax_on


def test_dutch_rate():
    assert tax_on(Money(1000, "EUR"), "NL") == Money(210, "EUR")


def test_german_rate():
    assert tax_on(Money(1000, "EUR"), "DE") == Money(190, "EUR")


def test_irish_rate():
    assert tax_on(Money(1000, "EUR"), "IE") == Money(230, "EUR")


def test_swedish_rate():
    assert tax_on(Money(1000, "SEK"), "SE") == Money(250, "SEK")


def test_exempt_accounts_pay_no_tax():
    assert tax_on(Money(1000, "EUR"), "DE", exempt=True) == Money.zero("EUR")


def test_unknown_country():
    with pytest.raises(UnknownCountry):
        rate_for("ZZ")
