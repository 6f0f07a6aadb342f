"""The benchmark's figures about jobs: how they are reckoned from what was seen."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.bench import stamps
from tests.bench.calls import mean_us
from tests.bench.delivery import Findings
from tests.bench.jobs import Mark, ran
from tests.bench.report import ROWS, findings_table
from tests.bench.works import MEASURES


def test_the_cpu_of_a_job_is_what_was_spent_between_the_looks() -> None:
    first = Mark(done=10, main_ns=5_000_000, child_ns=50_000_000)
    last = Mark(done=110, main_ns=105_000_000, child_ns=350_000_000)

    figures = ran(111, seconds=2.0, first=first, last=last).values

    assert figures == {"": 55.0, " main": 1.0, " child": 3.0, " cpu": 4.0}


@pytest.mark.parametrize(
    ("share", "value"),
    [
        pytest.param(0.5, 51, id="half"),
        pytest.param(0.99, 100, id="nearly all"),
        pytest.param(1.0, 100, id="all"),
    ],
)
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert stamps.percentile([*range(100, 0, -1)], share) == value


def test_a_start_is_the_first_time_that_a_function_began(tmp_path: Path) -> None:
    (tmp_path / "starts").write_text("1 500\n0 400\n1 900\n")

    assert stamps.read(tmp_path / "starts") == {0: 400, 1: 500}


def test_a_call_is_timed_to_the_start_of_its_own_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(stamps.FILE, str(tmp_path / "starts"))
    monkeypatch.setattr(stamps, "PAUSE_SECONDS", (0.0, 0.001))

    moments = stamps.ask(stamps.stamp, 3)

    assert len(moments) == 3
    assert all(called <= began <= returned for called, returned, began in moments)


def test_what_calls_leave_to_do_is_counted_in() -> None:
    wall_us, _ = mean_us(lambda: None, 10, finish=lambda: time.sleep(0.02))

    assert wall_us > 2_000


def test_ratios_above_one_are_in_our_favour() -> None:
    tutorial = Findings("tutorial", {"2 FULL quiet": 100.0, "pace p50": 30.0, "enqueue": 50.0})
    ours = Findings("Bellwire", {"2 FULL telling": 150.0, "pace p50": 10.0, "enqueue": 25.0})

    table = findings_table([tutorial, ours])

    assert "| jobs/s, FULL, two workers | 100 | 150 | 1.5 |" in table
    assert "| enqueue to start, idle worker, p50 ms | 30.0 | 10.0 | 3.0 |" in table
    assert "| jobs recorded and sent, calls/s | 50 | 25 | 0.5 |" in table


def test_every_measure_has_rows_to_be_shown_in() -> None:
    assert {row for row, _ in MEASURES} <= {row.key for row in ROWS}
