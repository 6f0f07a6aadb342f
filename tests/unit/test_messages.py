"""The catalogues hold what the sources say; German is whole."""

from __future__ import annotations

import pytest

from messages import extraction
from messages.catalogue import Catalogue, compiled, complaints, languages, read, renewed
from messages.extraction import NotLiteral
from messages.sources import DOMAINS, ROOT, Domain

CATALOGUES = [
    pytest.param(domain, language, id=str(domain.po(language)))
    for domain in DOMAINS
    for language in languages(domain)
]
#: Languages of which nothing may be left to translate.
WHOLE = {"de"}


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: f"{domain.app} {domain.name}")
def test_german_is_there_where_there_is_something_to_say(domain: Domain) -> None:
    assert "de" in languages(domain) or not list(domain.sentences())


@pytest.mark.parametrize(("domain", "language"), CATALOGUES)
def test_a_catalogue_has_the_sentences_of_the_sources_and_no_others(
    domain: Domain, language: str
) -> None:
    kept = read(domain, language)

    assert ids(renewed(kept, domain.sentences())) == ids(kept), "run: make messages"


@pytest.mark.parametrize(("domain", "language"), CATALOGUES)
def test_a_catalogue_is_translated(domain: Domain, language: str) -> None:
    left = complaints(read(domain, language))

    assert [line for line in left if language in WHOLE or "other values" in line] == []


@pytest.mark.parametrize(("domain", "language"), CATALOGUES)
def test_what_is_compiled_is_what_was_translated(domain: Domain, language: str) -> None:
    path = (ROOT / domain.po(language)).with_suffix(".mo")

    assert path.read_bytes() == compiled(read(domain, language)), "run: make messages"


def test_an_english_sentence_has_one_german_one() -> None:
    german: dict[object, set[object]] = {}
    for domain in DOMAINS:
        for message in read(domain, "de"):
            german.setdefault(message.id, set()).add(message.string)

    assert {english: found for english, found in german.items() if len(found) > 1} == {}


def ids(catalogue: Catalogue) -> set[object]:
    return {message.id for message in catalogue if message.id}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param('gettext("Done")', ["Done"], id="a call"),
        pytest.param('gettext(\n  "Over {n}",\n  { n },\n)', ["Over {n}"], id="over several lines"),
        pytest.param('ngettext("{n} a", "{n} as", n)', [("{n} a", "{n} as")], id="one that counts"),
        pytest.param(r'gettext("\"so\" \u2026")', ['"so" …'], id="escapes"),
        pytest.param(
            'html`don\'t ${a ? html`<b title=${gettext("in")}>` : ""} ${gettext("out")}`',
            ["in", "out"],
            id="templates within templates, beside an apostrophe",
        ),
        pytest.param("export function gettext(sentence: string) {}", [], id="not its definition"),
        pytest.param("gettext(name)", [], id="not what a variable says"),
    ],
)
def test_sentences_are_found_in_typescript(source, found):
    assert list(extraction.in_typescript(source)) == found


@pytest.mark.parametrize(
    "source", ["gettext(`Done ${n}`)", "gettext('Done')", 'ngettext("one", n)', 'ngettext("one")']
)
def test_a_sentence_that_is_not_written_whole_is_refused(source):
    with pytest.raises(NotLiteral):
        list(extraction.in_typescript(source, "job-card.ts"))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param('{% translate "Log in" %}', ["Log in"], id="a tag"),
        pytest.param('<a title="{% translate "x" %}">', ["x"], id="in an attribute"),
        pytest.param(
            "{% blocktranslate %}Report: {{ name }}{% endblocktranslate %}",
            ["Report: %(name)s"],
            id="a block with a value",
        ),
        pytest.param(
            "{% blocktranslate count n=n %}{{ n }} job{% plural %}{{ n }} jobs"
            "{% endblocktranslate %}",
            [("%(n)s job", "%(n)s jobs")],
            id="a block that counts",
        ),
    ],
)
def test_sentences_are_found_in_templates(source, found):
    assert list(extraction.in_template(source)) == found


def test_sentences_are_found_in_python():
    source = 'a = gettext("one " "sentence") % {"n": 1}\nb = ngettext("%(n)s a", "%(n)s as", n)'
    source += "\nc = gettext(str(error))"

    assert list(extraction.in_python(source)) == ["one sentence", ("%(n)s a", "%(n)s as")]


@pytest.mark.parametrize(
    ("bases", "found"),
    [
        pytest.param("TaskError", ["It is away."], id="for people"),
        pytest.param("Exception", [], id="for developers"),
    ],
)
def test_the_docstring_of_an_error_for_people_is_its_sentence(bases, found):
    source = f'class Away({bases}):\n    """It is away."""\n'

    assert list(extraction.docstrings(source)) == found


@pytest.mark.parametrize(
    ("english", "german", "flags", "complaint"),
    [
        pytest.param("Done", "Fertig", (), [], id="nothing"),
        pytest.param("Done", "", (), ["not translated: 'Done'"], id="nothing said"),
        pytest.param("Done", "Fertig", ("fuzzy",), ["fuzzy: 'Done'"], id="a guess"),
        pytest.param("{n} s", "{m} s", (), ["other values: '{n} s'"], id="a value of its own"),
        pytest.param("%(a)s!", "!", (), ["other values: '%(a)s!'"], id="a value left out"),
        pytest.param(
            ("{n} job", "{n} jobs"),
            ("{n} Auftrag", ""),
            (),
            ["not translated: ('{n} job', '{n} jobs')"],
            id="one form of two",
        ),
    ],
)
def test_what_is_complained_of(english, german, flags, complaint):
    catalogue = Catalogue("de", fuzzy=False)
    catalogue.add(english, german, flags=flags)

    assert complaints(catalogue) == complaint


def test_a_translation_is_kept_by_its_sentence_and_goes_with_it():
    old = Catalogue("de", fuzzy=False)
    old.add("Done", "Fertig")
    old.add("Gone", "Weg")

    new = renewed(old, [("a.ts", "Done"), ("b.ts", "New")])

    assert {message.id: message.string for message in new if message.id} == {
        "Done": "Fertig",
        "New": None,
    }
