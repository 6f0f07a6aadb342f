"""The page on which a job is repeated with changes: fields, and a sentence beside the wrong one."""

from __future__ import annotations

import re

import pytest

from tasks.models import Job
from tasks.states import State

pytestmark = pytest.mark.django_db

LETTER = {"subject": "Old", "body": "How are you?", "recipients": ["a@example.org"]}


@pytest.fixture
def letter(alice):
    """A mailing of Alice's that has failed."""
    return Job.objects.create(
        owner=alice, kind="mail", queue="mail", state=State.FAILED, arguments=LETTER
    )


def filled(**changes):
    fields = {"subject": "Old", "body": "How are you?", "recipients": "a@example.org", **changes}
    return {"fields": "1"} | {f"argument-{name}": value for name, value in fields.items()}


def html_of(answer):
    return answer.content.decode()


def test_each_argument_has_a_field_with_what_the_job_had(tab, letter):
    html = html_of(tab.get(f"/jobs/{letter.pk}/repeat/"))

    assert re.search(r'<input type="text" value="Old"[^>]* name="argument-subject"', html)
    assert re.search(r'<textarea[^>]* name="argument-body"[^>]*>\nHow are you\?<', html)
    assert re.search(r'<textarea[^>]* name="argument-recipients"[^>]*>\na@example.org<', html)
    assert 'name="arguments"' not in html


def test_what_was_filled_in_is_what_the_new_job_is_given(tab, letter):
    changes = filled(subject="New", recipients="a@example.org\r\nb@example.org\r\n")
    answer = tab.post(f"/jobs/{letter.pk}/repeat/", changes)

    new = Job.objects.get(repeat_of=letter)
    assert answer["Location"] == f"/jobs/{new.pk}/"
    assert new.arguments == {
        "subject": "New",
        "body": "How are you?",
        "recipients": ["a@example.org", "b@example.org"],
    }


def test_what_is_wrong_is_said_beside_its_field_and_all_that_was_written_is_kept(tab, letter):
    answer = tab.post(f"/jobs/{letter.pk}/repeat/", filled(subject="", body="<b>New</b>"))

    html = html_of(answer)
    assert answer.status_code == 422
    assert html.count('role="alert"') == html.count('aria-invalid="true"') == 1
    assert re.search(r'name="argument-subject"[^>]* aria-describedby="wrong"', html)
    assert "&lt;b&gt;New&lt;/b&gt;" in html
    assert Job.objects.count() == 1


def test_what_no_field_is_to_blame_for_is_said_above_them(tab, letter):
    Job.objects.update(state=State.RUNNING)
    html = html_of(tab.post(f"/jobs/{letter.pk}/repeat/", filled()))

    assert "The job has not come to its end." in html
    assert "aria-invalid" not in html


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        pytest.param("mail", {**LETTER, "colour": "red"}, id="arguments of an earlier release"),
        pytest.param("gone", {"a": 1}, id="a kind that is gone"),
    ],
)
def test_what_has_no_field_is_changed_as_json(tab, letter, kind, arguments):
    Job.objects.update(kind=kind, arguments=arguments)
    html = html_of(tab.get(f"/jobs/{letter.pk}/repeat/"))

    assert 'name="arguments"' in html
    assert 'name="fields"' not in html
