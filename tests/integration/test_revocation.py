"""What is told of a session's end, and what is not."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.utils import timezone

from realtime import log
from realtime.topics import Topic
from tests.delivery import undone

pytestmark = pytest.mark.django_db(transaction=True)


def sign_out(session):
    SessionStore(session).flush()


def events(user):
    page = log.read(str(Topic.of_user(user.pk)), after=0)
    return [data for _, data in page.events]


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda user, key: user.save(), id="saved as it was"),
        pytest.param(lambda user, key: user.save(update_fields=["last_login"]), id="log-in"),
        pytest.param(lambda user, key: Client().logout(), id="an anonymous log-out"),
        pytest.param(
            lambda user, key: (
                Session.objects.filter(pk=key).update(expire_date=timezone.now())
                and Session.objects.filter(pk=key).delete()
            ),
            id="a session that was over is cleared away",
        ),
    ],
)
def test_what_ends_no_session_is_not_told(alice, session, act):
    act(alice, session)

    assert events(alice) == []


def test_one_that_is_rolled_back_is_not_told(alice, session):
    with undone(transaction.atomic()):
        sign_out(session)

    assert events(alice) == []
    assert Session.objects.filter(pk=session).exists()


def test_the_key_of_the_session_is_not_given_away(alice, session):
    sign_out(session)

    [event] = events(alice)
    assert session not in event


def test_a_save_that_touches_nothing_of_it_asks_nothing(alice, django_assert_num_queries):
    with django_assert_num_queries(1):
        alice.save(update_fields=["last_login"])


def test_a_new_user_has_no_session_to_end():
    assert events(User.objects.create_user("bob", password="x")) == []
