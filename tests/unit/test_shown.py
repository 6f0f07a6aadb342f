"""What is shown of a plain task's arguments and result."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tasks import shown


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"a": [1, "ö", None]}, {"a": [1, "ö", None]}, id="JSON"),
        pytest.param(
            datetime(2026, 10, 1, tzinfo=UTC), "2026-10-01T00:00:00Z", id="a time, as Celery's JSON"
        ),
        pytest.param(
            object(), {"note": "This cannot be shown: it is not JSON."}, id="what is not JSON"
        ),
        pytest.param(
            "\0", {"note": "This cannot be shown: it contains a NUL character."}, id="NUL"
        ),
        pytest.param("x" * 70_000, {"note": "This is not shown: it is over 64 KiB."}, id="long"),
        pytest.param(
            [[[[[[[[[[]]]]]]]]]],
            {"note": "This cannot be shown: it is nested too deep."},
            id="deep",
        ),
    ],
)
def test_what_a_task_is_given_and_gives_is_shown_if_it_can_be(value, expected):
    assert shown.shown(value) == expected
