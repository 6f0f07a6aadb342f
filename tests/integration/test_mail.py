"""Mail to many, at most once each."""

from __future__ import annotations

import email
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.core.mail.backends.base import BaseEmailBackend

from tasks.errors import JobCancelled, UserError
from tasks.job import Run
from tasks.models import Job, Letter
from tasks.work.letters import message_id
from tasks.work.mail import MailServerAway, mail, outcome
from tests import seats

pytestmark = pytest.mark.django_db

THREE = ["a@example.org", "b@example.org", "c@example.org"]


class Server(BaseEmailBackend):
    """A mail server with a mind of its own, behind Django's interface."""

    answers: dict[str, Exception] = {}
    taken: list[str] = []
    states_at_sending: list[str] = []
    opened = 0
    is_up = True

    def open(self):
        if not type(self).is_up:
            raise ConnectionRefusedError
        type(self).opened += 1

    def send_messages(self, messages):
        for message in messages:
            (recipient,) = message.to
            state = Letter.objects.get(recipient=recipient).state
            type(self).states_at_sending.append(state)
            if answer := type(self).answers.get(recipient):
                raise answer
            type(self).taken.append(recipient)
        return len(messages)


@pytest.fixture
def server(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    Server.answers, Server.taken, Server.states_at_sending = {}, [], []
    Server.opened, Server.is_up = 0, True
    return Server


@pytest.fixture
def run():
    alice = User.objects.create_user("alice")
    return Run(Job.objects.create(owner=alice, kind="mail", queue="mail"))


def send(run, recipients=THREE, subject="Hello", body="Hello!"):
    return mail(run, subject=subject, body=body, recipients=recipients)


def states():
    return dict(Letter.objects.values_list("recipient", "state"))


def test_everybody_gets_a_letter_of_their_own(run, settings):
    result = send(run, subject="Grüße")

    assert result == {"sent": 3, "perhaps_sent": [], "refused": [], "skipped": 0}
    assert [message.to for message in outbox.outbox] == [[address] for address in THREE]
    assert {message.subject for message in outbox.outbox} == {"Grüße"}
    assert states() == dict.fromkeys(THREE, "sent")


def test_how_it_goes_is_said_in_numbers_and_names_nobody(run, server):
    server.answers = {"bob@example.org": SMTPServerDisconnected("Connection unexpectedly closed")}
    send(run, recipients=[f"r{n}@example.org" for n in range(149)] + ["bob@example.org"])

    said = run.output.take()
    assert [line.text for line in said] == [
        "Write to 150 recipients",
        "100 of 150 letters: 100 sent",
        "The mail server broke off: this letter has perhaps arrived",
        "150 of 150 letters: 149 sent, 1 perhaps sent",
    ]


def test_a_letter_has_the_same_id_whenever_this_job_writes_it(run, settings):
    settings.DEFAULT_FROM_EMAIL = "Bellwire <post@bell.example>"
    send(run, recipients=["a@example.org"])

    (message,) = outbox.outbox
    sent = email.message_from_bytes(message.message().as_bytes())

    assert sent["Message-ID"].strip() == message_id(run.id, "A@example.org")
    assert sent["Message-ID"].endswith("@bell.example>")
    assert message_id(run.id, "b@example.org") != sent["Message-ID"]


def test_whoever_is_named_twice_gets_one_letter(run):
    result = send(run, recipients=["a@example.org", " A@Example.org", "a@example.org"])

    assert result["sent"] == len(outbox.outbox) == 1


def test_the_intent_is_recorded_before_the_letter_is_sent(run, server):
    send(run)

    assert server.states_at_sending == ["intended"] * 3
    assert server.opened == 1


def test_a_second_run_writes_to_nobody_again(run):
    send(run)
    result = send(run)

    assert result == {"sent": 0, "perhaps_sent": [], "refused": [], "skipped": 3}
    assert len(outbox.outbox) == 3


def test_a_letter_left_in_between_is_perhaps_sent_and_not_repeated(run):
    Letter.objects.create(job=run.job, recipient="b@example.org", message_id="x")

    result = send(run)

    assert result["perhaps_sent"] == ["b@example.org"]
    assert [message.to for message in outbox.outbox] == [["a@example.org"], ["c@example.org"]]


def test_another_job_may_write_to_the_same_people(run):
    send(run)
    other = Run(Job.objects.create(owner=run.job.owner, kind="mail", queue="mail"))

    assert send(other)["sent"] == 3


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(
            SMTPRecipientsRefused({"b@example.org": (550, b"no such user")}),
            "550 no such user",
            id="the recipient",
        ),
        pytest.param(SMTPDataError(554, b"spam"), "554 spam", id="the letter"),
    ],
)
def test_a_refusal_does_not_stop_the_others(run, server, answer, reason):
    server.answers = {"b@example.org": answer}

    result = send(run)

    assert result["sent"] == 2
    assert result["refused"] == [{"recipient": "b@example.org", "reason": reason}]
    assert send(run) == {**result, "sent": 0, "skipped": 2}


def test_a_connection_lost_in_between_is_opened_anew(run, server):
    server.answers = {"b@example.org": SMTPServerDisconnected("gone")}

    result = send(run)

    assert result == {"sent": 2, "perhaps_sent": ["b@example.org"], "refused": [], "skipped": 0}
    assert server.opened == 2
    assert states()["b@example.org"] == "intended"


def test_a_mail_server_that_is_away_is_said_in_a_sentence(run, server):
    server.is_up = False

    with pytest.raises(MailServerAway, match="Nothing was sent"):
        send(run)

    assert not Letter.objects.exists()


def test_a_mail_server_that_is_away_is_tried_again_and_goes_on_where_it_was_lost(run, server):
    server.answers = {"b@example.org": SMTPServerDisconnected()}
    send(run)
    server.answers, server.is_up = {}, False
    with pytest.raises(MailServerAway) as lost:
        send(run)
    server.is_up = True

    result = send(run)

    assert mail.retry.wants(lost.value, run.attempt + 1)
    assert str(lost.value) == "The mail server was lost. 3 recipients were written to before."
    assert server.taken == ["a@example.org", "c@example.org"]
    assert (result["skipped"], result["perhaps_sent"]) == (2, ["b@example.org"])


def test_where_every_letter_is_refused_the_job_has_failed(run, server):
    server.answers = dict.fromkeys(THREE, SMTPDataError(554, b"spam"))

    with pytest.raises(UserError, match="The first answer: 554 spam"):
        send(run)


def test_a_cancellation_leaves_no_letter_in_between(run, server):
    seats.cancel(run)

    with pytest.raises(JobCancelled):
        send(run)

    assert not Letter.objects.exists()


def test_many_refusals_fit_into_a_result():
    refused = [{"recipient": f"{n}@example.org", "reason": "no"} for n in range(300)]

    result = outcome({"sent": 1, "refused": refused}, 301)

    assert (len(result["refused"]), result["refused_omitted"]) == (100, 200)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        pytest.param({"subject": "Hi\nBcc: all@example.org"}, "one line", id="a header"),
        pytest.param({"subject": "Hi\u2028there"}, "one line", id="a line separator"),
        pytest.param({"subject": "  "}, "needs a subject", id="no subject"),
        pytest.param({"recipients": ["nobody"]}, "“nobody” is not an e-mail", id="no address"),
        pytest.param(
            {"recipients": ["a@example.org\nBcc: x@example.org"]},
            "not an e-mail",
            id="a header",
        ),
        pytest.param({"recipients": ["Alice <a@example.org>"]}, "not an e-mail", id="a name"),
        pytest.param({"recipients": [*THREE, "x@"]}, "“x@” is not", id="the last one"),
    ],
)
def test_a_wrong_mail_is_refused_before_anything_is_sent(run, wrong, sentence):
    with pytest.raises(UserError, match=sentence):
        send(run, **wrong)

    assert outbox.outbox == []
    assert not Letter.objects.exists()
