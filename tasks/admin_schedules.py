"""Schedules in the admin: django-celery-beat's tables, with a form that knows our jobs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django_celery_beat import admin as theirs
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from tasks import timetable
from tasks.schedule_form import ScheduleForm

#: What changes when a schedule is due: it counts anew from the moment of such a change.
_TIMES = frozenset({"name", "interval", "crontab", "clocked", "start_time", "enabled", "one_off"})


class ScheduleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Schedules of the administrators; those of the code are shown by ``manage.py schedules``."""

    form = ScheduleForm
    list_display = ("name", "task", "enabled", "when", "missed", "next_run", "last_run_at")
    list_filter = ("enabled", "one_off")
    list_select_related = ("interval", "crontab", "clocked")
    search_fields = ("name", "task", "description")
    readonly_fields = ("next_runs", "last_run_at", "total_run_count")
    actions = ("enable", "disable")
    fieldsets = (
        (None, {"fields": ("name", "description", "enabled")}),
        (gettext_lazy("What"), {"fields": ("task", "owner", "kwargs", "priority")}),
        (
            gettext_lazy("When"),
            {
                "description": gettext_lazy("One of interval, crontab and clocked time."),
                "fields": (
                    *("interval", "crontab", "clocked"),
                    *("one_off", "start_time", "expires", "missed"),
                ),
            },
        ),
        (gettext_lazy("How it goes"), {"fields": ("next_runs", "last_run_at", "total_run_count")}),
    )

    @admin.display(description=gettext_lazy("when"))
    def when(self, row: PeriodicTask) -> str:
        entry = timetable.of_row(row)
        return entry.problem or str(entry.slots)

    @admin.display(description=gettext_lazy("if beat was down"))
    def missed(self, row: PeriodicTask) -> str:
        return str(timetable.of_row(row).missed)

    @admin.display(description=gettext_lazy("next run"))
    def next_run(self, row: PeriodicTask) -> Any:
        return next(iter(timetable.next_runs(timetable.of_row(row), timezone.now(), 1)), None)

    @admin.display(description=gettext_lazy("next runs"))
    def next_runs(self, row: PeriodicTask) -> str:
        if row.pk is None:
            return "-"
        runs = timetable.next_runs(timetable.of_row(row), timezone.now())
        return ", ".join(f"{run:%Y-%m-%d %H:%M:%S} UTC" for run in runs) or gettext("never")

    @admin.action(description=gettext_lazy("Enable the selected schedules"), permissions=["change"])
    def enable(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """They count from now on: what was due while they were disabled is not missed."""
        rows.filter(enabled=False).update(enabled=True, date_changed=timezone.now())

    @admin.action(
        description=gettext_lazy("Disable the selected schedules"), permissions=["change"]
    )
    def disable(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        rows.update(enabled=False)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save; a change that is not about time must not make a slot of this second forgotten."""
        before = obj.date_changed
        super().save_model(request, obj, form, change)
        if change and not _TIMES & set(form.changed_data):
            PeriodicTask.objects.filter(pk=obj.pk).update(date_changed=before)


class Times:
    """Admin of a row that says when: schedules that use it count anew once it is changed."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)  # type: ignore[misc]  # of ModelAdmin
        obj.periodictask_set.update(date_changed=timezone.now())


class CrontabAdmin(Times, theirs.CrontabScheduleAdmin):  # type: ignore[misc]  # theirs is untyped
    """Crontabs, with their meaning in words."""


class ClockedAdmin(Times, theirs.ClockedScheduleAdmin):  # type: ignore[misc]  # theirs is untyped
    """Single moments."""


class IntervalAdmin(Times, theirs.IntervalScheduleAdmin):  # type: ignore[misc]  # theirs is untyped
    """Intervals."""


# Importing theirs has registered them; a schedule that follows the sun is not offered.
admin.site.unregister(
    [PeriodicTask, IntervalSchedule, CrontabSchedule, ClockedSchedule, SolarSchedule]
)
admin.site.register(PeriodicTask, ScheduleAdmin)
admin.site.register(IntervalSchedule, IntervalAdmin)
admin.site.register(CrontabSchedule, CrontabAdmin)
admin.site.register(ClockedSchedule, ClockedAdmin)
