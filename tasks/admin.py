"""Jobs, files and letters in the admin: to look at, and of jobs to cancel and repeat.

Rows are never edited here: only the verbs write them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy, ngettext

from realtime.read_only import ReadOnly
from tasks import (
    admin_schedules,  # noqa: F401 (it registers its own)
    many,
    search,
    transcript,
)
from tasks.models import File, Job, Letter, Step
from tasks.states import State

#: Each job is a transaction of its own, and a request must end.
MAX_AT_ONCE = 500
#: How many of a job's last lines are shown.
MAX_SHOWN = 200
#: JSON of more lines is folded: a report's result would fill ten screens.
MAX_UNFOLDED = 20


class StepInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs alone
    """The timeline."""

    model = Step
    fields = readonly_fields = (
        "at", "name", "by", "attempt", "worker", "error", "shown_traceback",
    )  # fmt: skip
    extra = 0
    can_delete = False
    verbose_name_plural = gettext_lazy("timeline")

    @admin.display(description=gettext_lazy("traceback"))
    def shown_traceback(self, step: Step) -> str:
        return _preformatted(step.traceback)


class LetterInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # as above
    """What a mailing sent to whom."""

    model = Letter
    fields = readonly_fields = ("recipient", "state", "reason", "message_id")
    extra = 0
    can_delete = False


@admin.register(Job)
class JobAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # as above
    """Jobs with their timelines."""

    list_display = ("id", "kind", "owner", "state", "attempt", "queue", "queued_at", "finished_at")
    list_filter = ("state", "kind", "queue", "queued_at")
    list_select_related = ("owner",)
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-id",)
    search_fields = ("kind",)
    search_help_text = gettext_lazy(
        "Each word begins the id, or is part of the kind, the arguments, the error or the owner."
    )
    inlines = (StepInline, LetterInline)
    actions = ("cancel_jobs", "repeat_jobs")
    # All but the token, by which an attempt proves itself.
    fields = readonly_fields = (
        "id", "owner", "kind", "queue", "priority", "state", "error", "shown_traceback",
        "shown_output", "shown_arguments", "shown_progress", "shown_result",
        "attempt", "max_attempts", "time_limit", "worker", "lease_until", "deadline",
        "queued_at", "run_after", "started_at", "finished_at", "cancel_requested_at",
        "idempotency_key", "repeat_of", "schedule", "slot",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return super().get_queryset(request).select_related("owner", "repeat_of")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Job], search_term: str
    ) -> tuple[QuerySet[Job], bool]:
        """Search as the API does, and by owner."""
        words = search_term.replace("\0", "")
        return search.matching(queryset, words, by_owner=True), False

    def has_intervene_permission(self, request: HttpRequest) -> bool:
        """Tell who may cancel and repeat: whoever may change jobs."""
        return self.may(request, "change")

    @admin.action(description=gettext_lazy("Cancel the selected jobs"), permissions=["intervene"])
    def cancel_jobs(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._do(request, queryset, many.cancel, _stopping)

    @admin.action(description=gettext_lazy("Repeat the selected jobs"), permissions=["intervene"])
    def repeat_jobs(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._do(request, queryset, many.repeat, lambda _: gettext("Queued once more"))

    def _do(
        self,
        request: HttpRequest,
        chosen: QuerySet[Job],
        verb: Callable[..., list[many.Outcome]],
        name: Callable[[Job], str],
    ) -> None:
        ids = list(chosen.order_by("pk").values_list("pk", flat=True)[: MAX_AT_ONCE + 1])
        outcomes = verb(ids[:MAX_AT_ONCE], by=request.user)
        done = Counter(name(outcome.job) for outcome in outcomes if outcome.job)
        refused = Counter(outcome.message for outcome in outcomes if outcome.job is None)
        for level, counted in ((messages.SUCCESS, done), (messages.WARNING, refused)):
            for what, number in counted.items():
                self.message_user(request, f"{what.rstrip('.')}: {number}.", level)
        if len(ids) > MAX_AT_ONCE:
            only = gettext("Only %(most)s are done at once; the others stay.")
            self.message_user(request, only % {"most": MAX_AT_ONCE}, messages.WARNING)

    @admin.display(description=gettext_lazy("arguments"))
    def shown_arguments(self, job: Job) -> str:
        return _json(job.arguments)

    @admin.display(description=gettext_lazy("progress"))
    def shown_progress(self, job: Job) -> str:
        return _json(job.progress)

    @admin.display(description=gettext_lazy("result"))
    def shown_result(self, job: Job) -> str:
        return _json(job.result)

    @admin.display(description=gettext_lazy("traceback"))
    def shown_traceback(self, job: Job) -> str:
        return _preformatted(job.traceback)

    @admin.display(description=gettext_lazy("output (its last lines)"))
    def shown_output(self, job: Job) -> str:
        said = transcript.newest(job.pk, MAX_SHOWN)
        return _preformatted("\n".join(map(transcript.as_text, said)))


@admin.register(File)
class FileAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # as above
    """Uploads and results: what they are called and how large they are, not their bytes."""

    list_display = ("id", "name", "owner", "content_type", "size", "received", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("owner",)
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-id",)
    search_fields = ("name",)
    fields = readonly_fields = (
        "id", "name", "owner", "job", "content_type", "size", "received", "created_at",
    )  # fmt: skip


def _stopping(job: Job) -> str:
    if not State(job.state).is_final:
        return gettext("Asked to stop")
    if job.state == State.CANCELLED:
        return gettext("Cancelled")
    return gettext("Had ended before")


def _preformatted(text: str) -> str:
    return format_html('<pre class="readonly">{}</pre>', text) if text else "-"


def _json(value: Any) -> str:
    if value is None:
        return "-"
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if (lines := text.count("\n") + 1) <= MAX_UNFOLDED:
        return _preformatted(text)
    fold = "<details><summary>{}</summary>{}</details>"
    title = ngettext("%(n)s line", "%(n)s lines", lines) % {"n": lines}
    return format_html(fold, title, _preformatted(text))
