"""Programs for a supervisor to run: some sleep, some listen, some are deaf."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.terminal import Running

Stage = list[dict[str, Any]]
Start = Callable[..., Running]

SLEEPS = """
import os, time
print("began", os.getpid())
time.sleep(300)
"""
TELLS_OF_SIGNALS = """
import os, signal, sys, time
def hear(number, frame):
    print("heard", signal.Signals(number).name)
    sys.exit()
signal.signal(signal.SIGTERM, hear)
signal.signal(signal.SIGINT, hear)
print("began", os.getpid())
time.sleep(300)
"""
ENDS_SLOWLY = """
import os, signal, sys, time
def hear(number, frame):
    time.sleep(0.5)
    print("ended well")
    sys.exit()
signal.signal(signal.SIGTERM, hear)
print("began", os.getpid())
time.sleep(300)
"""
IGNORES_TERM = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("began", os.getpid())
time.sleep(300)
"""
HAS_A_CHILD = f"""
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-uc", {IGNORES_TERM!r}])
print("began", os.getpid())
time.sleep(300)
"""
DEAF_LEADER = """
import signal, subprocess, sys
signal.signal(signal.SIGHUP, lambda number, frame: None)
sys.exit(subprocess.call(sys.argv[1:]))
"""
SHOUTS = """
import pathlib, sys, time
for number in range(5000):
    print("x" * 1000)
pathlib.Path(SAID_ALL).touch()
time.sleep(300)
"""


def row(name: str, code: str, patience: float = 2) -> dict[str, Any]:
    return {"name": name, "code": code, "patience": patience}


def pids_of(supervisor: Running, count: int) -> list[int]:
    return [int(match[1]) for match in supervisor.expect(r"began (\d+)", times=count)]


def guard_of(supervisor: Running) -> int:
    return int(supervisor.expect(r"guard is (\d+)")[0][1])
