from datetime import UTC, date, datetime

import pytest

from harbour_billing.periods import Period, due_date


def test_parses_year_and_month():
    assert Period.parse("2024-05") == Period(2024, 5)


@pytest.mark.parametrize("text", ["2024-13", "2024-5", "24-05", "2024-05-01", ""])
def test_refuses_other_texts(text):
    with pytest.raises(ValueError):
        Period.parse(text)


def test_month_turns_at_local_midnight():
    # 22:30 UTC on 31 May is half past midnight on 1 June in Amsterdam.
    moment = datetime(2024, 5, 31, 22, 30, tzinfo=UTC)
    assert Period.containing(moment) == Period(2024, 6)
    assert not Period(2024, 5).contains(moment)


def test_naive_moments_are_refused():
    with pytest.raises(ValueError):
        Period.containing(datetime(2024, 5, 31, 22, 30))


def test_december_is_followed_by_january():
    assert Period(2024, 12).next() == Period(2025, 1)


def test_due_after_fourteen_days():
    assert due_date(date(2024, 6, 4)) == date(2024, 6, 18)


def test_due_day_moves_off_the_weekend():
    assert due_date(date(2024, 6, 1)) == date(2024, 6, 17)
    assert due_date(date(2024, 6, 2)) == date(2024, 6, 17)
