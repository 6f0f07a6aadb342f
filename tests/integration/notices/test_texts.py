"""What a card says: no text keeps a job from its end."""

from __future__ import annotations

import pytest

from realtime.errors import InvalidNotification
from tasks.checks import check_links
from tasks.job import Run, job
from tasks.outcomes import failed
from tests.integration.inboxes import listed
from tests.integration.notices import DONE, run

pytestmark = pytest.mark.django_db


def test_what_is_said_is_in_the_sites_language(alice, tally, settings):
    settings.LANGUAGE_CODE = "de"
    tally.enqueue(owner=alice)

    run(DONE)

    assert listed(alice)[0]["title"] == "Monthly tally: fertig"


@pytest.mark.parametrize(
    ("error", "body"),
    [
        pytest.param("a\x1b[31mred\x1b[0m", "ared", id="a terminal's colours"),
        pytest.param("one\r\ntwo\u2028three\x85four", "one\ntwo\nthree\nfour", id="lines"),
        pytest.param("a\ud800b\x07", "a?b", id="half a character"),
        pytest.param("\N{BELL}" * 2000, "\N{BELL}" * 799 + "…", id="a long one"),
    ],
)
def test_no_error_keeps_a_job_from_its_end(alice, tally, error, body):
    tally.enqueue(owner=alice)

    run(failed(error))

    assert listed(alice)[0]["body"] == body


@pytest.mark.parametrize("name", ["a\nb\tc\u2028d", "N" * 100, "\N{BELL}\x00"], ids=repr)
def test_no_name_keeps_a_job_from_its_end(alice, name):
    @job(name=name, notify=True)
    def odd(job: Run) -> None: ...

    odd.enqueue(owner=alice)
    run(DONE)

    assert len(listed(alice)) == 1


def test_a_kind_that_cannot_be_told_of_is_refused_where_it_is_declared():
    with pytest.raises(InvalidNotification, match="kind"):

        @job(kind="a\nb", notify=True)
        def odd(job: Run) -> None: ...


@pytest.mark.parametrize(
    ("setting", "value", "is_refused"),
    [
        pytest.param("JOB_PAGE", "", False, id="no page"),
        pytest.param("JOB_PAGE", "/jobs/{id}/", False, id="a page"),
        pytest.param("JOB_PAGE", "https://example.org/{id}", False, id="a page elsewhere"),
        pytest.param("JOB_PAGE", "javascript:{id}", True, id="a script"),
        pytest.param("JOB_PAGE", "jobs/{id}", True, id="a relative path"),
        pytest.param("SITE_URL", "https://jobs.example.org", False, id="the site"),
        pytest.param("SITE_URL", "jobs.example.org", True, id="a site without https"),
    ],
)
def test_a_link_that_cannot_be_told_is_refused_at_start(settings, setting, value, is_refused):
    setattr(settings, setting, value)

    found = [problem.msg for problem in check_links()]

    assert [setting in message for message in found] == ([True] if is_refused else [])
