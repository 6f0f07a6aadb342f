"""Jobs asked for over HTTP: a few people at a time, each on a kept connection."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

from tests.bench.children import ChildFailed

#: So many wait for an answer at any time; the server has always something to do.
AT_ONCE = 4
_CSRF = "b" * 32


def post(port: int, path: str, body: Mapping[str, Any], keys: Sequence[str], count: int) -> float:
    """Post ``count`` times for the owners of these sessions, in turn; give the seconds it took.

    Any answer but 201 is a ChildFailed.
    """
    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        shares = [range(first, count, AT_ONCE) for first in range(AT_ONCE)]
        list(pool.map(lambda share: _post(port, path, body, keys, share), shares))
    return time.perf_counter() - began


def _post(
    port: int, path: str, body: Mapping[str, Any], keys: Sequence[str], numbers: range
) -> None:
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        for number in numbers:
            key = keys[number % len(keys)]
            headers = {
                "Content-Type": "application/json",
                "Cookie": f"sessionid={key}; csrftoken={_CSRF}",
                "X-CSRFToken": _CSRF,
            }
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status != 201:
                raise ChildFailed(f"POST {path}: {answer.status} {said[:300]!r}")
