"""Bearer tokens."""

from __future__ import annotations

import base64
import json
import time

import jwt
import pytest
from django.conf import settings

from realtime import tokens
from realtime.errors import Disconnect, TokenExpired


def signed(**changes):
    now = int(time.time())
    claims = {"sub": "7", "aud": "bellwire", "iat": now, "exp": now + 86_400, **changes}
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, tokens._key(), algorithm="HS256")


def unsigned(header: str) -> str:
    return base64.urlsafe_b64encode(header.encode()).decode().rstrip("=") + ".e30.AAAA"


def test_a_token_names_its_bearer_for_an_hour():
    token = tokens.read(tokens.make(42))

    assert token.user_id == "42"
    assert token.expires_at == pytest.approx(time.time() + 3600, abs=5)


def test_an_expired_token_says_so():
    with pytest.raises(TokenExpired):
        tokens.read(tokens.make(42, lifetime_seconds=-1))


def test_the_secret_itself_signs_no_token():
    now = int(time.time())
    claims = {"sub": "7", "aud": "bellwire", "iat": now, "exp": now + 60}
    token = jwt.encode(claims, settings.SECRET_KEY, algorithm="HS256")

    with pytest.raises(Disconnect):
        tokens.read(token)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("nonsense", id="nonsense"),
        pytest.param("a.b.c", id="three parts of nonsense"),
        pytest.param("\ud800.a.b", id="half a surrogate"),
        pytest.param("é.é.é", id="beyond ASCII"),
        pytest.param("x" * 5000, id="too long"),
        pytest.param(unsigned("[" * 2500), id="bottomless header"),
        pytest.param(unsigned(json.dumps({"alg": "none"})), id="unsigned"),
        pytest.param(signed(aud="other"), id="for somebody else"),
        pytest.param(signed(aud=None), id="for nobody"),
        pytest.param(signed(exp=None), id="for ever"),
        pytest.param(signed(iat=None), id="of no time"),
        pytest.param(signed(sub=None), id="of nobody"),
        pytest.param(signed()[:-3] + "AAA", id="another signature"),
    ],
)
def test_a_wrong_token_ends_the_connection(token):
    with pytest.raises(Disconnect) as caught:
        tokens.read(token)

    assert (caught.value.code, caught.value.reason) == (3500, "invalid token")


def test_a_clock_that_is_behind_does_not_refuse_a_new_token():
    assert tokens.read(signed(iat=int(time.time()) + 30)).user_id == "7"
