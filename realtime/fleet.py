"""The fleet at its shared address: each process is asked on its private socket."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from realtime.conf import conf

#: A process that does not answer by then counts as away.
ASK_SECONDS = 2.0
_FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_VIA")


class Answer(NamedTuple):
    """What a process said; one that is away says status 0 and nothing."""

    status: int
    body: bytes


async def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when any process of the fleet is alive, else 503."""
    answers = await ask("/healthz")
    alive = {name: answer.status == 200 for name, answer in answers.items()}
    return JsonResponse({"alive": any(alive.values()), "processes": alive}, status=_status(alive))


async def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when any process is ready, else 503; the body says what each one lacks."""
    answers = await ask("/readyz")
    ready = {name: answer.status == 200 for name, answer in answers.items()}
    processes = {name: _checks(answer) for name, answer in answers.items()}
    body = {"ready": any(ready.values()), "processes": processes}
    return JsonResponse(body, status=_status(ready))


async def metrics(request: HttpRequest) -> HttpResponse:
    """Show all processes' metrics, each with a label ``process``, to those who may see them."""
    if not await _may_measure(request):
        raise Http404
    answers = await ask("/metrics")
    texts = {name: answer.body.decode() for name, answer in answers.items() if answer.body}
    return HttpResponse(generate_latest(_Merged(texts)), content_type=CONTENT_TYPE_LATEST)


async def ask(path: str) -> dict[str, Answer]:
    """Ask every process for ``path`` at the same time; keys are names such as ``web1``."""
    sockets = _sockets()
    answers = await asyncio.gather(*(_ask(socket, path) for socket in sockets))
    return {socket.stem: answer for socket, answer in zip(sockets, answers, strict=True)}


def _sockets() -> list[Path]:
    return sorted(Path(conf.RUN_DIR).glob("web*.sock"))


async def _ask(socket: Path, path: str) -> Answer:
    try:
        async with asyncio.timeout(ASK_SECONDS):
            reader, writer = await asyncio.open_unix_connection(str(socket))
            try:
                writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
                head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
                return Answer(int(head.split()[1]), body)
            finally:
                writer.close()
    except (OSError, TimeoutError, IndexError, ValueError):
        return Answer(0, b"")


class _Merged:
    """A registry of what several processes exposed."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for process, text in self._texts.items():
            for family in text_string_to_metric_families(text):
                merged = families.setdefault(
                    family.name, Metric(family.name, family.documentation, family.type)
                )
                for sample in family.samples:
                    labels = {**sample.labels, "process": process}
                    merged.samples.append(sample._replace(labels=labels))
        yield from families.values()


async def _may_measure(request: HttpRequest) -> bool:
    token = conf.METRICS_TOKEN
    said = request.headers.get("Authorization", "").encode()
    if token and hmac.compare_digest(said, f"Bearer {token}".encode()):
        return True
    return _is_local(request) or (await request.auser()).is_staff


def _is_local(request: HttpRequest) -> bool:
    # Through a proxy on this machine everybody's address would be a loopback one.
    if any(name in request.META for name in _FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _status(answers: dict[str, bool]) -> int:
    return 200 if any(answers.values()) else 503


def _checks(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        return {"ready": False, "checks": {"process": "It does not answer."}}
