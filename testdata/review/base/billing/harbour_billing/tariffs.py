"""Prices for parcels by size, and the surcharge for long storage."""

from __future__ import annotations

from datetime import datetime

from harbour_billing.money import Money

FREE_STORAGE_DAYS = 3
MAX_SURCHARGE_DAYS = 14

_BASE_PRICE_MINOR = {"S": 290, "M": 410, "L": 590, "XL": 890}
_STORAGE_PER_DAY_MINOR = {"S": 50, "M": 50, "L": 80, "XL": 120}
_VOLUME_STEPS = ((500, 15), (200, 10), (50, 5))


class UnknownSize(ValueError):
    """The parcel size is not on the price list."""


def base_price(size: str, currency: str = "EUR") -> Money:
    if size not in _BASE_PRICE_MINOR:
        raise UnknownSize(size)
    return Money(_BASE_PRICE_MINOR[size], currency)


def storage_days(dropped_at: datetime, collected_at: datetime) -> int:
    """Whole days that the parcel lay in the locker."""
    if collected_at < dropped_at:
        raise ValueError("collected before it was dropped")
    return (collected_at - dropped_at).days


def storage_surcharge(size: str, days: int, currency: str = "EUR") -> Money:
    if size not in _STORAGE_PER_DAY_MINOR:
        raise UnknownSize(size)
    billable = min(max(days - FREE_STORAGE_DAYS, 0), MAX_SURCHARGE_DAYS)
    return Money(_STORAGE_PER_DAY_MINOR[size], currency).times(billable)


def volume_discount_percent(parcels_in_period: int) -> int:
    for threshold, percent in _VOLUME_STEPS:
        if parcels_in_period >= threshold:
            return percent
    return 0


def legacy_zone_price(zone: int, size: str) -> Money:
    """Zone prices of the 2021 price list; nothing calls this since the flat tariff."""
    surcharge = {1: 0, 2: 60, 3: 140}[zone]
    return base_price(size) + Money(surcharge, "EUR")
