"""A language's catalogue: renewed from the sources, compiled, and judged.

Sentences keep their translations by their English words; what the sources say no longer goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from io import BytesIO

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from messages.extraction import Sentence
from messages.sources import ROOT, Domain

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!%)%[sd]|\{\w+\}")


class Catalogue(Catalog):
    """Babel's, without the headers that would change with each renewal."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """Say what gettext needs to know."""
        return [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Language", str(self.locale)),
            ("Plural-Forms", self.plural_forms),
        ]


def languages(domain: Domain) -> list[str]:
    """List the languages that an app is translated to."""
    return sorted(path.name for path in domain.folder.glob("*") if path.is_dir())


def renew(domain: Domain, language: str) -> list[str]:
    """Write a catalogue as the sources now want it; give what is left to translate."""
    catalogue = renewed(read(domain, language), domain.sentences())
    if not len(catalogue):
        return []
    path = ROOT / domain.po(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, include_lineno=False)
    path.with_suffix(".mo").write_bytes(compiled(catalogue))
    return complaints(catalogue)


def read(domain: Domain, language: str) -> Catalogue:
    """Read a catalogue; an empty one where there is none yet."""
    path = ROOT / domain.po(language)
    title = f"# {domain.app}, {domain.name}: {language}"
    catalogue = Catalogue(language, header_comment=title, fuzzy=False)
    if path.exists():
        for message in read_po(BytesIO(path.read_bytes()), language):
            if message.id:
                catalogue[message.id] = message
    return catalogue


def renewed(old: Catalogue, found: Iterable[tuple[str, Sentence]]) -> Catalogue:
    """Give the catalogue of these sentences with what the old one has of translations."""
    new = Catalogue(old.locale, header_comment=old.header_comment, fuzzy=False)
    for path, sentence in found:
        known = old.get(sentence if isinstance(sentence, str) else sentence[0])
        same = known is not None and isinstance(known.id, str) == isinstance(sentence, str)
        kept = known if same else None
        new.add(
            sentence,
            kept.string if kept else None,
            locations=[(path, 0)],
            flags=kept.flags if kept else (),
            user_comments=kept.user_comments if kept else (),
        )
    return new


def compiled(catalogue: Catalogue) -> bytes:
    """Give the ``.mo``, the same bytes for the same sentences."""
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def complaints(catalogue: Catalogue) -> list[str]:
    """Tell which sentences are not translated, are in doubt, or lose or invent a value."""
    return [
        f"{problem}: {message.id!r}"
        for message in catalogue
        if message.id and (problem := _problem(message))
    ]


def _problem(message: Message) -> str:
    ids, strings = _forms(message.id), _forms(message.string)
    if not strings or not all(strings):
        return "not translated"
    if message.fuzzy:
        return "fuzzy"
    if any(values(string) not in [values(id_) for id_ in ids] for string in strings):
        return "other values"
    return ""


def _forms(said: str | Sequence[str] | None) -> list[str]:
    return [said] if isinstance(said, str) else list(said or ())


def values(sentence: str) -> set[str]:
    """Give the places that are filled with values."""
    return set(_PLACEHOLDER.findall(sentence))
