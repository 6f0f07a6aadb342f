"""Jobs in the admin: looked at, cancelled and repeated by who may, edited by nobody."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User

from tasks.models import File, Job, Letter, OutputLine, Step
from tests.people import staff

pytestmark = pytest.mark.django_db

JOBS = "/admin/tasks/job/"
GIVEN = {"recipients": ["a@example.com"], "subject": "Hello", "body": "Hi"}


def make(owner, state="queued", **fields):
    given = {"kind": "mail", "queue": "mail", "arguments": GIVEN, **fields}
    return Job.objects.create(owner=owner, state=state, **given)


def act(client, action, *jobs):
    form = {"action": action, "_selected_action": [str(job.pk) for job in jobs]}
    return client.post(JOBS, form, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_a_job_is_shown_with_its_timeline_and_letters(office, alice):
    job = make(alice, "failed", error="It broke.", traceback='File "x" <script>alert(1)</script>')
    Step.objects.create(job=job, name="failed", by="w1", worker="w1", traceback="<b>deep</b>")
    Letter.objects.create(job=job, recipient="a@example.com", message_id="<1@x>")

    page = office.get(f"{JOBS}{job.pk}/change/").content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;deep&lt;/b&gt;" in page
    assert "<script>alert(1)" not in page
    assert "a@example.com" in page
    assert "It broke." in page


def test_a_long_result_is_folded_and_short_arguments_are_not(office, alice):
    job = make(alice, "succeeded", result={"rows": list(range(30))})

    page = office.get(f"{JOBS}{job.pk}/change/").content.decode()

    assert "<details><summary>34 lines</summary>" in page
    assert page.count(" lines</summary>") == 1


def test_the_end_of_what_a_job_said_is_shown_as_text(office, alice):
    job = make(alice, "running")
    OutputLine.objects.bulk_create(
        OutputLine(job=job, n=n, attempt=1, at=job.queued_at, level="info", text=f"<b>line {n}</b>")
        for n in range(1, 202)
    )

    page = office.get(f"{JOBS}{job.pk}/change/").content.decode()

    assert re.findall(r"1  info     &lt;b&gt;line (\d+)&lt;/b&gt;", page) == [
        str(n) for n in range(2, 202)
    ]
    assert "<b>line" not in page


def test_the_token_of_an_attempt_is_not_shown(office, alice):
    job = make(alice, "running", token="f00d" * 8)

    assert "f00d" not in office.get(f"{JOBS}{job.pk}/change/").content.decode()


@pytest.mark.parametrize("verb", ["change", "delete", "add"])
@pytest.mark.parametrize("model", ["job", "file"])
def test_nothing_is_written_even_by_a_superuser(office, alice, model, verb):
    job = make(alice)
    file = File.objects.create(owner=alice, name="a.csv", size=1)
    row = {"job": job, "file": file}[model]
    place = "add/" if verb == "add" else f"{row.pk}/{verb}/"

    response = office.post(f"/admin/tasks/{model}/{place}", {"state": "succeeded", "post": "yes"})

    assert response.status_code == 403
    assert (Job.objects.get().state, File.objects.count()) == ("queued", 1)


def test_who_may_view_sees_and_does_nothing(alice):
    clerk, job = staff("view_job"), make(alice)

    listed = clerk.get(JOBS)
    act(clerk, "cancel_jobs", job)
    act(clerk, "repeat_jobs", make(alice, "failed"))

    assert (listed.status_code, "mail" in listed.content.decode()) == (200, True)
    assert "cancel_jobs" not in listed.content.decode()
    assert Job.objects.get(pk=job.pk).state == "queued"
    assert Job.objects.count() == 2


@pytest.mark.parametrize(
    ("permissions", "status", "offered"),
    [
        pytest.param([], 403, [], id="nothing"),
        pytest.param(["view_job"], 200, [], id="to view"),
        pytest.param(["change_job"], 200, ["cancel_jobs", "repeat_jobs"], id="to change"),
        pytest.param(["delete_job"], 403, [], id="to delete"),
        pytest.param(["view_job", "delete_job"], 200, [], id="to view and delete"),
        pytest.param(["view_file", "change_file"], 403, [], id="with files alone"),
    ],
)
def test_what_is_offered_is_what_one_may(alice, permissions, status, offered):
    clerk, job = staff(*permissions), make(alice)

    listed, shown = clerk.get(JOBS), clerk.get(f"{JOBS}{job.pk}/change/")

    form = listed.context.get("action_form") if status == 200 else None
    choices = [value for value, _ in form.fields["action"].choices if value] if form else []
    assert (listed.status_code, shown.status_code) == (status, status)
    assert choices == offered


def test_who_may_change_cancels_and_repeats_and_is_told_how_many(alice):
    clerk = staff("change_job")
    waiting, running, ended = (make(alice, s) for s in ("queued", "running", "failed"))

    cancelled = act(clerk, "cancel_jobs", waiting, running, ended)
    repeated = act(clerk, "repeat_jobs", waiting, running, ended)

    assert said(cancelled) == ["Cancelled: 1.", "Asked to stop: 1.", "Had ended before: 1."]
    assert said(repeated) == ["Queued once more: 2.", "The job has not come to its end: 1."]
    assert waiting.steps.get().by == "clerk"
    assert set(Job.objects.exclude(repeat_of=None).values_list("repeat_of", flat=True)) == {
        waiting.pk,
        ended.pk,
    }


@pytest.mark.parametrize("page", [JOBS, "/admin/tasks/file/"])
def test_who_may_do_nothing_sees_nothing(page):
    assert staff().get(page).status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("state__exact=failed", 1, id="by state"),
        pytest.param("kind=mail", 2, id="by kind"),
        pytest.param("queue=images", 1, id="by queue"),
        pytest.param("queued_at__gte=2100-01-01+00%3A00%3A00%2B00%3A00", 0, id="by date"),
        pytest.param("q=alice", 3, id="by owner"),
        pytest.param("q=Hello+mail", 2, id="by words of arguments and kind"),
        pytest.param("q=%00", 3, id="by nothing at all"),
    ],
)
def test_jobs_are_found(office, alice, query, found):
    make(alice)
    make(alice, "failed")
    make(alice, kind="images", queue="images", arguments={})

    changelist = office.get(f"{JOBS}?{query}").context["cl"]

    assert changelist.result_count == found


@pytest.mark.parametrize("page", ["jobs", "job", "files"])
def test_a_page_costs_the_same_for_few_rows_and_many(
    office, alice, page, django_assert_max_num_queries
):
    job = make(alice)
    address = {"jobs": JOBS, "job": f"{JOBS}{job.pk}/change/", "files": "/admin/tasks/file/"}[page]

    def queries(rows):
        for n in range(rows):
            owner = User.objects.create_user(f"owner{User.objects.count()}")
            make(owner, "failed")
            File.objects.create(owner=owner, job=job, name="a.csv", size=1)
            Step.objects.create(job=job, name="started", by="w1")
            Letter.objects.create(job=job, recipient=f"{owner}-{n}@example.com", message_id="1")
        with django_assert_max_num_queries(30) as counted:
            assert office.get(address).status_code == 200
        return len(counted)

    queries(1)
    assert queries(1) == queries(20)


def test_an_account_with_jobs_can_still_be_deleted(office, alice):
    make(alice)

    response = office.post(f"/admin/auth/user/{alice.pk}/delete/", {"post": "yes"})

    assert response.status_code == 302
    assert not User.objects.filter(pk=alice.pk).exists()
