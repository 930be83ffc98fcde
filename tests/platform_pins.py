"""``python -m tests.platform_pins``: whether every pin can be installed on every desktop. Asks the package index.

For each platform and version of Python, the packages of ``requirements.txt`` and all that they bring along *there* are
worked out from the metadata of what is installed here. Pure Python needs the right ``Requires-Python``; for the rest
pip is asked for a wheel of the pinned version, without installing it. What has none, or is not pinned, is named; exit
code 1 then.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distribution, distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS: dict[str, tuple[list[str], dict[str, str]]] = {
    "Windows x86-64": (["win_amd64"], {"sys_platform": "win32", "platform_machine": "AMD64"}),
    "macOS arm64": (
        [f"macosx_{major}_0_arm64" for major in range(15, 10, -1)],
        {"sys_platform": "darwin", "platform_machine": "arm64"},
    ),
    **{
        f"Linux {machine}": (
            [f"manylinux_2_{minor}_{machine}" for minor in range(39, 16, -1)] + [f"manylinux2014_{machine}"],
            {"sys_platform": "linux", "platform_machine": machine},
        )
        for machine in ("x86_64", "aarch64")
    },
}
"""Per platform: the tags of its wheels, newest first, and what it answers to the markers of requirements."""
SYSTEMS = {"win32": ("Windows", "nt"), "darwin": ("Darwin", "posix"), "linux": ("Linux", "posix")}
INSTALLERS = {"pip", "setuptools", "wheel"}
"""Left out by ``pip freeze``: an environment brings its own."""
_NO_WHEEL = re.compile(r"No matching distribution found for ([\w.-]+)==")


def main() -> int:
    pins = pinned()
    failures = 0
    for name, (tags, machine) in PLATFORMS.items():
        for python in PYTHONS:
            needed = needed_on({**machine, **environment(machine["sys_platform"], python)})
            unpinned = sorted(needed - pins.keys() - INSTALLERS)
            here = needed & pins.keys() & installed()
            missing = [package for package in sorted(here) if not runs_on(package, python)]
            compiled = {
                package for package in needed & pins.keys() if package not in here or not is_pure(package)
            }
            missing += without_wheel({package: pins[package] for package in sorted(compiled)}, tags, python)
            failures += len(missing)
            print(
                f"{name}, Python {python}: {len(needed)} packages"
                + (f"; no wheel: {', '.join(missing)}" if missing else "")
                + (f"; not pinned: {', '.join(unpinned)}" if unpinned else ""),
                flush=True,
            )
    return 1 if failures else 0


def pinned() -> dict[str, str]:
    """Returns the version that ``constraints.txt`` names for each package."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in found}


def installed() -> set[str]:
    """Returns the canonical names of what is installed here."""
    return {canonicalize_name(found.metadata["Name"]) for found in distributions()}


def environment(system: str, python: str) -> dict[str, str]:
    """Returns what a platform answers to the markers of requirements, the machine aside."""
    platform_system, os_name = SYSTEMS[system]
    return {
        "platform_system": platform_system,
        "os_name": os_name,
        "python_version": python,
        "python_full_version": f"{python}.0",
    }


def needed_on(marks: dict[str, str]) -> set[str]:
    """Returns the canonical names of all that ``requirements.txt`` brings along where markers answer ``marks``."""
    lines = (
        line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    )
    waiting = [Requirement(line) for line in lines if line]
    seen: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({**marks, "extra": ""}):
            continue
        name = canonicalize_name(wanted.name)
        for extra in ("", *wanted.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += brought_along(name, {**marks, "extra": extra})
    return {name for name, _ in seen}


def brought_along(package: str, marks: dict[str, str]) -> list[Requirement]:
    """Returns what ``package`` requires; nothing where it is not installed here, being of other platforms."""
    try:
        found = [Requirement(line) for line in requires(package) or ()]
    except PackageNotFoundError:
        return []
    kept = [one for one in found if one.marker is None or one.marker.evaluate(marks)]
    for one in kept:
        one.marker = None  # looked at: an extra is not asked for twice
    return kept


def is_pure(package: str) -> bool:
    """Returns whether ``package``, as it is installed here, holds nothing compiled: it is the same everywhere."""
    return "Root-Is-Purelib: true" in (distribution(package).read_text("WHEEL") or "")


def runs_on(package: str, python: str) -> bool:
    """Returns whether the installed version of ``package`` admits this version of Python."""
    return SpecifierSet(distribution(package).metadata["Requires-Python"] or "").contains(f"{python}.0")


def without_wheel(pins: dict[str, str], tags: list[str], python: str) -> list[str]:
    """Returns the packages of ``pins`` for which pip finds no wheel with one of ``tags``."""
    left, missing = dict(pins), list[str]()
    while True:
        with tempfile.TemporaryDirectory() as folder:
            command = [
                *(
                    sys.executable,
                    "-m",
                    "pip",
                    "install",
                    "--dry-run",
                    "--no-deps",
                    "--ignore-requires-python",
                    "--only-binary=:all:",
                ),
                *("--target", folder, "--python-version", python),
                *(word for tag in tags for word in ("--platform", tag)),
                *(f"{name}=={version}" for name, version in left.items()),
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return missing
        found = _NO_WHEEL.search(done.stderr)
        if found is None:
            raise SystemExit(f"pip cannot tell: {done.stderr[-600:]}")
        missing.append(f"{found[1]}=={left.pop(canonicalize_name(found[1]))}")


if __name__ == "__main__":
    sys.exit(main())
