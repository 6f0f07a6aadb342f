"""Numbers as the language that is spoken writes them."""

from __future__ import annotations

from django.utils.formats import number_format


def number(value: int | str) -> str:
    """Write a number with its thousands apart: 1,000 or 1.000."""
    return str(number_format(value, force_grouping=True))
