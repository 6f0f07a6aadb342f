"""The roll call: of all who are here, who may stay? It finds what Django does not announce."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone

from realtime import roll_call
from realtime.pool import ask
from tests.browser_tab import open_tab
from tests.delivery import say
from tests.integration.hub_stage import rename_table
from tests.integration.statements import counted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]

RECONNECT, DISCONNECT = (3011, "force reconnect"), (3503, "force disconnect")


@pytest.mark.parametrize(
    ("change", "close"),
    [
        pytest.param(
            lambda: Session.objects.update(expire_date=timezone.now()), RECONNECT, id="expired"
        ),
        pytest.param(
            lambda: Session.objects.filter(pk__gt="")._raw_delete("default"), RECONNECT, id="gone"
        ),
        pytest.param(
            lambda: User.objects.update(password="other"), RECONNECT, id="another password"
        ),
        pytest.param(lambda: User.objects.update(is_active=False), DISCONNECT, id="deactivated"),
    ],
)
async def test_what_django_does_not_announce_is_found_by_the_roll_call(session, change, close):
    tab = await open_tab(session)
    await ask(change)
    assert await tab.is_quiet()

    await roll_call.local().call()

    assert await tab.end() == close
    assert roll_call.local().members == set()


async def test_the_roll_call_lets_those_stay_who_may(session, token, topic):
    tabs = [await open_tab(session), await open_tab(token=token)]

    await roll_call.local().call()
    await say(topic, 7)

    assert [(await tab.event())["data"]["n"] for tab in tabs] == [7, 7]


async def test_the_roll_call_asks_two_queries_for_all(session, token):
    tabs = [await open_tab(session) for _ in range(5)] + [await open_tab(token=token)]

    with counted() as queries:
        await roll_call.local().call()

    assert (len(queries), len(tabs)) == (2, 6)


async def test_a_roll_call_that_was_impossible_for_long_closes_all(session, settings, caplog):
    caplog.set_level(100)
    settings.REALTIME = {"unasked_seconds": 0, "roll_call_seconds": 0.01}
    tab = await open_tab(session)
    await ask(rename_table, "django_session", "away")

    assert await tab.end() == (3004, "internal server error")
    await ask(rename_table, "away", "django_session")
