from __future__ import annotations

import signal
import stat
from pathlib import Path

import pytest

from project.up import environment_file, private_file, table
from project.up.addresses import Addresses
from project.up.backoff import Backoff
from project.up.banner import text
from project.up.folders import Folders
from project.up.lines import Lines


@pytest.fixture(autouse=True)
def _no_run_dir(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUN_DIR", raising=False)


def test_a_process_that_dies_young_waits_longer_each_time_up_to_half_a_minute() -> None:
    backoff = Backoff()

    assert [backoff.after(0.1) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]


def test_a_process_that_lived_a_minute_starts_from_one_second_again() -> None:
    backoff = Backoff()
    backoff.after(0.1)
    backoff.after(0.1)

    assert backoff.after(60) == 1


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        pytest.param([b"one\ntwo\n"], ["one", "two"], id="two at once"),
        pytest.param([b"on", b"e\n"], ["one"], id="one in two parts"),
        pytest.param([b"one\r\n"], ["one"], id="carriage return"),
        pytest.param([b"12345678901234567890"], ["12345678", "90123456", "7890"], id="no end"),
        pytest.param([b"1234567890\n"], ["12345678", "90"], id="too long"),
        pytest.param([b"\xff\n"], ["\ufffd"], id="not text"),
        pytest.param([b"\n"], [""], id="empty"),
        pytest.param([b"rest"], ["rest"], id="without a newline"),
    ],
)
def test_output_becomes_lines_of_bounded_length(chunks: list[bytes], lines: list[str]) -> None:
    cutter = Lines(longest=8)

    found = [line for chunk in chunks for line in cutter.feed(chunk)]

    assert found + cutter.close() == lines


def test_an_endless_line_is_never_kept_whole() -> None:
    cutter = Lines(longest=8)

    cutter.feed(b"x" * 100_000)

    assert len(cutter.close()) == 1


def test_sockets_lie_in_the_data_folder(tmp_path: Path) -> None:
    assert Folders.of(Path("/srv/bellwire")).run == Path("/srv/bellwire/run")


def test_a_data_folder_too_deep_for_sockets_gets_a_short_private_one() -> None:
    deep = Path("/srv") / ("deep/" * 30)

    run = Folders.of(deep).run

    assert len(str(run / "reconcile99.sock")) < 104
    assert run == Folders.of(deep).run != Folders.of(deep / "other").run


def test_folders_are_for_their_owner_alone(tmp_path: Path) -> None:
    folders = Folders.of(tmp_path / "data")

    folders.make()

    assert stat.S_IMODE(folders.data.stat().st_mode) == 0o700
    assert stat.S_IMODE(folders.run.stat().st_mode) == 0o700


def test_a_secret_file_is_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secret"

    private_file.write(path, "one")
    private_file.write(path, "two")

    assert path.read_text(encoding="utf-8") == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_the_secret_key_is_made_once_and_outlives_other_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    environment_file.ensure_secret_key()
    key = (tmp_path / "env").read_text(encoding="utf-8")

    environment_file.write(Folders.of(tmp_path), {"REDIS_URL": "redis://one"})
    environment_file.write(Folders.of(tmp_path), {})
    environment_file.ensure_secret_key()

    assert key.startswith("SECRET_KEY=")
    assert (tmp_path / "env").read_text(encoding="utf-8") == key


@pytest.mark.parametrize(
    ("bind", "urls"),
    [
        pytest.param("127.0.0.1", ["http://127.0.0.1:8000"], id="this machine"),
        pytest.param("10.1.2.3", ["http://10.1.2.3:8000"], id="one address"),
        pytest.param("::1", ["http://[::1]:8000"], id="IPv6"),
    ],
)
def test_an_address_is_what_one_types_into_a_browser(bind: str, urls: list[str]) -> None:
    assert Addresses.of(bind, 8000).urls == urls


def test_the_processes_allow_the_address_beside_what_was_allowed() -> None:
    allowed = Addresses(["127.0.0.1", "10.1.2.3"], 8000).environment(["127.0.0.1", "a.test"], [])

    assert allowed == {
        "ALLOWED_HOSTS": "127.0.0.1,a.test,10.1.2.3",
        "CSRF_TRUSTED_ORIGINS": "http://127.0.0.1:8000,http://10.1.2.3:8000",
    }


def test_the_doors_close_first_and_each_daphne_has_its_own_socket() -> None:
    stages = table.platform([7, 9], 1, Folders.of(Path("/srv/bellwire")))

    names = [[program.name for program in stage] for stage in stages]
    workers = ["worker-default", "worker-reports", "worker-images", "worker-mail"]
    assert names == [["web1", "web2"], workers, ["beat", "reconcile"]]
    assert [program.fds for program in stages[0]] == [(7,), (9,)]


def test_a_worker_may_end_its_jobs_before_it_gives_them_up() -> None:
    asked = [ending.signal for ending in table.worker("mail", 1).endings]

    assert asked == [signal.SIGTERM, signal.SIGQUIT]


def test_all_stops_take_ten_seconds_at_most() -> None:
    stages = table.platform([7], 1, Folders.of(Path("/srv/bellwire")))

    worst = sum(
        max(sum(ending.seconds for ending in program.endings) for program in stage)
        for stage in stages
    )

    assert worst + 2 <= 10.5  # Redis takes 2 s at most


def test_the_banner_says_which_process_is_down() -> None:
    assert "web1 12  beat (down)" in text(
        "Ready", ["http://x"], "secret", {"web1": 12, "beat": None}
    )
