from decimal import Decimal

import pytest

from harbour_billing.money import CurrencyMismatch, Money, total


def test_adds_amounts_of_one_currency():
    assert Money(250, "EUR") + Money(199, "EUR") == Money(449, "EUR")


def test_refuses_to_mix_currencies():
    with pytest.raises(CurrencyMismatch):
        Money(100, "EUR") + Money(100, "GBP")


def test_unknown_currency_is_refused():
    with pytest.raises(ValueError):
        Money(1, "XXX")


def test_rounds_half_up():
    assert Money.from_decimal(Decimal("1.005"), "EUR") == Money(101, "EUR")
    assert Money(333, "EUR").times(Decimal("0.5")) == Money(167, "EUR")


def test_allocation_keeps_the_total():
    parts = Money(1000, "EUR").allocate([1, 1, 1])
    assert [part.minor for part in parts] == [334, 333, 333]
    assert total(parts, "EUR") == Money(1000, "EUR")


def test_allocation_needs_weights():
    with pytest.raises(ValueError):
        Money(1000, "EUR").allocate([0, 0])


def test_formats_with_the_digits_of_the_currency():
    assert Money(1999, "EUR").format() == "19.99 EUR"
    assert Money(1999, "JPY").format() == "1999 JPY"
    assert Money(-5, "GBP").format() == "-0.05 GBP"
