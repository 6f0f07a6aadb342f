"""What can be wrong with a job.

TaskError
├── UnknownKind          no function is registered under this name
├── InvalidArguments     not what the function takes
├── InvalidFile          an upload that cannot be taken or read
│   ├── UploadTooLarge   more bytes than one upload may have
│   ├── WrongOffset      a part that does not begin where the last one ended
│   └── QuotaExceeded    all uploads of a person together have too many bytes
├── TooManyJobs          the owner has as many jobs waiting as one may have
├── KeyConflict          an idempotency key that was used for another job
├── NotFinished          a job must be at its end for this
├── InUse                something else still needs what is to be deleted
├── JobCancelled         raised inside a job's function when somebody stopped it
├── LeaseLost            this attempt is no longer the newest
└── UserError            a job's function raises it with a sentence for the owner
"""

from __future__ import annotations

from typing import ClassVar


class TaskError(Exception):
    """A job failed."""

    code: ClassVar[str] = "internal"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or (type(self).__doc__ or "").strip())


class UnknownKind(TaskError):
    """There is no such kind of job."""

    code = "unknown_kind"


class InvalidArguments(TaskError):
    """The job does not take these arguments."""

    code = "invalid_arguments"

    def __init__(self, detail: str = "", argument: str = "") -> None:
        super().__init__(detail)
        #: The one that is wrong; "" where it is not one of them.
        self.argument = argument


class InvalidFile(TaskError):
    """The file cannot be used."""

    code = "invalid_file"


class UploadTooLarge(InvalidFile):
    """The upload has more bytes than it may have."""

    code = "too_large"


class WrongOffset(InvalidFile):
    """A part begins where the last one ended; ``received`` says where that is."""

    code = "wrong_offset"

    def __init__(self, received: int, detail: str = "") -> None:
        super().__init__(detail)
        self.received = received


class QuotaExceeded(InvalidFile):
    """Your uploads have as many bytes as they may have; delete some."""

    code = "quota_exceeded"


class TooManyJobs(TaskError):
    """You have as many jobs waiting as you may have."""

    code = "too_many_jobs"

    def __init__(self, retry_after: int, detail: str = "") -> None:
        super().__init__(detail)
        self.retry_after = retry_after  #: seconds


class KeyConflict(TaskError):
    """This idempotency key was used for another kind or with other arguments."""

    code = "idempotency_conflict"


class NotFinished(TaskError):
    """The job has not come to its end."""

    code = "not_finished"


class InUse(TaskError):
    """Something else still needs this."""

    code = "in_use"


class JobCancelled(TaskError):
    """Somebody stopped this job."""

    code = "cancelled"


class LeaseLost(TaskError):
    """Another attempt of this job has begun."""

    code = "lease_lost"


class UserError(TaskError):
    """The job cannot be done; the message says why to its owner."""

    code = "refused"
