from datetime import UTC, datetime

import pytest

from harbour_billing.money import Money
from harbour_billing.tariffs import (
    UnknownSize,
    base_price,
    legacy_zone_price,
    storage_days,
    storage_surcharge,
    volume_discount_percent,
)


def test_price_by_size():
    assert base_price("S") == Money(290, "EUR")
    assert base_price("XL", "GBP") == Money(890, "GBP")


def test_size_must_be_on_the_list():
    with pytest.raises(UnknownSize):
        base_price("XXL")


def test_storage_counts_whole_days():
    dropped = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
    assert storage_days(dropped, datetime(2024, 5, 4, 11, 59, tzinfo=UTC)) == 2
    assert storage_days(dropped, datetime(2024, 5, 4, 12, 0, tzinfo=UTC)) == 3


def test_storage_is_free_for_three_days():
    assert storage_surcharge("M", 3) == Money(0, "EUR")
    assert storage_surcharge("M", 4) == Money(50, "EUR")


def test_storage_surcharge_is_capped():
    assert storage_surcharge("L", 17) == Money(14 * 80, "EUR")
    assert storage_surcharge("L", 90) == Money(14 * 80, "EUR")


def test_volume_discount_starts_at_the_threshold():
    assert volume_discount_percent(49) == 0
    assert volume_discount_percent(50) == 5
    assert volume_discount_percent(200) == 10
    assert volume_discount_percent(500) == 15


def test_legacy_zone_price():
    assert legacy_zone_price(1, "S") == Money(290, "EUR")
    assert legacy_zone_price(3, "S") == Money(430, "EUR")
