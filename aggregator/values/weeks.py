"""Weeks as the archive knows them: from Monday to Sunday, numbered as in ISO 8601."""

from __future__ import annotations

from datetime import date, timedelta


def week_of(day: date) -> str:
    """The week's key: `2026-W48`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def days_of(week: str) -> tuple[date, date]:
    """Its Monday and its Sunday."""
    monday = date.fromisocalendar(int(week[:4]), int(week[-2:]), 1)
    return monday, monday + timedelta(days=6)
