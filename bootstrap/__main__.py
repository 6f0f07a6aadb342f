"""The command line: ``python3 -m bootstrap run``, ``test``, ``lock`` or ``npm …``."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from bootstrap import environment, frontend, lock
from bootstrap.errors import BootstrapError
from bootstrap.paths import CACHE

USAGE = """\
python3 -m bootstrap run      what `manage.py up` needs: .venv, requirements, the built front-end
python3 -m bootstrap test     that, and what the tests need
python3 -m bootstrap npm …    npm in frontend/, with Node and its packages fetched where missing
python3 -m bootstrap lock     resolve requirements*.in anew into the locks
"""


def main(arguments: list[str]) -> int:
    """Do what the arguments say; a failure is one sentence and exit code 1."""
    try:
        with _alone():
            return _do(arguments)
    except BootstrapError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _do(arguments: list[str]) -> int:
    match arguments:
        case ["run"]:
            _prepare(dev=False)
        case ["test"]:
            _prepare(dev=True)
        case ["npm", *rest]:
            environment.ensure()
            frontend.npm(*rest)
        case ["lock"]:
            environment.ensure()
            lock.write()
        case _:
            sys.stderr.write(USAGE)
            return 2
    return 0


def _prepare(*, dev: bool) -> None:
    environment.ensure()
    with ThreadPoolExecutor() as pool:  # pip and npm wait for the network more than for a core
        steps = [
            pool.submit(environment.install, environment.locks(dev=dev)),
            pool.submit(frontend.build),
        ]
    for step in steps:
        step.result()


@contextmanager
def _alone() -> Iterator[None]:
    """Wait while another bootstrap works in this checkout: two pips would trip each other."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "bootstrap.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
