"""How the pages speak of jobs before any script runs."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from project.templatetags.jobs import start


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "Starts in a moment."),
        (9.9, "Starts in a moment."),
        (10, "Starts in about 10 s."),
        (11, "Starts in about 20 s."),
        (54, "Starts in about 60 s."),
        (55, "Starts in about a minute."),
        (89, "Starts in about a minute."),
        (100, "Starts in about 2 min."),
        (5_399, "Starts in about 90 min."),
        (5_400, "Starts in about 2 h."),
    ],
)
def test_when_a_job_may_start_is_told_as_roughly_as_it_is_known(seconds: float, said: str) -> None:
    assert start(seconds) == said


def test_it_is_told_in_the_readers_language() -> None:
    with override("de"):
        assert start(100) == "Beginnt in etwa 2 min."
