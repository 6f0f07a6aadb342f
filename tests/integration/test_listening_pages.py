"""Which pages may listen over HTTP; what is refused is in the long polls' table of mistakes."""

from __future__ import annotations

import pytest

from tests.http_listener import HttpListener
from tests.integration.hub_stage import append

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]


@pytest.mark.parametrize(
    ("scheme", "headers"),
    [
        pytest.param("http", {}, id="no page at all"),
        pytest.param(
            "http",
            {"origin": "http://localhost", "sec_fetch_site": "same-origin"},
            id="the site's own",
        ),
        pytest.param("https", {"origin": "https://localhost"}, id="the site's own over TLS"),
        pytest.param(
            "http",
            {"origin": "https://partner.example", "sec_fetch_site": "cross-site"},
            id="one of another site that is trusted",
        ),
    ],
)
async def test_a_page_that_is_trusted_may_listen(session, topic, settings, scheme, headers):
    settings.CSRF_TRUSTED_ORIGINS = ["https://partner.example"]
    await append(1, topic=topic)
    poll = HttpListener(session, "wait=5", **headers)
    poll.scope["scheme"] = scheme

    assert (await poll.answer())[0] == 200


async def test_over_tls_a_page_without_it_may_not_listen(session):
    poll = HttpListener(session, "wait=5", origin="http://localhost")
    poll.scope["scheme"] = "https"

    assert await poll.status() == 403


async def test_a_credential_of_another_kind_hides_no_session(session, topic):
    await append(1, topic=topic)
    poll = HttpListener(session, "wait=5", authorization="Basic YWxpY2U6eA==")

    assert (await poll.answer())[0] == 200
