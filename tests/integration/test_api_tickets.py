from __future__ import annotations

import pytest
from django.test import Client

from realtime import tickets, tokens
from tests.people import sign_in

pytestmark = pytest.mark.django_db


def test_a_ticket_stands_for_the_session_that_asked_for_it(alice):
    client = sign_in(alice)

    answer = client.post("/api/tickets").json()

    assert answer["expires_in"] == 30
    assert tickets.redeem(answer["ticket"]) == client.cookies["sessionid"].value


@pytest.mark.parametrize(
    ("client", "status"),
    [
        pytest.param(Client(), 401, id="a stranger"),
        pytest.param(Client(enforce_csrf_checks=True), 403, id="a page of somebody else's"),
    ],
)
def test_a_ticket_is_not_made_for_just_anybody(alice, client, status):
    if client.handler.enforce_csrf_checks:
        client.force_login(alice)

    assert client.post("/api/tickets").status_code == status


def test_a_token_has_no_session_to_make_a_ticket_of(alice):
    answer = Client().post(
        "/api/tickets", headers={"Authorization": f"Bearer {tokens.make(alice.pk)}"}
    )

    assert answer.status_code == 403
    assert "your token opens sockets itself" in answer.json()["error"]["message"]
