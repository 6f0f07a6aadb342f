from __future__ import annotations

import pytest

from realtime.origins import OriginCheck, may_connect

SITE = b"bell.example.com:8443"


@pytest.fixture(autouse=True)
def site(settings):
    settings.ALLOWED_HOSTS = ["bell.example.com", "127.0.0.1", "[::1]"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://trusted.example.com"]
    settings.SESSION_COOKIE_SECURE = False


def handshake(*origins: bytes, host: bytes = SITE) -> list[tuple[bytes, bytes]]:
    return [(b"host", host), *((b"origin", origin) for origin in origins)]


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [
        pytest.param([b"http://bell.example.com:8443"], True, id="the site itself"),
        pytest.param([b"https://trusted.example.com"], True, id="a trusted origin"),
        pytest.param([], True, id="a program sends none"),
        pytest.param([b"https://evil.example"], False, id="evil"),
        pytest.param([b"null"], False, id="null: a sandbox or a local file"),
        pytest.param([b""], False, id="empty"),
        pytest.param([b"http://bell.example.com:9000"], False, id="another port"),
        pytest.param([b"http://bell.example.com"], False, id="no port"),
        pytest.param([b"https://bell.example.com:8443"], False, id="https for http"),
        pytest.param([b"//bell.example.com:8443"], False, id="no scheme"),
        pytest.param([b"bell.example.com:8443"], False, id="a bare host"),
        pytest.param([b"file://bell.example.com:8443"], False, id="a file"),
        pytest.param([b"javascript://bell.example.com:8443"], False, id="a script"),
        pytest.param([b"http://bell.example.com:8443.evil.example"], False, id="a suffix"),
        pytest.param([b"http://evil-bell.example.com:8443"], False, id="a prefix"),
        pytest.param([b"http://bell.example.com:8443@evil.example"], False, id="userinfo"),
        pytest.param([b"http://bell.example.com:8443#"], False, id="a fragment"),
        pytest.param([b"http://bell.example.com:8443/"], False, id="a path"),
        pytest.param([b"http://bell.example.com.:8443"], False, id="a trailing dot"),
        pytest.param([b"HTTP://BELL.EXAMPLE.COM:8443"], False, id="no browser shouts"),
        pytest.param([b"http://bell.example.com:8443"] * 2, False, id="two headers"),
        pytest.param(
            [b"http://bell.example.com:8443", b"https://evil.example"], False, id="one of two"
        ),
        pytest.param([b"http://bell.example.com:8443\xff"], False, id="not ASCII"),
        pytest.param([b"http://127.0.0.1:8443"], False, id="another name of this machine"),
        pytest.param([b"http://sub.trusted.example.com"], False, id="below a trusted one"),
        pytest.param([b"http://trusted.example.com"], False, id="a trusted host without TLS"),
    ],
)
def test_only_the_sites_own_pages_and_trusted_ones_open_a_socket(origins, allowed):
    assert may_connect(handshake(*origins)) is allowed


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        pytest.param(b"127.0.0.1:8000", True, id="an IPv4 address"),
        pytest.param(b"[::1]:8000", True, id="an IPv6 address"),
        pytest.param(b"[::1]", True, id="an IPv6 address without a port"),
        pytest.param(b"BELL.example.COM", True, id="a name has no case"),
        pytest.param(b"rebound.example", False, id="a rebound name"),
        pytest.param(b"bell.example.com.", False, id="a trailing dot"),
        pytest.param(b"user@bell.example.com", False, id="userinfo"),
        pytest.param(b"bell.example.com:80a", False, id="no port number"),
        pytest.param(b"", False, id="empty"),
        pytest.param(b"\xff", False, id="not ASCII"),
    ],
)
def test_the_host_must_be_ours_whatever_the_origin_says(host, allowed):
    origin = b"http://" + host.lower()

    assert may_connect(handshake(origin, host=host)) is allowed
    assert may_connect(handshake(host=host)) is allowed


def test_a_handshake_names_exactly_one_host():
    assert not may_connect([])
    assert not may_connect([(b"host", SITE), (b"host", SITE)])


@pytest.mark.parametrize(
    ("https", "scheme", "origin", "allowed"),
    [
        pytest.param(True, "ws", b"https://bell.example.com:8443", True, id="a proxy ends TLS"),
        pytest.param(True, "ws", b"http://bell.example.com:8443", False, id="a page without TLS"),
        pytest.param(False, "wss", b"https://bell.example.com:8443", True, id="our own TLS"),
        pytest.param(False, "wss", b"http://bell.example.com:8443", False, id="not upgraded"),
    ],
)
def test_the_scheme_counts_too(settings, https, scheme, origin, allowed):
    settings.SESSION_COOKIE_SECURE = https

    assert may_connect(handshake(origin), scheme) is allowed


@pytest.mark.parametrize(
    ("debug", "host", "allowed"),
    [
        pytest.param(True, b"localhost:8000", True, id="this machine, while one develops"),
        pytest.param(True, b"127.0.0.1:8000", True, id="its address"),
        pytest.param(True, b"bell.example.com", False, id="any other"),
        pytest.param(False, b"localhost:8000", False, id="this machine, in production"),
    ],
)
def test_where_no_hosts_are_listed_the_rule_is_djangos(settings, debug, host, allowed):
    settings.DEBUG, settings.ALLOWED_HOSTS = debug, []

    assert may_connect(handshake(b"http://" + host, host=host)) is allowed


@pytest.mark.parametrize(
    ("origin", "reached", "sent"),
    [
        pytest.param(b"http://bell.example.com:8443", True, [], id="own"),
        pytest.param(
            b"https://evil.example", False, [{"type": "websocket.close", "code": 1008}], id="evil"
        ),
    ],
)
async def test_a_foreign_page_never_reaches_the_application(origin, reached, sent):
    seen, answers = [], []

    async def application(scope, receive, send):
        seen.append(scope)

    async def send(message):
        answers.append(message)

    scope = {"type": "websocket", "headers": handshake(origin)}
    await OriginCheck(application)(scope, None, send)

    assert bool(seen) is reached
    assert answers == sent
