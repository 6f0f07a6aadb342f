"""Which jobs the API lists: filters, search, pages, and whose."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

import pytest

from tasks import waiting
from tasks.models import Job

pytestmark = pytest.mark.django_db


def make(owner, kind="mail", queue="mail", **fields):
    return Job.objects.create(owner=owner, kind=kind, queue=queue, **fields)


def listed(tab, **query):
    response = tab.get(f"/api/jobs?{urlencode(query, doseq=True)}")
    assert response.status_code == 200, response.content
    return [job["id"] for job in response.json()["jobs"]]


def ids(*jobs):
    return [str(job.pk) for job in jobs]


def test_several_states_are_asked_for_at_once(tab, alice):
    queued, failed, running = (make(alice, state=s) for s in ("queued", "failed", "running"))

    assert listed(tab, state=["failed", "running"]) == ids(running, failed)
    assert listed(tab, state="queued") == ids(queued)


def test_jobs_are_found_by_queue_and_time(tab, alice):
    days = [datetime(2026, 10, day, tzinfo=UTC) for day in (1, 2, 3)]
    first, second, third = (make(alice, queued_at=day) for day in days)
    elsewhere = make(alice, queue="images", queued_at=days[1])

    assert listed(tab, since="2026-10-02T00:00:00Z") == ids(elsewhere, third, second)
    assert listed(tab, until="2026-10-02") == ids(first)
    assert listed(tab, since="2026-10-02T01:00:00+02:00", until="2026-10-03") == ids(
        elsewhere, second
    )
    assert listed(tab, queue="images") == ids(elsewhere)


LONELY = UUID("0199aaaa-bbbb-7000-8000-00000000cafe")


@pytest.mark.parametrize(
    "search",
    [
        pytest.param(str(LONELY), id="the whole id"),
        pytest.param("0199aaaa-b", id="an id's beginning"),
        pytest.param("0199AAAABB", id="without dashes and in capitals"),
        pytest.param("port", id="a part of the kind"),
        pytest.param("invoice", id="a word of the arguments"),
        pytest.param("INVOICE", id="in any case"),
        pytest.param("subject", id="an argument's name"),
        pytest.param("Grüße", id="not ASCII"),
        pytest.param("50%", id="what SQL takes for a wildcard"),
        pytest.param('say "hi"', id="what JSON escapes"),
        pytest.param("columns", id="a word of the error"),
        pytest.param("columns reports invoice", id="several words, all of them in it"),
    ],
)
def test_a_search_finds(tab, alice, search):
    wanted = make(
        alice,
        id=LONELY,
        kind="reports",
        error="The file has no columns.",
        arguments={"subject": 'Invoice 50% Grüße say "hi" _'},
    )
    make(alice, kind="mail", arguments={"file": "holiday"})

    assert listed(tab, search=search) == ids(wanted)


@pytest.mark.parametrize("search", ["nothing", "cafe", "invoice holiday", "5%0", "\\"])
def test_a_search_finds_nothing_else(tab, alice, search):
    make(alice, id=LONELY, kind="reports", arguments={"subject": "Invoice 50%"})

    assert listed(tab, search=search) == []


def test_filters_and_pages_go_together(tab, alice):
    found = [make(alice, state="failed", arguments={"n": "odd"}) for _ in range(3)]
    make(alice, state="queued", arguments={"n": "odd"})

    first = listed(tab, state="failed", search="odd", limit=2)
    rest = listed(tab, state="failed", search="odd", limit=2, before=first[-1])

    assert first + rest == ids(*reversed(found))


def test_staff_see_anybodys_and_everybodys(staff_tab, alice, bob):
    hers, his, the_sites = make(alice), make(bob), make(None)

    assert listed(staff_tab) == []
    assert listed(staff_tab, owner="alice") == ids(hers)
    assert listed(staff_tab, owner="*") == ids(the_sites, his, hers)
    assert listed(staff_tab, owner="nobody") == []
    told = staff_tab.get("/api/jobs?owner=*").json()["jobs"]
    assert [job["owner"] for job in told] == ["", "bob", "alice"]


@pytest.mark.parametrize("owner", ["*", "bob", "nobody"])
def test_others_see_only_their_own(tab, alice, bob, owner):
    hers, _ = make(alice), make(bob)

    response = tab.get(f"/api/jobs?owner={owner}")

    assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")
    assert listed(tab, owner="alice") == listed(tab) == ids(hers)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("state=queued&state=sleeping", id="one state that is none"),
        pytest.param("queue=a/b", id="no queue's name"),
        pytest.param("since=yesterday", id="no time"),
        pytest.param("since=0001-01-01T00:00:00%2B14:00", id="before all time"),
        pytest.param("until=9999-12-31T23:59:59-14:00", id="after all time"),
        pytest.param("since=1e400", id="a number without end"),
        pytest.param("search=a%00b", id="NUL in a search"),
        pytest.param("search=%1b", id="a control character in a search"),
        pytest.param("search=" + "x" * 201, id="a long search"),
        pytest.param("owner=" + "x" * 151, id="a long name"),
        pytest.param("owner=a%00", id="NUL in a name"),
        pytest.param("before=0199", id="half an id"),
    ],
)
def test_a_wrong_question_is_refused(staff_tab, query):
    response = staff_tab.get(f"/api/jobs?{query}")

    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_request")


def test_a_list_costs_the_same_for_few_and_many(staff_tab, alice, django_assert_max_num_queries):
    def queries(n):
        for _ in range(n):
            make(alice)
        waiting.forget()
        with django_assert_max_num_queries(20) as counted:
            listed(staff_tab, owner="*", limit=100)
        return len(counted)

    listed(staff_tab)  # the first time makes the stream

    assert queries(2) == queries(30)


_SEARCH = """
import sys
from django.contrib.auth.models import User
from tasks import search
from tasks.models import Job
alice = User.objects.get(username="alice")
words = {"subject": 'Grüße say "hi" 50% \\\\'}
job = Job.objects.create(owner=alice, kind="mail", queue="mail", error="Oh dear", arguments=words)
Job.objects.create(owner=alice, kind="images", queue="images")
tried = ["Grüße", 'say "hi"', "50%", "OH mail", str(job.pk), str(job.pk)[:13], "subject", "\\\\"]
for text in tried:
    print([str(found.pk) for found in search.choose(Job.objects.all(), search.Wanted(search=text))])
print(str(job.pk))
"""


def test_both_databases_search_alike(installation):
    *found, wanted = installation.run(_SEARCH).splitlines()

    assert found == [str([wanted])] * 8
