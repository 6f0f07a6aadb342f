"""Letters: who gets one, what it is called, and sending it at most once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from email.utils import parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.utils.translation import gettext

from tasks.errors import UserError
from tasks.models import Letter
from tasks.sentences import clean

#: Of Unicode: what starts a new line somewhere, and other control characters.
_NOT_IN_A_HEADER = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def clean_subject(subject: str) -> str:
    """Strip a subject; one that could start another header is a UserError."""
    if _NOT_IN_A_HEADER.search(subject):
        raise UserError(gettext("The subject is one line, without control characters."))
    if not (stripped := subject.strip()):
        raise UserError(gettext("The mail needs a subject."))
    return stripped


def clean_recipients(addresses: Sequence[str]) -> list[str]:
    """Give each address once, in order; one that is none is a UserError that names it."""
    recipients: dict[str, str] = {}
    for address in addresses:
        stripped = address.strip()
        try:
            validate_email(stripped)
        except ValidationError as error:
            said = gettext("“%(address)s” is not an e-mail address.")
            # As ASCII: letters that look like others are seen for what they are.
            raise UserError(said % {"address": clean(ascii(stripped)[1:-1], 80)}) from error
        recipients.setdefault(stripped.casefold(), stripped)
    return list(recipients.values())


def message_id(job_id: UUID, recipient: str) -> str:
    """Name a letter: the same name whenever this job writes to this person (RFC 5322, 3.6.4).

    A mail server or reader that gets it twice can tell.
    """
    digest = hashlib.sha256(recipient.casefold().encode()).hexdigest()[:12]
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{job_id.hex}.{digest}@{domain}>"


def intend(job_id: UUID, recipient: str) -> tuple[Letter, bool]:
    """Record that a letter is about to be sent; tell whether this call is the first to.

    The unique row is the lock: of two attempts at one job one may send.
    """
    return Letter.objects.get_or_create(
        job_id=job_id, recipient=recipient, defaults={"message_id": message_id(job_id, recipient)}
    )


def compose(letter: Letter, subject: str, body: str) -> EmailMessage:
    """Write the letter that its row names."""
    headers = {"Message-ID": letter.message_id}
    return EmailMessage(subject, body, to=[letter.recipient], headers=headers)


def settle(letter: Letter, state: Letter.State, reason: str = "") -> None:
    """Record what became of a letter."""
    letter.state, letter.reason = state, clean(reason, 300)
    letter.save(update_fields=["state", "reason"])


def refusal_in(error: SMTPException) -> str:
    """Give the mail server's own words for why it took no letter; "" if it said nothing.

    No words means that the connection was lost: the letter may have been taken.
    """
    if isinstance(error, SMTPRecipientsRefused):
        answers: list[tuple[int, bytes | str]] = list(error.recipients.values())
    elif isinstance(error, SMTPResponseException):
        answers = [(error.smtp_code, error.smtp_error)]
    else:
        return ""
    return "; ".join(f"{code} {_decoded(said)}" for code, said in answers)


def told(letters: Iterable[Letter]) -> list[dict[str, str]]:
    """List refusals as the result does."""
    return [{"recipient": letter.recipient, "reason": letter.reason} for letter in letters]


def _decoded(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
