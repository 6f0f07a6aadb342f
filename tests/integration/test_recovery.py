"""What a client that was away is given: everything, or word that it must reload."""

from __future__ import annotations

import pytest
from django.db import transaction

from realtime import log
from realtime.pool import ask
from realtime.publish import publish
from tests.browser_tab import BrowserTab

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]


@pytest.mark.parametrize(
    ("count", "size", "is_whole"),
    [
        pytest.param(300, 10, True, id="as many as a replay holds"),
        pytest.param(301, 10, False, id="one more"),
        pytest.param(60, 8000, True, id="as many bytes as a replay holds"),
        pytest.param(300, 8000, False, id="far more bytes"),
    ],
)
async def test_what_was_missed_is_given_whole_or_not_at_all(session, topic, count, size, is_whole):
    at = await ask(log.position, str(topic))
    await ask(_append_all, topic, count, size)
    since = {str(topic): {"epoch": at[0], "offset": at[1]}}

    reply = await BrowserTab(session).connect(data={"since": since})

    sub = reply["subs"][str(topic)]
    numbers = [each["data"]["n"] for each in sub.get("publications", [])]
    assert sub.get("recovered", False) is is_whole
    assert numbers == (list(range(count)) if is_whole else [])
    assert sub["offset"] == (at[1] if is_whole else at[1] + count)


def _append_all(topic, count, size):
    with transaction.atomic():
        for n in range(count):
            publish(topic, "greeting", n=n, filler="x" * size)
