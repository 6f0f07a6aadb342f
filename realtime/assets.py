"""The built front-end's files, as Vite's manifest names them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import HashedFilesMixin
from django.core.files.storage import storages
from django.templatetags.static import static

logger = logging.getLogger(__name__)

#: Where ``npm run build`` in frontend/ writes; below a folder that Django serves as static.
MANIFEST = Path(__file__).parent / "static" / "bellwire" / "manifest.json"
STATIC_FOLDER = "bellwire/"
#: What every page imports as soon as it is there. All else that is imported later may never be.
_SOON = {"src/client/transport.ts"}


@dataclass(frozen=True, slots=True)
class Assets:
    """What a page needs of one entry, as names for ``{% static %}``."""

    script: str = ""
    styles: tuple[str, ...] = ()
    #: Scripts that the entry imports, at once or soon after: fetched beside it, not after it.
    preloads: tuple[str, ...] = ()


def assets(entry: str) -> Assets:
    """Find an entry's files by its name, such as ``elements``; none where nothing is built.

    A page without them still shows what the server knows, so a missing build is logged and
    raises nothing.
    """
    if MANIFEST.is_file():
        return _read(entry, MANIFEST, MANIFEST.stat().st_mtime_ns)
    logger.error(
        "The front-end is not built: run npm --prefix frontend run build.",
        extra={"action": "frontend.not_built"},
    )
    return Assets()


def url_of(name: str) -> str:
    """Give a built file's address under the name that Vite gave it, whatever storage serves it.

    Chunks import each other by these names. A storage that puts digests of its own into them,
    as ManifestStaticFilesStorage does, would make a second module of each chunk that a page
    names, and elements are defined once.
    """
    storage = storages["staticfiles"]
    if isinstance(storage, HashedFilesMixin):
        return str(super(HashedFilesMixin, storage).url(name))
    return static(name)


@lru_cache(maxsize=16)
def _read(entry: str, manifest: Path, _built_at: int) -> Assets:
    chunks: dict[str, dict[str, Any]] = json.loads(manifest.read_text(encoding="utf-8"))
    key = f"src/pages/{entry}.ts"
    needed = list(dict.fromkeys(_closure(chunks, key)))
    styles = dict.fromkeys(style for each in needed for style in chunks[each].get("css", []))
    # Every page needs the transport in a moment; other parts are fetched by those who want them.
    transports = [name for name in chunks if name.endswith("/transport.ts")]
    preloads = dict.fromkeys(chunks[each]["file"] for each in [*needed[1:], *transports])
    return Assets(
        script=STATIC_FOLDER + chunks[key]["file"],
        styles=tuple(STATIC_FOLDER + name for name in styles),
        preloads=tuple(STATIC_FOLDER + name for name in preloads),
    )


def _closure(chunks: dict[str, dict[str, Any]], key: str) -> Iterator[str]:
    yield key
    for imported in chunks[key].get("imports", []):
        yield from _closure(chunks, imported)
