"""What other code may hook: one signal per transition of a job, each with ``job`` and ``by``.

Every receiver is called as ``receiver(sender=Job, job=<Job>, by="alice", signal=…)``, once, in
whichever process the transition happens, inside the transaction that records it: after the
job's row is written and before the owner is told. What a receiver writes or publishes commits
with the transition, or not at all.

Each receiver has a savepoint: one that raises is logged with its name and undone, and
changes neither the outcome nor other receivers. A transient database error (a deadlock, a
lock) is the exception: it rolls the whole transition back, which is then tried again, so a
receiver may run more than once and must keep its other effects for ``on_commit``.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from django.dispatch import Signal

from realtime import metrics
from realtime.publish import savepoint
from tasks.states import State
from tasks.transient import is_transient

logger = logging.getLogger(__name__)


class TransitionSignal(Signal):
    """A signal whose receivers cannot harm the transaction that it is sent in."""

    def connect(
        self,
        receiver: Callable[..., Any],
        sender: object | None = None,
        weak: bool = True,
        dispatch_uid: Hashable | None = None,
    ) -> None:
        """Connect a receiver as Django does; an ``async def`` is refused with a TypeError."""
        call = getattr(type(receiver), "__call__", None)  # noqa: B004 (an object's own)
        if inspect.iscoroutinefunction(receiver) or inspect.iscoroutinefunction(call):
            raise TypeError(
                f"{name_of(receiver)} is async def: a receiver of a job's signal runs inside "
                "a database transaction, which only a plain def can share."
            )
        super().connect(receiver, sender, weak, dispatch_uid)

    def send(self, sender: object, **named: Any) -> list[tuple[Any, Any]]:
        """Call every receiver in its savepoint; return what each gave, or its exception."""
        if not self.receivers:
            return []
        # Django offers no public way to list receivers; this one is in 5.0 to 6.0.
        receivers, _ = self._live_receivers(sender)
        return [(receiver, self._call(receiver, sender, named)) for receiver in receivers]

    def _call(self, receiver: Callable[..., Any], sender: object, named: Mapping[str, Any]) -> Any:
        try:
            with savepoint():
                return receiver(signal=self, sender=sender, **named)
        except Exception as error:  # somebody else's code, at the edge of ours
            if is_transient(error):
                raise
            metrics.receivers_failed.inc()
            logger.exception(
                "The receiver %s failed and was undone.",
                name_of(receiver),
                extra={"action": "signal.receiver_failed"},
            )
            return error


def name_of(receiver: object) -> str:
    """Name a receiver as a person would look for it: module and qualified name."""
    named = receiver if hasattr(receiver, "__qualname__") else type(receiver)
    return f"{named.__module__}.{named.__qualname__}"


#: A job was recorded; sent in the transaction of ``enqueue()``, which may be the caller's.
job_queued = TransitionSignal()
#: A worker claimed the job: ``job.attempt`` counts from 1, its function has not begun.
job_started = TransitionSignal()
#: The running job's row was given new ``job.progress``, at most once a second. Sent by the
#: worker's keeper, in its own thread and connection, beside the job's function.
job_progressed = TransitionSignal()
#: The running job has been asked to stop; how it ends is told by another signal.
job_cancel_requested = TransitionSignal()
#: An attempt failed, or its worker was lost, and another follows after ``job.run_after``.
job_retrying = TransitionSignal()
#: The job's function returned; ``job.result`` is what it gave. Final.
job_succeeded = TransitionSignal()
#: The last attempt failed; ``job.error`` tells the owner why. Final.
job_failed = TransitionSignal()
#: The job was stopped by ``by``. Final.
job_cancelled = TransitionSignal()
#: The job came to its end, whichever: sent after each of the three final signals.
job_finished = TransitionSignal()

#: Which signals tell that a job has come to a state, in their order.
OF_STATE: Mapping[State, tuple[TransitionSignal, ...]] = {
    State.QUEUED: (job_queued,),
    State.RUNNING: (job_started,),
    State.RETRYING: (job_retrying,),
    State.SUCCEEDED: (job_succeeded, job_finished),
    State.FAILED: (job_failed, job_finished),
    State.CANCELLED: (job_cancelled, job_finished),
}
