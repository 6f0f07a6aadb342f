"""Sessions as credentials."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from realtime.auth import Credential, claim, prove
from realtime.errors import Disconnect
from tests.browser_tab import log_in
from tests.integration.credentials import NO_CREDENTIAL, identify, refusal

pytestmark = pytest.mark.django_db


class TestSession:
    def test_it_says_who_is_signed_in(self, alice, session):
        mallory = User.objects.create_user("mallory")

        assert identify("", session).user_id == str(alice.pk)
        assert identify("", log_in(mallory)).user_id == str(mallory.pk)
        assert identify("", session).ttl == 0

    @pytest.mark.parametrize(
        "key",
        [
            pytest.param("", id="none"),
            pytest.param("x" * 32, id="unknown"),
            pytest.param("x", id="too short to be one"),
            pytest.param("x" * 10_000, id="far too long"),
            pytest.param("' OR 1=1 --", id="no key at all"),
            pytest.param("\x00" * 8, id="NUL"),
            pytest.param("é" * 32, id="not ASCII"),
        ],
    )
    def test_a_key_that_opens_nothing_is_no_credential(self, session, key):
        assert refusal(session=key) == NO_CREDENTIAL
        assert Session.objects.count() == 1

    def test_one_without_a_user_is_no_credential(self):
        anonymous = SessionStore()
        anonymous["cart"] = 1
        anonymous.create()

        assert refusal(session=anonymous.session_key) == NO_CREDENTIAL

    def test_one_that_has_expired_is_no_credential(self, session):
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

        assert refusal(session=session) == NO_CREDENTIAL

    def test_one_that_was_logged_out_is_no_credential(self, session):
        SessionStore(session).flush()

        assert refusal(session=session) == NO_CREDENTIAL

    def test_one_of_a_deactivated_person_is_no_credential(self, alice, session):
        alice.is_active = False
        alice.save()

        assert refusal(session=session) == NO_CREDENTIAL

    def test_one_of_a_deleted_person_is_no_credential(self, alice, session):
        alice.delete()

        assert refusal(session=session) == NO_CREDENTIAL

    def test_one_from_before_a_new_password_is_no_credential(self, alice, session):
        alice.password = "another hash"
        alice.save()

        assert refusal(session=session) == NO_CREDENTIAL

    def test_one_whose_backend_is_no_longer_used_is_no_credential(self, session, settings):
        settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.RemoteUserBackend"]

        assert refusal(session=session) == NO_CREDENTIAL

    @pytest.mark.parametrize("content", ["", "broken", "e30:1abc:forged"])
    def test_one_whose_content_is_broken_is_no_credential(self, session, content):
        Session.objects.update(session_data=content)

        assert refusal(session=session) == NO_CREDENTIAL

    def test_a_new_secret_key_keeps_it_while_the_old_one_is_a_fallback(
        self, alice, session, settings
    ):
        old = settings.SECRET_KEY
        settings.SECRET_KEY = "new" * 20
        assert refusal(session=session) == NO_CREDENTIAL

        settings.SECRET_KEY_FALLBACKS = [old]
        assert identify("", session).user_id == str(alice.pk)

    def test_asking_changes_nothing_in_it(self, session):
        before = list(Session.objects.values())

        identify("", session)

        assert list(Session.objects.values()) == before


def test_a_session_that_ends_between_claim_and_proof_is_not_proved(session):
    who = claim("", Credential(session))
    SessionStore(session).flush()

    with pytest.raises(Disconnect):
        prove(who)


def test_claim_and_proof_of_a_session_cost_two_queries(session, django_assert_num_queries):
    identify("", session)

    with django_assert_num_queries(2):
        identify("", session)
