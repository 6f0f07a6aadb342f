from __future__ import annotations

import pytest

from realtime.history import MAX_REPLAY_BYTES, is_whole


def events(first, last):
    return [(offset, "{}") for offset in range(first, last + 1)]


@pytest.mark.parametrize(
    ("missed", "after", "head", "whole"),
    [
        pytest.param([], 7, 7, True, id="nothing was missed"),
        pytest.param([], 0, 0, True, id="the beginning of an empty stream"),
        pytest.param([], 6, 7, False, id="the missing event is gone"),
        pytest.param([], 8, 7, False, id="ahead of the head"),
        pytest.param([], -1, 0, False, id="before the beginning"),
        pytest.param(events(4, 7), 3, 7, True, id="all that was missed"),
        pytest.param(events(1, 7), 0, 7, True, id="everything"),
        pytest.param(events(5, 7), 3, 7, False, id="the first is gone"),
        pytest.param(events(4, 6), 3, 7, False, id="cut short by a limit"),
        pytest.param(events(1, 7), -5, 7, False, id="a negative position"),
    ],
)
def test_history_answers_all_or_no(missed, after, head, whole):
    assert is_whole(missed, after, head) is whole


@pytest.mark.parametrize(
    ("size", "whole"),
    [
        pytest.param(MAX_REPLAY_BYTES // 2, True, id="just fits"),
        pytest.param(MAX_REPLAY_BYTES // 2 + 1, False, id="a byte too many"),
    ],
)
def test_a_replay_is_bounded_in_size(size, whole):
    missed = [(1, "x" * size), (2, "x" * (MAX_REPLAY_BYTES // 2))]

    assert is_whole(missed, 0, 2) is whole
