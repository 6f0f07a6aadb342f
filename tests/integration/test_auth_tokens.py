"""Tokens as credentials."""

from __future__ import annotations

import time

import jwt
import pytest
from django.contrib.auth.models import User

from realtime import tokens
from realtime.errors import TokenExpired
from tests.integration.credentials import INVALID_TOKEN, identify, refusal

pytestmark = pytest.mark.django_db


class TestToken:
    def test_it_says_who_bears_it_and_for_how_long(self, alice):
        who = identify(tokens.make(alice.pk, lifetime_seconds=60), "")

        assert who.user_id == str(alice.pk)
        assert 58 <= who.ttl <= 60

    def test_it_counts_before_the_session(self, session):
        mallory = User.objects.create_user("mallory")

        assert identify(tokens.make(mallory.pk), session).user_id == str(mallory.pk)
        assert refusal("forged", session) == INVALID_TOKEN

    def test_one_whose_time_is_over_can_be_replaced(self, alice):
        with pytest.raises(TokenExpired):
            identify(tokens.make(alice.pk, lifetime_seconds=-1), "")

    @pytest.mark.parametrize(
        "claims",
        [
            pytest.param({"aud": "elsewhere"}, id="for another audience"),
            pytest.param({"sub": None}, id="of nobody"),
            pytest.param({"sub": 1}, id="of a number"),
            pytest.param({"exp": None}, id="without an end"),
            pytest.param({"exp": "soon"}, id="whose end is a word"),
            pytest.param({"nbf": 2**40}, id="not valid yet"),
        ],
    )
    def test_one_that_claims_the_wrong_things_is_refused(self, alice, claims):
        now = int(time.time())
        good = {"sub": str(alice.pk), "aud": tokens.AUDIENCE, "iat": now, "exp": now + 60}
        claims = {name: value for name, value in {**good, **claims}.items() if value is not None}

        assert refusal(jwt.encode(claims, tokens._key(), "HS256")) == INVALID_TOKEN

    def test_one_signed_by_somebody_else_is_refused(self, alice):
        claims = jwt.decode(tokens.make(alice.pk), options={"verify_signature": False})

        assert refusal(jwt.encode(claims, "f" * 32, "HS256")) == INVALID_TOKEN
        assert refusal(jwt.encode(claims, None, "none")) == INVALID_TOKEN

    def test_one_that_was_changed_is_refused(self, alice):
        header, _, signature = tokens.make(alice.pk).split(".")
        _, body, _ = tokens.make(User.objects.create_user("bob").pk).split(".")

        assert refusal(f"{header}.{body}.{signature}") == INVALID_TOKEN

    @pytest.mark.parametrize(
        "text",
        ["x", "..", "a.b.c", "é.é.é", "\x00", "[" * 3000, "x" * 100_000, "eyJhbGciOiJub25lIn0.."],
    )
    def test_what_is_no_token_is_refused(self, text):
        assert refusal(text) == INVALID_TOKEN

    def test_one_of_somebody_who_may_no_longer_sign_in_is_refused(self, alice):
        token, gone = tokens.make(alice.pk), tokens.make(999)
        alice.is_active = False
        alice.save()

        assert refusal(token) == INVALID_TOKEN
        assert refusal(gone) == INVALID_TOKEN
