"""The ``Idempotency-Key`` of a request (draft-ietf-httpapi-idempotency-key-header). Pure."""

from __future__ import annotations

import re

from tasks.options import MAX_KEY

#: A String of Structured Fields (RFC 8941, 3.3.3): printable ASCII, two characters escaped.
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
#: What most clients send instead. Without blanks, quotes and commas, which would be two headers.
_BARE = re.compile(r"[!#-+\--~]+")


def read(header: str) -> str:
    """Give the key that a header names, quoted or bare; ValueError says what is wrong with it."""
    text = header.strip(" \t")
    if quoted := _QUOTED.fullmatch(text):
        key = re.sub(r'\\(["\\])', r"\1", quoted[1])
    elif _BARE.fullmatch(text):
        key = text
    else:
        raise ValueError("An Idempotency-Key is printable ASCII, in quotes or without blanks.")
    if not 0 < len(key) <= MAX_KEY:
        raise ValueError(f"An Idempotency-Key has 1 to {MAX_KEY} characters.")
    return key
