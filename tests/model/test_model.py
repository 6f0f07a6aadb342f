"""Whatever happens, in any order: each page hears all of its own, once, in order, to the end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from realtime import feed, history, log, subscription
from tests.model import people
from tests.model.life import STEPS, Life

#: Every bound so low that it is reached at once.
LOW = (
    (feed, "MAX_LATER", 6),
    (feed, "MAX_KEYS", 3),
    (subscription, "MAX_KEYS", 3),
    (subscription, "MAX_HELD", 8),
    (log, "MAX_REPLAY_EVENTS", 12),
    (history, "MAX_REPLAY_BYTES", 40_000),
)


@pytest.fixture
def _people(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # The questions are asked on the loop itself, so that their moment can be chosen.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    people.settle_in()


@pytest.mark.parametrize(
    ("examples", "many", "bounds"),
    [
        pytest.param(150, 20, LOW, id="low bounds"),
        pytest.param(1000, 20, LOW, id="low bounds, for long", marks=pytest.mark.slow),
        pytest.param(60, 310, (), id="real bounds"),
    ],
)
@pytest.mark.usefixtures("_people")
@pytest.mark.timeout(600)
def test_each_page_hears_all_of_its_own_whatever_happens(
    monkeypatch: pytest.MonkeyPatch, examples: int, many: int, bounds: Any
) -> None:
    monkeypatch.setattr(Life, "many", many)
    for module, name, value in bounds:
        monkeypatch.setattr(module, name, value)

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
