from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from realtime import tickets, tokens

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


def test_a_ticket_stands_for_the_session_that_asked_for_it(alice):
    client = Client()
    client.force_login(alice)

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
