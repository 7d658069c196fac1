"""Amounts of money, kept as whole minor units so that sums never drift."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MINOR_DIGITS = {"EUR": 2, "GBP": 2, "SEK": 2, "JPY": 0}


class CurrencyMismatch(ValueError):
    """Two amounts in different currencies were combined."""


@dataclass(frozen=True, slots=True)
class Money:
    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in MINOR_DIGITS:
            raise ValueError(f"unknown currency {self.currency!r}")

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def from_decimal(cls, amount: Decimal, currency: str) -> Money:
        scale = Decimal(10) ** MINOR_DIGITS[currency]
        return cls(int((amount * scale).quantize(Decimal(1), ROUND_HALF_UP)), currency)

    def __add__(self, other: Money) -> Money:
        self._check(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._check(other)
        return Money(self.minor - other.minor, self.currency)

    def times(self, factor: int | Decimal) -> Money:
        exact = Decimal(self.minor) * Decimal(factor)
        return Money(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), self.currency)

    def allocate(self, weights: list[int]) -> list[Money]:
        """Split the amount by weight; the parts always add up to the whole."""
        total = sum(weights)
        if total <= 0:
            raise ValueError("weights must add up to more than zero")
        shares = [self.minor * weight // total for weight in weights]
        rest = self.minor - sum(shares)
        for index in range(rest):
            shares[index % len(shares)] += 1
        return [Money(share, self.currency) for share in shares]

    def format(self) -> str:
        digits = MINOR_DIGITS[self.currency]
        if digits == 0:
            return f"{self.minor} {self.currency}"
        scaled = Decimal(self.minor).scaleb(-digits)
        return f"{scaled:.{digits}f} {self.currency}"

    def _check(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")


def total(amounts: Iterable[Money], currency: str) -> Money:
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result
