"""Billing periods: calendar months in the operator's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

OPERATOR_ZONE = ZoneInfo("Europe/Amsterdam")
PAYMENT_TERM = timedelta(days=14)

_PERIOD = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")


@dataclass(frozen=True, order=True, slots=True)
class Period:
    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Period:
        match = _PERIOD.match(text)
        if match is None:
            raise ValueError(f"not a billing period: {text!r}")
        return cls(int(match.group(1)), int(match.group(2)))

    @classmethod
    def containing(cls, moment: datetime) -> Period:
        if moment.tzinfo is None:
            raise ValueError("moment has no time zone")
        local = moment.astimezone(OPERATOR_ZONE)
        return cls(local.year, local.month)

    def next(self) -> Period:
        if self.month == 12:
            return Period(self.year + 1, 1)
        return Period(self.year, self.month + 1)

    def starts_at(self) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=OPERATOR_ZONE)

    def contains(self, moment: datetime) -> bool:
        return self.starts_at() <= moment < self.next().starts_at()

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def due_date(issued_on: date) -> date:
    """Payment is due after the term; a due day on a weekend moves to Monday."""
    due = issued_on + PAYMENT_TERM
    if due.weekday() >= 5:
        due += timedelta(days=7 - due.weekday())
    return due
