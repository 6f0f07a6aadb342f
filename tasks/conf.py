"""What settings say to this app, typed, and what holds where they say nothing."""

from __future__ import annotations

from pathlib import Path

from realtime.conf import Default

MiB = 1024 * 1024


class Conf:
    """The settings of jobs."""

    #: The queues that workers serve; a job's function names one of them.
    JOB_QUEUES = Default[tuple[str, ...] | list[str]](
        ("default", "reports", "images", "mail"), tuple, list
    )
    #: After the first a job is told to stop, after the second its process is killed.
    JOB_SOFT_LIMIT_SECONDS = Default[float](1740, int, float)
    JOB_HARD_LIMIT_SECONDS = Default[float](1800, int, float)
    #: How many jobs of one person may wait, 0 for any number.
    JOB_MAX_WAITING = Default(1_000)
    #: An attempt whose lease is over is taken to be lost; its worker renews it every sixth of this.
    JOB_LEASE_SECONDS = Default[float](30, int, float)
    #: How long a running job that is cancelled gets to stop by itself.
    JOB_CANCEL_GRACE_SECONDS = Default[float](10, int, float)
    #: How long jobs are kept after their end, with their files.
    JOB_KEEP_DAYS = Default(30)
    #: The link to a job's page, "" if there is none; "{id}" stands for the job's id.
    JOB_PAGE = Default("")
    #: Where people find this site, https://jobs.example.org, for links in letters; "" for none.
    SITE_URL = Default("")
    #: Where uploads and results lie; "" for MEDIA_ROOT. They are private: nothing may serve them.
    JOB_FILES_ROOT = Default[str | Path]("", str, Path)
    UPLOAD_MAX_BYTES = Default(100 * MiB)
    #: What the uploads of one person may have together.
    UPLOAD_QUOTA_BYTES = Default(1024 * MiB)
    #: The data folder of ``manage.py up``, where it says at which address it runs.
    DATA_DIR = Default[str | Path]("data", str, Path)


conf = Conf()
