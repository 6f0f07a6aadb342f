from __future__ import annotations

import functools
import hashlib
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.pip_wheel import Wheel, fetched, index_url

CONTENT = b"not really a wheel"
WHEEL = Wheel("pip-1.0-py3-none-any.whl", hashlib.sha256(CONTENT).hexdigest())


class Silent(SimpleHTTPRequestHandler):
    """Serves files and writes no log."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A newcomer's home, with no settings for pip."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("PIP_INDEX_URL", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    return tmp_path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package index on this machine that has the wheel."""
    root = tmp_path / "index"
    (root / "simple" / "pip").mkdir(parents=True)
    (root / "files").mkdir()
    (root / "files" / WHEEL.name).write_bytes(CONTENT)
    page = f'<a href="../../files/pip-0.9.whl">old</a><a href="../../files/{WHEEL.name}#x">new</a>'
    (root / "simple" / "pip" / "index.html").write_text(page, encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple/")
    yield root
    server.shutdown()
    server.server_close()


def test_the_pinned_wheel_is_fetched_once(index: Path, tmp_path: Path) -> None:
    first = fetched(tmp_path / "cache", WHEEL)
    (index / "files" / WHEEL.name).unlink()

    assert fetched(tmp_path / "cache", WHEEL) == first
    assert first.read_bytes() == CONTENT


def test_another_file_under_its_name_is_refused(index: Path, tmp_path: Path) -> None:
    (index / "files" / WHEEL.name).write_bytes(b"something else")

    with pytest.raises(BootstrapError, match=r"not the pinned file.*apt install python3-venv"):
        fetched(tmp_path / "cache", WHEEL)

    assert not (tmp_path / "cache").exists()


def test_an_index_that_does_not_answer_is_a_sentence_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")

    with pytest.raises(BootstrapError, match="apt install python3-venv"):
        fetched(tmp_path / "cache", WHEEL)


def test_the_environment_names_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.test/simple")

    assert index_url() == "https://packages.test/simple"


def test_else_the_configuration_names_it(home: Path) -> None:
    (home / "pip.conf").write_text("[global]\nindex-url = https://mirror.test/\n", encoding="utf-8")

    assert index_url() == "https://mirror.test/"
