"""How many bytes the uploads of one person may have together.

What was announced counts in full from the announcement on. What jobs write does not count: it
is bounded by how many jobs there are, and goes with them.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Sum
from django.utils.translation import gettext

from tasks.conf import conf
from tasks.errors import QuotaExceeded
from tasks.models import File
from tasks.numerals import number


def room_of(owner_id: Any) -> int:
    """Tell how many bytes a person may still upload, as things stand."""
    taken: int = (
        File.objects.filter(owner_id=owner_id, job=None).aggregate(taken=Sum("size"))["taken"] or 0
    )
    return int(conf.UPLOAD_QUOTA_BYTES) - taken


def check(owner_id: Any, size: int) -> None:
    """Raise QuotaExceeded if there is no room for ``size`` bytes.

    Inside the transaction that records the upload nobody else can take the room meanwhile.
    """
    _one_at_a_time(owner_id)
    refuse_beyond(room_of(owner_id), size)


def refuse_beyond(room: int, size: int) -> None:
    """Raise QuotaExceeded, with the numbers, if ``size`` bytes do not go into this room."""
    if size <= room:
        return
    most = int(conf.UPLOAD_QUOTA_BYTES)
    said = gettext(
        "Your uploads may have %(most)s bytes together, and %(taken)s are taken: there is no room "
        "for %(size)s more. Delete some."
    )
    raise QuotaExceeded(
        said % {"most": number(most), "taken": number(most - room), "size": number(size)}
    )


def _one_at_a_time(owner_id: Any) -> None:
    """Let no other upload of this person be recorded until the transaction ends.

    On SQLite every transaction that writes is alone anyway. The lock does not hold up those who
    only refer to the user, as every job does.
    """
    users = get_user_model()._base_manager.filter(pk=owner_id).order_by()
    list(users.select_for_update(no_key=True).values_list("pk"))
