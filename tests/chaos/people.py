"""What a signed-in person does over HTTP, with nothing but the standard library.

A person is a mapping with ``cookie`` (the whole header), ``origin`` and, to change anything,
``csrf``. What goes wrong on the way is an OSError; what an answer says is the caller's.
"""

from __future__ import annotations

import hashlib
import http.client
import json
from collections.abc import Mapping
from contextlib import closing
from http.cookies import SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 15.0
PAGE = 100


class SignedOut(Exception):
    """The API does not know this session."""


class Unanswered(OSError):
    """The API answered with an error of its own."""


class Answer(NamedTuple):
    """An HTTP answer; ``body`` is decoded if it is JSON, else empty."""

    status: int
    body: Any
    retry_after: float | None


def ask(
    api: str,
    person: Mapping[str, Any],
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
) -> Answer:
    """Send one request to the server at ``api``; OSError if no whole answer came."""
    address = urlsplit(api)
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port, timeout=TIMEOUT_SECONDS
    )
    headers = {"Cookie": person["cookie"], "Origin": person["origin"], "Host": _host(person)}
    if method != "GET":
        headers |= {"Content-Type": "application/json", "X-CSRFToken": person["csrf"]}
        headers["Cookie"] = _with_csrf(person)
    try:
        with closing(connection):
            connection.request(method, path, json.dumps(body or {}) if body else None, headers)
            return _answer(connection.getresponse())
    except http.client.HTTPException as error:
        raise ConnectionError(repr(error)) from error


def read_jobs(api: str, person: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Read all of a person's jobs, page by page; SignedOut or an OSError if that fails."""
    found: list[dict[str, Any]] = []
    while True:
        before = f"&before={found[-1]['id']}" if found else ""
        answer = ask(api, person, "GET", f"/api/jobs?limit={PAGE}{before}")
        if answer.status in (401, 403):
            raise SignedOut
        if answer.status != 200:
            raise Unanswered(answer.status)
        found += answer.body["jobs"]
        if len(answer.body["jobs"]) < PAGE:
            return found


def fingerprint(cookie: str) -> str:
    """Name the session of a Cookie header as the platform's events do; empty without one."""
    morsels = SimpleCookie(cookie)
    if "sessionid" not in morsels:
        return ""
    key = str(morsels["sessionid"].value)
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _answer(response: http.client.HTTPResponse) -> Answer:
    content, wait = response.read(), response.headers.get("Retry-After", "")
    is_json = "json" in response.headers.get("Content-Type", "")
    try:
        body = json.loads(content) if is_json else None
    except ValueError as error:
        raise ConnectionError(f"an answer of half a sentence: {content[:80]!r}") from error
    return Answer(response.status, body, float(wait) if wait.isdigit() else None)


def _with_csrf(person: Mapping[str, Any]) -> str:
    cookie: str = person["cookie"]
    return cookie if "csrftoken=" in cookie else f"{cookie}; csrftoken={person['csrf']}"


def _host(person: Mapping[str, Any]) -> str:
    # Through a proxy the port is another than the origin's, and CSRF compares the two.
    origin: str = person["origin"]
    return urlsplit(origin).netloc
