"""What an owner is told of an attempt that failed, in the site's language.

It is kept with the job and sent to whoever follows it, so it is not in a reader's own.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext, override

from tasks.numerals import number
from tasks.sentences import clean


def worker_lost() -> str:
    """Tell that a process or a machine is gone, and the attempt with it."""
    with _site_language():
        return gettext("The worker was lost.")


def went_wrong(error: BaseException) -> str:
    """Tell of an error whose own words are for staff only."""
    with _site_language():
        said = gettext("Something went wrong (%(error)s).") % {"error": type(error).__name__}
    return clean(said)


def took_too_long(seconds: float | None) -> str:
    """Tell that the soft time limit ended the job."""
    with _site_language():
        if not seconds:
            return gettext("The job took longer than it may.")
        return gettext("The job took longer than it may (%(n)s s).") % {"n": number(f"{seconds:g}")}


def _site_language() -> override:
    return override(settings.LANGUAGE_CODE)
