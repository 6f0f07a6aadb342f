"""What Celery is told where settings say nothing: its messages only wake queues.

What must not be lost is in the database. ``app.add_defaults(celery_defaults)`` in the site's
``celery.py``; any ``CELERY_…`` setting overrides what is here.
"""

from __future__ import annotations

from typing import Any

from kombu import Exchange, Queue

from realtime.conf import conf as delivery
from tasks.conf import conf

_ALWAYS: dict[str, Any] = {
    #: The one task, which runs a queue's next job.
    "imports": ("tasks.worker",),
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "result_backend": None,
    "task_ignore_result": True,
    # Acknowledged when taken: the lease and the reconciler own recovery. Late acks run a job
    # twice at every blip of Redis, and end a worker of Celery 5.7.0 when Redis restarts.
    "task_acks_late": False,
    "task_publish_retry": False,
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_default_queue": "default",
    # No time limits of Celery's: a job's are its own, and tasks.warden keeps them. They would
    # cost a fifth of the jobs per second.
    "worker_prefetch_multiplier": 4,
    "worker_max_memory_per_child": 500_000,  # KB
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "worker_send_task_events": False,
    # A connection per task would halve the jobs per second; a broken one is noticed and replaced.
    # Celery asks for it by the name that it has in Django's settings, and by no other.
    "CELERY_DB_REUSE_MAX": 1_000_000,
    "timezone": "UTC",
    # It records jobs in the database and sends nothing; what runs when is declared beside the jobs.
    "beat_scheduler": "tasks.beat.SlotScheduler",
}
_TRANSPORT: dict[str, Any] = {
    "priority_steps": [0],
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 10,
    # Messages are hints: what a worker has in hand is not kept in Redis as well. A worker that
    # keeps it ends when Redis goes away or is full: it cannot acknowledge.
    "ack_emulation": False,
}


def celery_defaults() -> dict[str, Any]:
    """Give Celery's settings by their lower-case names, from REDIS_URL and JOB_QUEUES.

    A worker that is given no ``-Q`` serves every queue.
    """
    prefix = f"{delivery.REDIS_PREFIX}:celery:"
    return {
        **_ALWAYS,
        "broker_url": _broker(delivery.REDIS_URL),
        "broker_transport_options": {"global_keyprefix": prefix, **_TRANSPORT},
        "task_queues": [Queue(name, Exchange(name), name) for name in conf.JOB_QUEUES],
    }


def _broker(url: str) -> str:
    """Spell a redis-py URL as kombu wants it: it knows sockets by another scheme."""
    scheme, _, rest = url.partition("://")
    return f"redis+socket://{rest.replace('db=', 'virtual_host=')}" if scheme == "unix" else url
