from __future__ import annotations

import time
from datetime import timedelta

import jwt
import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from realtime import tickets, tokens
from realtime.auth import Credential, claim, credential, prove, session_cookie
from realtime.errors import Disconnect, TokenExpired
from realtime.models import Ticket
from tests.browser_tab import log_in

pytestmark = pytest.mark.django_db

NO_CREDENTIAL, INVALID_TOKEN = 3501, 3500


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def session(alice):
    return log_in(alice)


def identify(token, session):
    who = claim(token, Credential(session))
    prove(who)
    return who


def refusal(token="", session=""):
    with pytest.raises(Disconnect) as refused:
        identify(token, session)
    return refused.value.code


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


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        pytest.param([], "", id="no cookie"),
        pytest.param([(b"cookie", b"sessionid=abc")], "abc", id="only this"),
        pytest.param([(b"cookie", b"a=1; sessionid=abc; b=2")], "abc", id="among others"),
        pytest.param([(b"cookie", b'sessionid="abc"')], "abc", id="in quotes"),
        pytest.param([(b"cookie", b"csrftoken=abc")], "", id="another"),
        pytest.param([(b"cookie", b"xsessionid=abc")], "", id="a name that ends like it"),
        pytest.param([(b"cookie", b"sessionid=")], "", id="empty"),
        pytest.param([(b"cookie", rb'sessionid="\000\000"')], "", id="NUL, which databases refuse"),
        pytest.param([(b"cookie", b"=; ;;; =x; \xff\xfe")], "", id="nonsense"),
        pytest.param([(b"host", b"x"), (b"cookie", b"sessionid=abc")], "abc", id="after others"),
    ],
)
def test_the_session_key_is_found_among_the_headers(headers, key):
    assert session_cookie(headers) == key


@pytest.mark.parametrize(
    "cookie",
    [
        pytest.param(b'{"a":1}=x; sessionid=abc', id="a name of JSON"),
        pytest.param(b"caf\xe9=1; sessionid=abc", id="a name that is not ASCII"),
        pytest.param(b"a=b c; sessionid=abc", id="a value with a space"),
        pytest.param(b'a="; sessionid=abc', id="an open quote"),
        pytest.param(b"a[0]=1; sessionid=abc", id="brackets"),
        pytest.param(b"expires=x; sessionid=abc", id="a reserved word"),
    ],
)
def test_a_strange_cookie_of_another_program_does_not_sign_anybody_out(cookie):
    assert session_cookie([(b"cookie", cookie)]) == "abc"


@pytest.mark.parametrize(
    ("query", "ticket"),
    [
        pytest.param(b"ticket=abc", "abc", id="a ticket"),
        pytest.param(b"format=json&ticket=abc", "abc", id="among others"),
        pytest.param(b"token=abc&sessionid=abc&access_token=abc", "", id="no lasting credential"),
        pytest.param(b"\xff=%zz&&=&ticket", "", id="nonsense"),
    ],
)
def test_of_a_query_string_only_a_ticket_is_read(query, ticket):
    scope = {"query_string": query, "headers": [(b"cookie", b"sessionid=key")]}

    assert credential(scope) == Credential("key", ticket)


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


def test_a_session_that_ends_between_claim_and_proof_is_not_proved(session):
    who = claim("", Credential(session))
    SessionStore(session).flush()

    with pytest.raises(Disconnect):
        prove(who)


def test_claim_and_proof_of_a_session_cost_two_queries(session, django_assert_num_queries):
    identify("", session)

    with django_assert_num_queries(2):
        identify("", session)
