"""What a handshake brings along: a cookie among others, a ticket in the query string."""

from __future__ import annotations

import pytest

from realtime.auth import Credential, credential, session_cookie


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
