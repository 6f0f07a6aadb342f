"""Tickets as credentials."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from realtime import tickets
from realtime.auth import Credential, claim
from realtime.errors import Disconnect
from realtime.models import Ticket

pytestmark = pytest.mark.django_db


class TestTicket:
    def test_it_opens_its_session_once(self, alice, session):
        ticket = tickets.make(session)
        found = Credential(session_key="", ticket=ticket)

        assert claim("", found).user_id == str(alice.pk)
        with pytest.raises(Disconnect):
            claim("", found)

    def test_a_late_one_opens_nothing_and_is_gone(self, session):
        ticket = tickets.make(session)
        Ticket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

        assert tickets.redeem(ticket) == ""
        assert not Ticket.objects.exists()

    def test_one_of_a_session_that_ended_opens_nothing(self, session):
        ticket = tickets.make(session)
        SessionStore(session).flush()

        with pytest.raises(Disconnect):
            claim("", Credential(ticket=ticket))

    @pytest.mark.parametrize("ticket", ["x", "\x00", "é" * 40, "' OR 1=1 --", "x" * 10_000])
    def test_what_is_no_ticket_opens_nothing_even_beside_a_cookie(self, session, ticket):
        with pytest.raises(Disconnect):
            claim("", Credential(session, ticket))

    def test_those_that_nobody_used_in_time_are_thrown_away(self, session):
        tickets.make(session)
        Ticket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        tickets.make(session)

        assert Ticket.objects.count() == 1

    def test_the_ticket_itself_is_not_kept(self, session):
        ticket = tickets.make(session)

        assert ticket not in str(list(Ticket.objects.values()))
