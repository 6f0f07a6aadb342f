from __future__ import annotations

import random

import pytest

from realtime import heart
from realtime.conf import Limits
from realtime.heart import Heart
from tests.delivery import until

LIMITS = Limits(ping_seconds=25, pong_seconds=8)


class Patient:
    """Notes the beats at which it is pinged and checked."""

    def __init__(self) -> None:
        self.now = 0
        self.pinged: list[int] = []
        self.checked: list[int] = []

    def ping(self) -> None:
        self.pinged.append(self.now)

    def check_pong(self) -> None:
        self.checked.append(self.now)


async def beat(heart: Heart, patients: list[Patient], seconds: int) -> None:
    for second in range(1, seconds + 1):
        for patient in patients:
            patient.now = second
        heart.beat()
        heart._beats.cancel()


@pytest.fixture
async def beating():
    heart = Heart(LIMITS)
    heart._beats.cancel()
    return heart


async def test_the_first_ping_comes_in_the_second_half_of_the_interval(beating):
    patients = [Patient() for _ in range(200)]
    for patient in patients:
        beating.add(patient)

    await beat(beating, patients, 25)

    firsts = [patient.pinged[0] for patient in patients]
    assert min(firsts) >= 12
    assert max(firsts) <= 24
    assert len(set(firsts)) > 8


async def test_pings_come_every_interval_and_are_checked_a_little_later(beating):
    patient = Patient()
    beating.add(patient)

    await beat(beating, [patient], 100)

    first = patient.pinged[0]
    assert patient.pinged == list(range(first, 101, 25))
    assert {(at - first) % 25 for at in patient.checked} == {8}
    assert first + 8 in patient.checked


async def test_who_has_left_is_not_pinged(beating):
    patient = Patient()
    beating.remove(patient, beating.add(patient))

    await beat(beating, [patient], 60)

    assert patient.pinged == patient.checked == []


async def test_one_may_leave_while_it_is_checked(beating):
    class Weak(Patient):
        def check_pong(self) -> None:
            beating.remove(self, slot)

    weak, strong = Weak(), Patient()
    state = random.getstate()
    slot = beating.add(weak)
    random.setstate(state)
    assert beating.add(strong) == slot

    await beat(beating, [weak, strong], 60)

    assert len(strong.pinged) >= 2
    assert weak.pinged == strong.pinged[:1] or weak.pinged == []


async def test_a_loop_has_one_heart_that_beats_by_itself():
    mine = heart.local()
    first = mine._beats
    assert heart.local() is mine

    await until(lambda: mine._beats is not first, seconds=3)
    mine._beats.cancel()
