"""What an administrator says of a schedule, checked as the job's own arguments are."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django_celery_beat.models import PeriodicTask

from tasks import inputs, schedule, timetable
from tasks.due import Missed
from tasks.errors import TaskError
from tasks.job import find, registry

_MISSED: list[tuple[Missed, Any]] = [
    (Missed.ONCE, gettext_lazy("runs once, late: the last of what was missed")),
    (Missed.SKIP, gettext_lazy("is skipped")),
]


def _kinds() -> list[tuple[str, str]]:
    return [(kind, kind) for kind in sorted(registry)]


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """What an administrator says of a schedule; queues, routing and the sun mean nothing here."""

    task = forms.ChoiceField(
        choices=_kinds, label=gettext_lazy("Job"), help_text=gettext_lazy("The kind of job to run.")
    )
    kwargs = forms.CharField(
        initial="{}",
        label=gettext_lazy("Arguments"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("A JSON object of what the job takes."),
    )
    owner = forms.CharField(
        required=False,
        label=gettext_lazy("Owner"),
        help_text=gettext_lazy("Whose job it is, by username. Empty: the site's own."),
    )
    missed = forms.ChoiceField(
        choices=_MISSED,
        initial=Missed.ONCE,
        label=gettext_lazy("If beat was down"),
        help_text=gettext_lazy("What becomes of a run that was due more than a minute ago."),
    )

    class Meta:
        model = PeriodicTask
        fields = (
            *("name", "description", "enabled", "task", "owner", "kwargs", "priority", "missed"),
            *("interval", "crontab", "clocked", "start_time", "expires", "one_off"),
        )
        help_texts = {
            "priority": gettext_lazy("Higher goes first. Empty: as the kind of job says.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            entry = timetable.of_row(self.instance)
            self.initial["missed"] = entry.missed
            if entry.owner is not None:
                owner = get_user_model()._default_manager.filter(**entry.owner).first()
                self.initial["owner"] = owner.get_username() if owner else ""

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name in schedule.registry:
            raise forms.ValidationError(gettext("A schedule of the code has this name already."))
        return name

    def clean_owner(self) -> Any:
        """Give the user; None for the site itself."""
        if not (username := self.cleaned_data["owner"]):
            return None
        users = get_user_model()
        try:
            return users._default_manager.get_by_natural_key(username)
        except users.DoesNotExist:
            raise forms.ValidationError(gettext("There is nobody of this name.")) from None

    def clean_kwargs(self) -> str:
        """Check the arguments as ``enqueue()`` will, uploads included."""
        kind, owner = self.cleaned_data.get("task"), self.cleaned_data.get("owner")
        try:
            given = json.loads(self.cleaned_data["kwargs"])
        except ValueError as error:
            said = gettext("This is not JSON: %(error)s.") % {"error": error}
            raise forms.ValidationError(said) from None
        if not isinstance(given, dict):
            raise forms.ValidationError(gettext('Give a JSON object: {"name": value}.'))
        if kind is None:
            return json.dumps(given)
        try:
            stored = find(kind).schema.store(given)
            inputs.check(getattr(owner, "pk", None), find(kind).schema.load(stored))
        except TaskError as error:
            raise forms.ValidationError(str(error)) from None
        return json.dumps(stored)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("clocked"):
            cleaned["one_off"] = True
        row, owner = self.instance, cleaned.get("owner")
        headers = {"missed": cleaned.get("missed"), **({"owner": str(owner.pk)} if owner else {})}
        row.headers, row.args, row.solar = json.dumps(headers), "[]", None
        row.queue = row.exchange = row.routing_key = row.expire_seconds = None
        return cleaned

    def _post_clean(self) -> None:
        """Once Django has put the row together: refuse what beat could not follow."""
        super()._post_clean()  # type: ignore[misc]  # Django's own, and not in the stubs
        if self.errors:
            return
        entry = timetable.of_row(self.instance)
        if entry.problem:
            self.add_error(None, entry.problem)
        elif entry.is_enabled and not timetable.next_runs(entry, timezone.now()):
            self.add_error(None, gettext("This is never due, or not any more."))
