"""One letter for one notification, to whoever wants to be told by e-mail."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from django.contrib.auth import get_user_model

from tasks.conf import conf
from tasks.job import Run, job
from tasks.work import letters
from tasks.work.mail import Mailing, MailServerAway


# As often as a mailing: no letter is written twice.
@job(
    internal=True,
    queue="mail",
    max_attempts=8,
    retry_on=(MailServerAway,),
    backoff=(5, 600),
    time_limit=300,
    soft_time_limit=240,
)
def notification_mail(run: Run, *, user: str, title: str, body: str, link: str) -> dict[str, Any]:
    """Send a notification's words to the person with this key, at most once.

    Result: that of a mail; nothing is sent to who has no address, or may not sign in any more.
    """
    text = "\n\n".join(part for part in (body, absolute(link)) if part)
    mailing = Mailing(run, letters.clean_subject(title), text)
    for recipient in letters.clean_recipients(_addresses(user)):
        mailing.write_to(recipient)
    mailing.close()
    return mailing.result


def send(notification: dict[str, Any], user_id: Any) -> None:
    """Have a notification sent once its transaction is committed: a job of the site's own."""
    words = {name: notification[name] for name in ("title", "body", "link")}
    notification_mail.enqueue(owner=None, user=str(user_id), **words)


def absolute(link: str) -> str:
    """Give a link as it is good in a letter; "" if the site does not know its own address."""
    if link.startswith("/"):
        return urljoin(conf.SITE_URL, link) if conf.SITE_URL else ""
    return link


def _addresses(user: str) -> list[str]:
    people = get_user_model()._base_manager.filter(pk=user, is_active=True)
    found: list[str | None] = [
        getattr(person, person.get_email_field_name(), "") for person in people
    ]
    return [address for address in found if address]
