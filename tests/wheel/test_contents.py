"""What is in the wheel, what is not, and what it says of itself."""

from __future__ import annotations

import ast
import json
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.wheel.newcomer import ROOT, build, sources

APPS = ("realtime", "tasks")
ASSETS = "realtime/static/bellwire"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sources(tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="module")
def wheel(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    stale = folder / "build" / "lib" / ASSETS / "assets" / "elements-of-last-year.js"
    stale.parent.mkdir(parents=True)
    stale.touch()
    target = tmp_path_factory.mktemp("wheels")
    done = build(folder, target)
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(next(target.glob("*.whl"))) as wheel:
        yield wheel


def test_all_of_the_apps_is_in_it_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    kinds = {".py", ".html", ".mo", ".json", ".js", ".css", ".typed"}
    wanted = {
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*")
        if path.suffix in kinds or path.name == "py.typed"
    }

    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert packed == wanted


def test_every_file_that_pages_ask_for_is_in_it(wheel: zipfile.ZipFile) -> None:
    chunks = json.loads(wheel.read(f"{ASSETS}/manifest.json")).values()
    asked = {name for chunk in chunks for name in (chunk["file"], *chunk.get("css", []))}

    assert {f"{ASSETS}/{name}" for name in asked} <= set(wheel.namelist())


@pytest.mark.parametrize("missing", ["manifest.json", "assets"])
def test_without_the_front_end_there_is_no_wheel(
    folder: Path, tmp_path: Path, missing: str
) -> None:
    place = folder / ASSETS / missing
    hidden = place.rename(folder / missing)
    try:
        done = build(folder, tmp_path)
    finally:
        hidden.rename(place)

    assert done.returncode != 0
    assert "The front-end is not built" in done.stderr
    assert list(tmp_path.glob("*.whl")) == []


def test_what_is_imported_is_what_is_depended_on() -> None:
    known = {canonical(name) for name in closure()}
    found = packages_distributions()

    foreign = {
        name: found.get(name, ["nothing that is installed"])
        for name in imported()
        if name not in (*APPS, *sys.stdlib_module_names)
    }

    assert {
        name: given for name, given in foreign.items() if not known & {*map(canonical, given)}
    } == {"pytest": ["pytest"]}


def test_what_it_says_of_itself_leads_nowhere_private(wheel: zipfile.ZipFile) -> None:
    metadata = wheel.read(next(n for n in wheel.namelist() if n.endswith("METADATA"))).decode()
    head = metadata.partition("\n\n")[0]

    assert "License-Expression: BSD-3-Clause" in head
    assert "Project-URL" not in head
    assert "://" not in head


def imported() -> set[str]:
    """Name the packages that the apps import."""
    trees = [ast.parse(path.read_text()) for app in APPS for path in (ROOT / app).rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {module.partition(".")[0] for module in modules}


def closure() -> set[str]:
    """Name what is installed with the wheel: its dependencies, theirs, and so on."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    todo, found = [*map(Requirement, declared)], set[str]()
    while todo:
        requirement = todo.pop()
        if requirement.name in found:
            continue
        found.add(requirement.name)
        extras = [{"extra": extra} for extra in ("", *requirement.extras)]
        try:
            texts = requires(requirement.name) or []
        except PackageNotFoundError:  # of another platform
            continue
        theirs = [Requirement(text) for text in texts]
        todo += [t for t in theirs if not t.marker or any(map(t.marker.evaluate, extras))]
    return found


def canonical(name: str) -> str:
    return name.lower().replace("_", "-")
