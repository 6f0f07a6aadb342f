"""Where the marks of a chart go, as text ready for SVG attributes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 320, 96
ROW_HEIGHT, LABEL_WIDTH, BAR_WIDTH = 20, 130, 125
LONGEST_LABEL = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar and what is said when one points at it; lengths in SVG user units."""

    x: str
    y: str
    width: str
    height: str
    title: str
    label: str = ""
    value: str = ""


def upright_bars(bars: Sequence[tuple[str, int]]) -> list[Bar]:
    """Lay out ``(title, count)`` side by side in WIDTH by HEIGHT; what is there shows."""
    greatest = max((count for _, count in bars), default=0) or 1
    step = WIDTH / max(1, len(bars))
    laid = []
    for place, (title, count) in enumerate(bars):
        height = max(1.5, HEIGHT * count / greatest) if count else 0.0
        laid.append(
            Bar(_n(place * step), _n(HEIGHT - height), _n(max(1.0, step - 1.5)), _n(height), title)
        )
    return laid


def lying_bars(bars: Sequence[tuple[str, int]]) -> list[Bar]:
    """Lay out ``(label, count)`` one below the other, ROW_HEIGHT each, labels to the left."""
    greatest = max((count for _, count in bars), default=0) or 1
    return [
        Bar(
            _n(LABEL_WIDTH),
            _n(place * ROW_HEIGHT + 3),
            _n(max(1.5, BAR_WIDTH * count / greatest)),
            _n(ROW_HEIGHT - 6),
            f"{label}: {count:,}",
            label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…",
            f"{count:,}",
        )
        for place, (label, count) in enumerate(bars)
    ]


def _n(number: float) -> str:
    # As text here, so that a template cannot write a decimal comma.
    return f"{number:.1f}"
