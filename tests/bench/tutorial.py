"""Live notifications the tutorial way: Channels, channels_redis, a Celery task that sends.

Kept as the documentation of Channels, Daphne and Celery teaches it: one consumer and one
channel per socket, the session looked up by ``AuthMiddlewareStack``, a group per user.
"""

from __future__ import annotations

import json
import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.tutorial_settings")
django.setup()

from asgiref.sync import async_to_sync  # noqa: E402
from celery import Celery, Task, signals  # noqa: E402
from celery.utils import uuid  # noqa: E402
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402, TID251 (the tutorial does)
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.db import transaction  # noqa: E402
from django.http import HttpRequest, HttpResponse, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django_celery_results.models import TaskResult  # noqa: E402

from tests.bench.stamps import stamp  # noqa: E402

EVERYBODY = "everybody"


class NotificationConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # untyped
    async def connect(self) -> None:
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close()
            return
        self.joined = [f"user_{user.pk}", EVERYBODY]
        for group in self.joined:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        for group in getattr(self, "joined", []):
            await self.channel_layer.group_discard(group, self.channel_name)

    async def notify(self, event: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(event["message"]))


application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": AuthMiddlewareStack(URLRouter([path("ws", NotificationConsumer.as_asgi())])),
    }
)


def notify_user(user_id: int, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    async_to_sync(layer.group_send)(f"user_{user_id}", {"type": "notify", "message": message})


app = Celery("tutorial")
app.config_from_object("django.conf:settings", namespace="CELERY")


@app.task
def work(user_id: int, message: dict[str, Any] | None = None) -> dict[str, Any]:
    if message:
        notify_user(user_id, message)
    return {"done": True}


@app.task
def stamped(user_id: int, number: int) -> dict[str, Any]:
    stamp(number)
    return {"done": True}


def enqueue(user_id: int, task: Task[Any, Any], *arguments: Any) -> str:
    """Record a task before it is sent, so that a page can show it; sent after the commit."""
    task_id = uuid()
    with transaction.atomic():
        TaskResult.objects.create(task_id=task_id, task_name=task.name, status="PENDING")
        transaction.on_commit(lambda: task.apply_async((user_id, *arguments), task_id=task_id))
    return task_id


def ask(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    return JsonResponse({"id": enqueue(request.user.pk, work)}, status=201)


urlpatterns = [path("jobs", ask)]


@signals.task_success.connect(sender=work)
def succeeded(**_: Any) -> None:
    """The one receiver that both sides of the benchmark have."""
