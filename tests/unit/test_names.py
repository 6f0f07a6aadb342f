"""What kinds of jobs are called where people read it."""

from __future__ import annotations

import pytest
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy, override

from tasks import job as jobs_of
from tasks import names
from tasks.announce import describe
from tasks.job import Run, job
from tasks.models import Job
from tasks.names import name_of


@pytest.fixture(autouse=True)
def _own_names(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})
    monkeypatch.setattr(names, "_declared", {})


def make(**options):
    @job(**options)
    def weekly_export(job: Run) -> None: ...

    return weekly_export


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param("weekly_export", "Weekly export", id="words"),
        pytest.param("mail", "Mail", id="one word"),
        pytest.param("shop.tasks.send_invoice", "Send invoice", id="a plain task"),
        pytest.param("écrire", "Écrire", id="another script"),
        pytest.param("_", "_", id="no word"),
        pytest.param("a.", "A.", id="nothing after the dot"),
    ],
)
def test_a_kind_that_was_given_no_name_is_called_by_its_words(kind, name):
    assert name_of(kind) == name


def test_a_kind_is_called_as_it_declares():
    make(name="Weekly “export” <b>")

    told = describe(Job(kind="weekly_export"))

    assert (told["kind"], told["name"]) == ("weekly_export", "Weekly “export” <b>")


def test_a_name_goes_with_its_declaration():
    make(name="Export")
    make()

    assert name_of("weekly_export") == "Weekly export"


def test_a_lazy_name_is_told_in_the_sites_own_language(settings):
    settings.LANGUAGE_CODE = "de"
    make(name=gettext_lazy("Monday"))

    with override("fr"):
        name = name_of("weekly_export")

    assert (name, type(name)) == ("Montag", str)


def test_a_long_translation_is_cut():
    make(name=lazystr("x" * 101))

    assert name_of("weekly_export") == "x" * 99 + "…"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        pytest.param("", ValueError, id="empty"),
        pytest.param(" \t", ValueError, id="blank"),
        pytest.param("x" * 101, ValueError, id="too long"),
        pytest.param(7, TypeError, id="a number"),
        pytest.param(b"Export", TypeError, id="bytes"),
    ],
)
def test_a_name_that_is_none_is_refused_at_import(name, error):
    with pytest.raises(error, match="A job's name"):
        make(name=name)

    assert "weekly_export" not in jobs_of.registry
