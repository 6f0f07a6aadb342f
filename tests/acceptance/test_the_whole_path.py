from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.acceptance.site import Person, Site, wait_until

ROWS = b"city,population\n" + b"".join(b"Town %d,%d\n" % (n, n * 37 % 1000) for n in range(50_000))


def test_a_job_ends_and_its_owner_sees_it_from_queue_to_result(alice: Person) -> None:
    file = alice.upload("towns.csv", ROWS, "text/csv")

    with alice.tab() as tab:
        job = alice.start("reports", file=file)
        told = tab.publications(until="job.succeeded")

    events = [each["data"] for each in told if "offset" in each]
    assert [event["type"] for event in events] == ["job.queued", "job.started", "job.succeeded"]
    assert {each["data"]["job"]["id"] for each in told} == {job["id"]}
    offsets = [each["offset"] for each in told if "offset" in each]
    assert offsets == list(range(offsets[0], offsets[0] + 3))
    _, done = alice.request("GET", f"/api/jobs/{job['id']}")
    assert done["state"] == "succeeded"
    assert done["result"]["rows"] == 50_000


def test_two_processes_serve_one_persons_tabs_and_both_hear_everything(
    site: Site, alice: Person
) -> None:
    file = alice.upload("towns.csv", ROWS, "text/csv")

    with ExitStack() as tabs:
        opened = [tabs.enter_context(alice.tab()) for _ in range(12)]
        spread = site.sockets()
        alice.start("reports", file=file)
        heard = [
            [p["offset"] for p in tab.publications(until="job.succeeded") if "offset" in p]
            for tab in opened
        ]

    assert len(spread) == 2
    assert all(spread.values()), spread
    assert all(each == heard[0] for each in heard)
    assert len(heard[0]) == 3


def test_nobody_else_hears_of_a_job_or_reads_it(alice: Person, bob: Person) -> None:
    file = alice.upload("towns.csv", ROWS, "text/csv")

    with bob.tab() as theirs, alice.tab() as mine:
        job = alice.start("reports", file=file)
        mine.publications(until="job.succeeded")
        own = bob.start("mail", subject="Hi", body="There", recipients=["a@example.org"])
        heard = theirs.publications(until="job.succeeded")

    assert {each["data"]["job"]["id"] for each in heard} == {own["id"]}
    unknown = bob.request("GET", "/api/jobs/01990000-0000-7000-8000-000000000000")
    assert bob.request("GET", f"/api/jobs/{job['id']}") == unknown
    assert unknown[0] == 404


def test_a_tab_that_was_away_is_told_all_that_it_missed_in_order(alice: Person) -> None:
    with alice.tab() as tab:
        place = next(iter(tab.connected["subs"].values()))
    topic = next(iter(tab.connected["subs"]))
    since = {"recover": True, "epoch": place["epoch"], "offset": place["offset"]}
    job = alice.start("mail", subject="Hi", body="There", recipients=["a@example.org"])
    _wait_for_end(alice, job["id"])

    with alice.tab(subs={topic: since}) as back:
        sub = back.connected["subs"][topic]

    assert sub["recovered"] is True
    assert sub["offset"] == place["offset"]
    types = [each["data"]["type"] for each in sub["publications"]]
    assert types == ["job.queued", "job.started", "job.succeeded", "notification.created"]


def test_a_position_of_another_history_is_told_to_reload(alice: Person) -> None:
    with alice.tab() as tab:
        topic = next(iter(tab.connected["subs"]))

    with alice.tab(subs={topic: {"recover": True, "epoch": "other", "offset": 1}}) as back:
        sub = back.connected["subs"][topic]

    assert "recovered" not in sub
    assert sub["was_recovering"] is True
    assert "publications" not in sub


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_the_shared_address_answers_for_the_whole_fleet(site: Site, path: str) -> None:
    status, _ = site.get(path)

    assert status == 200


def _wait_for_end(person: Person, job_id: str) -> None:
    wait_until(lambda: person.request("GET", f"/api/jobs/{job_id}")[1]["finished_at"])
