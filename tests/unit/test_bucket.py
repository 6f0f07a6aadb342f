from __future__ import annotations

import pytest

from realtime.bucket import Bucket


@pytest.mark.parametrize(
    ("takes", "granted"),
    [
        pytest.param([(5, 0.0)], [True], id="all at once"),
        pytest.param([(6, 0.0)], [False], id="more than it holds"),
        pytest.param([(3, 0.0), (3, 0.0)], [True, False], id="what is left is too little"),
        pytest.param([(3, 0.0), (3, 0.0), (2, 0.0)], [True, False, True], id="a no costs nothing"),
        pytest.param([(5, 0.0), (1, 0.4)], [True, False], id="too soon"),
        pytest.param([(5, 0.0), (1, 0.5)], [True, True], id="soon enough"),
        pytest.param([(5, 0.0), (5, 100.0), (1, 100.0)], [True, True, False], id="never over full"),
    ],
)
def test_a_bucket_grants_its_burst_then_its_rate(takes, granted):
    bucket = Bucket(rate=2, burst=5)

    assert [bucket.take(tokens, now) for tokens, now in takes] == granted


def test_a_new_bucket_is_full_whatever_the_time():
    assert Bucket(rate=2, burst=5).take(5, 1e9)
