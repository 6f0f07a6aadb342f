"""What counts as one address, and how fast it may come."""

from __future__ import annotations

import pytest

from realtime import admission
from realtime.admission import Admission, place_of


@pytest.mark.parametrize(
    ("address", "place"),
    [
        pytest.param("203.0.113.7", "203.0.113.7", id="IPv4"),
        pytest.param("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", id="a network of IPv6"),
        pytest.param("2001:db8:1:2::9", "2001:db8:1:2::", id="another address of it"),
        pytest.param("2001:db8:1:3::9", "2001:db8:1:3::", id="the network beside it"),
        pytest.param("::ffff:203.0.113.7", "203.0.113.7", id="IPv4 in IPv6's clothes"),
        pytest.param("fe80::1%eth0", "fe80::", id="with a zone"),
        pytest.param("::1", "::", id="this machine"),
        pytest.param("unix:", "unix:", id="none"),
        pytest.param("", "", id="empty"),
    ],
)
def test_an_address_is_what_one_subscriber_has(address, place):
    assert place_of(address) == place


async def test_the_pace_of_an_address_is_its_own(settings):
    settings.REALTIME = {"burst_handshakes": 1, "handshakes_per_second": 0.001}
    here = Admission()

    assert here.admit_address("203.0.113.7")
    assert not here.admit_address("203.0.113.7")
    assert here.admit_address("203.0.113.8")


async def test_an_address_that_is_turned_away_is_not_counted(settings):
    settings.REALTIME = {"max_sockets_per_address": 1}
    here = Admission()
    here.admit_address("203.0.113.7")

    assert not here.admit_address("203.0.113.7")
    here.release_address("203.0.113.7")

    assert len(here) == 0


async def test_the_addresses_that_are_remembered_are_bounded_and_the_oldest_goes(
    settings, monkeypatch
):
    monkeypatch.setattr(admission, "MAX_PACED", 2)
    settings.REALTIME = {"burst_handshakes": 1, "handshakes_per_second": 0.001}
    here = Admission()
    for address in ("a", "b", "c"):
        assert here.admit_address(address)

    assert not here.admit_address("b")
    assert here.admit_address("a")
    assert len(here._pace) == 2
