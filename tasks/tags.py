"""``{% job_progress job %}``: joins what ``{% load bellwire %}`` offers."""

from __future__ import annotations

from typing import Any

from realtime.templatetags.bellwire import register
from tasks.models import Job


@register.inclusion_tag("tasks/job_progress.html")
def job_progress(job: Job) -> dict[str, Any]:
    """Show how far a job is: now as the server knows it, and live once the page's script runs."""
    return {"job": job, "progress": job.progress or {}}
