"""The one thing about the wheel that pyproject.toml cannot say: no wheel without its front-end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ASSETS = Path(__file__).parent / "realtime" / "static" / "bellwire"


class BuildWithAssets(build_py):
    """Refuses a build whose pages would be dead."""

    def run(self) -> None:
        """Copy the apps to where they are packed."""
        if missing := _missing():
            raise SystemExit(
                f"The front-end is not built: {missing} is not in {ASSETS}. "
                "Run npm --prefix frontend ci, then npm --prefix frontend run build."
            )
        # Files have their digest in their names: those of an earlier build would be packed too.
        shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()


def _missing() -> str:
    """Name a file that pages ask for and that is not there; empty where all are."""
    manifest = ASSETS / "manifest.json"
    if not manifest.is_file():
        return manifest.name
    chunks = json.loads(manifest.read_text(encoding="utf-8")).values()
    wanted = [name for chunk in chunks for name in (chunk["file"], *chunk.get("css", []))]
    return next((name for name in wanted if not (ASSETS / name).is_file()), "")


setup(cmdclass={"build_py": BuildWithAssets})
