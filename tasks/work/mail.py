"""Mail: one letter to each of many, at most once each, whatever breaks in between."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Annotated, Any

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext, gettext_lazy, ngettext
from msgspec import Meta

from tasks.errors import TaskError, UserError
from tasks.job import Run, job
from tasks.models import Letter
from tasks.numerals import number
from tasks.work import letters

logger = logging.getLogger(__name__)

MAX_RECIPIENTS, MAX_SUBJECT, MAX_BODY = 500, 200, 20_000
#: With their reasons these stay below the 64 KiB of a result.
MAX_REFUSED_SHOWN = 100
#: After how many letters the output says how it goes; it names no addresses.
SAID_EVERY = 100

Subject = Annotated[str, Meta(min_length=1, max_length=MAX_SUBJECT)]
Body = Annotated[str, Meta(max_length=MAX_BODY)]
#: What is no address at all is refused before there is a job; the job looks closer.
Address = Annotated[str, Meta(max_length=254, pattern=r"^\s*[^\s@]+@[^\s@]+\s*$")]
Recipients = Annotated[list[Address], Meta(min_length=1, max_length=MAX_RECIPIENTS)]


class MailServerAway(TaskError):
    """The mail server cannot be reached."""

    code = "mail_server_away"


# No letter is written twice, so it may be tried as often as one likes: within half an hour or so.
@job(
    queue="mail",
    kind="mail",
    name=gettext_lazy("Mailing"),
    notify=True,
    max_attempts=8,
    retry_on=(MailServerAway,),
    backoff=(5, 600),
    time_limit=1800,
    soft_time_limit=1740,
)
def mail(run: Run, *, subject: Subject, body: Body, recipients: Recipients) -> dict[str, Any]:
    """Send a mail to each recipient, by one connection.

    Result: ``{"sent", "perhaps_sent": [address], "refused": [{"recipient", "reason"}],
    "skipped"}``. Skipped are those whom an earlier attempt has written to. Perhaps sent are
    those with whom one broke off: they are not written to again by this job.
    """
    addressed = letters.clean_recipients(recipients)
    mailing = Mailing(run, letters.clean_subject(subject), body)
    run.step(f"Write to {len(addressed):,} recipients")
    for place, recipient in enumerate(addressed, start=1):
        # Before the intent, never after: a cancellation must not leave a letter in between.
        step = gettext("letter %(place)s of %(n)s") % {"place": place, "n": len(addressed)}
        run.progress(place - 1, len(addressed), step)
        mailing.write_to(recipient)
        if place % SAID_EVERY == 0 or place == len(addressed):
            run.log(f"{place:,} of {len(addressed):,} letters: {mailing.so_far()}")
    mailing.close()
    run.progress(len(addressed), len(addressed), "")
    return outcome(mailing.result, len(addressed))


def outcome(result: dict[str, Any], recipients: int) -> dict[str, Any]:
    """Make a mail's result small enough; where every letter was refused it has failed."""
    refused = result["refused"]
    if len(refused) == recipients:
        said = gettext("No letter was taken. The first answer: %(reason)s")
        raise UserError(said % {"reason": refused[0]["reason"]})
    shown = {**result, "refused": refused[:MAX_REFUSED_SHOWN]}
    omitted = len(refused) - len(shown["refused"])
    return shown | ({"refused_omitted": omitted} if omitted else {})


class Mailing:
    """One attempt at a mail: its connection, and the result as it grows."""

    def __init__(self, run: Run, subject: str, body: str) -> None:
        self._run, self._subject, self._body = run, subject, body
        self._connection: BaseEmailBackend | None = None
        self.result: dict[str, Any] = {
            "sent": 0,
            "perhaps_sent": [],
            "refused": [],
            "skipped": 0,
        }

    def write_to(self, recipient: str) -> None:
        """Send one letter, unless an attempt before this one has begun to."""
        connection = self._connected()
        letter, is_first = letters.intend(self._run.id, recipient)
        if is_first:
            self._send(letter, connection)
        self._count(letter, is_first=is_first)

    def so_far(self) -> str:
        """Tell in numbers what became of the letters."""
        count = {**self.result, **{k: len(self.result[k]) for k in ("perhaps_sent", "refused")}}
        return ", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in count.items() if n)

    def close(self) -> None:
        """Say goodbye to the mail server; its answer changes nothing any more."""
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                connection.close()
        except (OSError, SMTPException) as error:
            logger.info("Closing the mail connection: %s", error, extra={"action": "mail.close"})

    def _connected(self) -> BaseEmailBackend:
        if self._connection is None:
            connection = get_connection()
            try:
                connection.open()
            except (OSError, SMTPException) as error:
                raise self._unreachable() from error
            self._connection = connection
        return self._connection

    def _send(self, letter: Letter, connection: BaseEmailBackend) -> None:
        message = letters.compose(letter, self._subject, self._body)
        try:
            connection.send_messages([message])
        except (OSError, SMTPException) as error:
            # SMTPException is an OSError; what has no answer in it is a lost connection.
            refusal = letters.refusal_in(error) if isinstance(error, SMTPException) else ""
            if refusal:
                letters.settle(letter, Letter.State.REFUSED, refusal)
            else:
                self._run.log(
                    "The mail server broke off: this letter has perhaps arrived", "warning"
                )
                self.close()
        else:
            letters.settle(letter, Letter.State.SENT)

    def _count(self, letter: Letter, *, is_first: bool) -> None:
        if letter.state == Letter.State.REFUSED:
            self.result["refused"] += letters.told([letter])
        elif letter.state == Letter.State.INTENDED:
            self.result["perhaps_sent"].append(letter.recipient)
        else:
            self.result["sent" if is_first else "skipped"] += 1

    def _unreachable(self) -> MailServerAway:
        begun = Letter.objects.filter(job_id=self._run.id).count()
        if not begun:
            return MailServerAway(gettext("The mail server cannot be reached. Nothing was sent."))
        said = ngettext(
            "The mail server was lost. %(n)s recipient was written to before.",
            "The mail server was lost. %(n)s recipients were written to before.",
            begun,
        )
        return MailServerAway(said % {"n": number(begun)})
