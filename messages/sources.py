"""Which files are read for which catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from messages import extraction
from messages.extraction import Sentence

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Domain:
    """A catalogue of an app: ``django`` for its Python and templates, ``djangojs`` for elements."""

    app: str
    name: str
    #: Globs below the checkout.
    sources: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where the app keeps a folder for each language."""
        return ROOT / self.app / "locale"

    def po(self, language: str) -> Path:
        """Give the path of a language's sentences, relative to the checkout."""
        return Path(self.app, "locale", language, "LC_MESSAGES", f"{self.name}.po")

    def sentences(self) -> Iterator[tuple[str, Sentence]]:
        """Give what the sources say, in the order of files, each with the path of its file."""
        for path in sorted({found for glob in self.sources for found in ROOT.glob(glob)}):
            for sentence in extraction.sentences(path):
                yield path.relative_to(ROOT).as_posix(), sentence


def _of_app(app: str) -> Domain:
    return Domain(app, "django", (f"{app}/**/*.py", f"{app}/templates/**/*.html"))


DOMAINS = (
    *(_of_app(app) for app in ("project", "realtime", "tasks")),
    # The elements are built into one bundle, which realtime ships.
    Domain("realtime", "djangojs", ("frontend/src/**/*.ts",)),
)
