from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from project import env


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    monkeypatch.setattr(env, "asked", set())
    monkeypatch.setattr(env, "_kept", {})


def test_what_is_missing_and_needed_is_named():
    with pytest.raises(ImproperlyConfigured, match="Set BELL_NAME"):
        env.text("BELL_NAME")


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        pytest.param("1", True, id="1"),
        pytest.param("Yes", True, id="yes"),
        pytest.param(" on ", True, id="on, with spaces"),
        pytest.param("0", False, id="0"),
        pytest.param("FALSE", False, id="false"),
        pytest.param("", True, id="empty is the default"),
    ],
)
def test_a_flag_takes_the_usual_words(monkeypatch, value, answer):
    monkeypatch.setenv("BELL_FLAG", value)

    assert env.flag("BELL_FLAG", default=True) is answer


@pytest.mark.parametrize("value", ["perhaps", "2", "ja"])
def test_a_flag_that_is_neither_is_refused_by_name(monkeypatch, value):
    monkeypatch.setenv("BELL_FLAG", value)

    with pytest.raises(ImproperlyConfigured, match=f"BELL_FLAG is '{value}'"):
        env.flag("BELL_FLAG", default=False)


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        pytest.param("many", "takes a whole number", id="a word"),
        pytest.param("1.5", "takes a whole number", id="a fraction"),
        pytest.param("0", "at least 1", id="too small"),
        pytest.param("-3", "at least 1", id="negative"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_by_name(monkeypatch, value, complaint):
    monkeypatch.setenv("BELL_NUMBER", value)

    with pytest.raises(ImproperlyConfigured, match=f"BELL_NUMBER is .*{complaint}"):
        env.integer("BELL_NUMBER", 5, least=1)


def test_a_number_is_read(monkeypatch):
    monkeypatch.setenv("BELL_NUMBER", "12")

    assert env.integer("BELL_NUMBER", 5) == 12
    assert env.integer("BELL_OTHER", 5) == 5


def test_a_list_is_divided_by_commas(monkeypatch):
    monkeypatch.setenv("BELL_HOSTS", " a.example ,b.example,, ")

    assert env.names("BELL_HOSTS") == ["a.example", "b.example"]
    assert env.names("BELL_OTHER", "c") == ["c"]


def test_a_relative_path_counts_from_here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BELL_PATH", "data")

    assert env.path("BELL_PATH", Path("/nowhere")) == tmp_path / "data"


def test_a_secret_may_stand_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("hush\n")
    monkeypatch.setenv("BELL_SECRET", "not this one")
    monkeypatch.setenv("BELL_SECRET_FILE", str(tmp_path / "secret"))

    assert env.secret("BELL_SECRET") == "hush"


def test_a_secrets_file_that_is_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("BELL_SECRET_FILE", str(tmp_path / "nothing"))

    with pytest.raises(ImproperlyConfigured, match="BELL_SECRET_FILE cannot be read"):
        env.secret("BELL_SECRET", "default")


def test_the_environment_wins_over_what_up_has_kept(monkeypatch, tmp_path):
    (tmp_path / "env").write_text("BELL_A=kept=1\n\nBELL_B=kept\n")
    monkeypatch.setenv("BELL_B", "said")
    env.keep(tmp_path / "env")
    env.keep(tmp_path / "none")

    assert env.text("BELL_A") == "kept=1"
    assert env.text("BELL_B") == "said"


def test_every_name_that_was_asked_for_is_remembered():
    env.text("BELL_A", "")
    env.secret("BELL_B", "")

    assert env.asked == {"BELL_A", "BELL_B", "BELL_B_FILE"}
