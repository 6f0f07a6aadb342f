"""The benchmark's counting of deliveries, on which its every figure stands."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from tests.bench.rounds import Publisher, Round


def round_of(messages: int, sockets: int = 1, *, all_: bool = False) -> Round:
    publisher: Any = Publisher()
    publisher.transport = SimpleNamespace(write=publisher_wrote.append)
    return Round(publisher, [b"message"] * messages, sockets, first=1, all_=all_)


publisher_wrote: list[bytes] = []


@pytest.mark.parametrize(
    ("numbers", "lost", "doubled"),
    [
        pytest.param([1, 2, 3], 0, 0, id="all once"),
        pytest.param([1, 3], 1, 0, id="one is missing"),
        pytest.param([1, 2], 1, 0, id="the last is missing"),
        pytest.param([1, 2, 2, 3], 0, 1, id="one comes twice"),
        pytest.param([1, 3, 2], 1, 1, id="one comes too late"),
    ],
)
async def test_a_round_counts_what_is_lost_and_what_comes_twice(
    numbers: list[int], lost: int, doubled: int
) -> None:
    played, socket = round_of(3), SimpleNamespace(index=0, last=0)

    for number in numbers:
        played.heard(socket, number)

    assert (played.lost, played.doubled) == (lost, doubled)


async def test_a_saturated_round_publishes_the_next_when_one_is_heard() -> None:
    publisher_wrote.clear()
    played, socket = round_of(3), SimpleNamespace(index=0, last=0)

    running = asyncio.create_task(played.saturate(outstanding=2))
    await asyncio.sleep(0)
    assert played.published == 2

    played.heard(socket, 1)
    await asyncio.sleep(0)
    assert played.published == 3

    played.heard(socket, 2)
    played.heard(socket, 3)
    await running
    assert b"".join(publisher_wrote) == b"message" * 3
