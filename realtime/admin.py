"""Streams and inboxes in the admin: to look at, and of notifications to mark.

Rows are never edited here: only the verbs write them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy

from realtime import inbox
from realtime.inbox_rows import MAX_IDS
from realtime.models import Mute, Notification, Preference, Stream
from realtime.read_only import ReadOnly

#: Each person's are transactions of their own, and a request must end.
MAX_AT_ONCE = 1_000
_MARKED = {
    inbox.Mark.READ: gettext_lazy("Marked as read: %(n)s."),
    inbox.Mark.ARCHIVED: gettext_lazy("Marked as archived: %(n)s."),
}


@admin.register(Stream)
class StreamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Topics with their places."""

    list_display = ("topic", "epoch", "head", "floor")
    search_fields = ("topic",)

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


class StateFilter(admin.SimpleListFilter):
    """What became of a notification."""

    title, parameter_name = gettext_lazy("state"), "state"
    _states = {
        "unseen": (gettext_lazy("unseen"), Q(seen_at=None, archived_at=None)),
        "unread": (gettext_lazy("unread"), Q(read_at=None, archived_at=None)),
        "read": (gettext_lazy("read"), ~Q(read_at=None) & Q(archived_at=None)),
        "archived": (gettext_lazy("archived"), ~Q(archived_at=None)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, str(name)) for state, (name, _) in self._states.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        _, condition = self._states.get(self.value() or "", ("", Q()))
        return queryset.filter(condition)


class OfPerson(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # as above
    """What belongs to one person, who is searched for as well."""

    list_select_related = ("user",)
    list_per_page = 50
    show_full_result_count = False

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [*self.search_fields, f"user__{get_user_model().USERNAME_FIELD}"]


@admin.register(Notification)
class NotificationAdmin(OfPerson):
    """What people were told."""

    list_display = ("title", "user", "kind", "severity", "at", "seen_at", "read_at", "archived_at")
    list_filter = (StateFilter, "severity", "kind", "at")
    ordering = ("-at", "-id")
    search_fields = ("title", "body", "key")
    actions = ("mark_read", "archive")
    fields = readonly_fields = (
        "id", "user", "kind", "severity", "title", "body", "link", "actions", "group", "key",
        "at", "seen_at", "read_at", "archived_at",
    )  # fmt: skip

    def has_mark_permission(self, request: HttpRequest) -> bool:
        """Tell who may mark for others: whoever may change notifications."""
        return self.may(request, "change")

    @admin.action(
        description=gettext_lazy("Mark the selected notifications as read"), permissions=["mark"]
    )
    def mark_read(self, request: HttpRequest, queryset: QuerySet[Notification]) -> None:
        self._mark(request, queryset, inbox.Mark.READ)

    @admin.action(
        description=gettext_lazy("Archive the selected notifications"), permissions=["mark"]
    )
    def archive(self, request: HttpRequest, queryset: QuerySet[Notification]) -> None:
        self._mark(request, queryset, inbox.Mark.ARCHIVED)

    def _mark(self, request: HttpRequest, chosen: QuerySet[Notification], as_: inbox.Mark) -> None:
        ids: dict[Any, list[UUID]] = defaultdict(list)
        rows = list(chosen.order_by("user", "pk").values_list("user", "pk")[: MAX_AT_ONCE + 1])
        for user_id, notification_id in rows[:MAX_AT_ONCE]:
            ids[user_id].append(notification_id)
        for user_id, theirs in ids.items():
            for start in range(0, len(theirs), MAX_IDS):
                inbox.mark(user_id, as_, theirs[start : start + MAX_IDS])
        self.message_user(request, _MARKED[as_] % {"n": min(len(rows), MAX_AT_ONCE)})
        if len(rows) > MAX_AT_ONCE:
            most = number_format(MAX_AT_ONCE, use_l10n=True, force_grouping=True)
            only = gettext("Only %(most)s are marked at once; the others stay.")
            self.message_user(request, only % {"most": most}, messages.WARNING)


@admin.register(Preference)
class PreferenceAdmin(OfPerson):
    """By which ways people want to be told."""

    list_display = ("user", "kind", "in_app", "email")
    list_filter = ("in_app", "email", "kind")
    search_fields = ("kind",)
    fields = readonly_fields = ("user", "kind", "in_app", "email")


@admin.register(Mute)
class MuteAdmin(OfPerson):
    """What people want to hear no more of."""

    list_display = ("user", "key", "title")
    search_fields = ("key", "title")
    fields = readonly_fields = ("user", "key", "title")
