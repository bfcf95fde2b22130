"""The environment files say one thing: pyproject.toml, environment.yml and the three locks."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
GROUPS = {
    "build": PYPROJECT["build-system"]["requires"],
    "core": PYPROJECT["project"]["dependencies"],
    **EXTRAS,
}
LOCKS = {
    "requirements.lock": ["build", "core", "ingest"],
    "requirements-dev.lock": ["build", "core", "ingest", "cluster", "dev"],
    "requirements-lab.lock": ["lab"],
}
REPORT_LOCKS = ["requirements.lock", "requirements-dev.lock"]

# conda-forge's name: ours, where they differ
CONDA_NAMES = {
    "jupyter_client": "jupyter-client",
    "matplotlib-base": "matplotlib",  # the same without Qt
    "nbconvert-core": "nbconvert",  # the same without pandoc
    "pandera-pandas": "pandera[pandas]",
}


def spelled(requirement: Requirement) -> str:
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return canonicalize_name(requirement.name) + extras


def ranges(*groups: str) -> dict[str, SpecifierSet]:
    """What pyproject.toml asks for in these groups: name (with extras) to range."""
    return {
        spelled(requirement): requirement.specifier
        for group in groups
        for requirement in map(Requirement, GROUPS[group])
    }


def entries(lock: str) -> list[str]:
    """The lock's entries, each on one line with its hashes."""
    text = re.sub(r"\\\n\s*", "", (ROOT / lock).read_text(encoding="utf-8"))
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def pins(lock: str) -> dict[str, str]:
    """Name to what is pinned and where: '==1.2' or '==1.2 ; python_version…'."""
    result = [re.split(r"(?===)", entry.split(" --hash")[0], maxsplit=1) for entry in entries(lock)]
    assert len({name for name, _ in result}) == len(result), f"{lock} names a package twice"
    return {name: pin.strip() for name, pin in result}


def version(pin: str) -> Version:
    return Version(pin.removeprefix("==").split(";")[0].strip())


def test_conda_gets_what_pyproject_asks_for():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert listed.pop() == {"pip": ["-e ."]}
    conda = {}
    for line in listed:
        name, bounds = re.fullmatch(r"([\w-]+)(.*)", line).groups()
        conda[CONDA_NAMES.get(name, name)] = SpecifierSet(bounds)
    assert conda.pop("python") == SpecifierSet(PYPROJECT["project"]["requires-python"])
    assert conda.pop("pip") == SpecifierSet()
    assert conda == ranges("core", "ingest", "lab")


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_pins_every_package_by_hash_and_names_no_place(lock):
    for entry in entries(lock):
        name = entry.split()[0]
        assert re.fullmatch(r"[a-z0-9-]+==\S+", name), f"not name==version: {name}"
        assert re.search(r" --hash=sha256:[0-9a-f]{64}", entry), f"no hash: {name}"
    assert not re.search(r"://| @ |--(index|extra-index|find-links|trusted)", (ROOT / lock).read_text())


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_what_pyproject_asks_for(lock):
    """After a change in pyproject.toml: make lock."""
    pinned = pins(lock)
    for name, allowed in ranges(*LOCKS[lock]).items():
        pin = pinned.get(name.split("[")[0])
        assert pin, f"{name} is missing"
        assert version(pin) in allowed, f"{name}{pin} is not {allowed}"


def test_locks_agree():
    report, dev, lab = map(pins, LOCKS)
    assert report.items() <= dev.items()
    disagreeing = {name for name in dev.keys() & lab.keys() if version(dev[name]) != version(lab[name])}
    assert not disagreeing


@pytest.mark.parametrize("lock", REPORT_LOCKS)
def test_reports_run_without_jupyterlab(lock):
    """It brings rfc3987-syntax, which costs every process that imports nbformat a second."""
    assert not {"jupyterlab", "jupyter-server", "rfc3987-syntax"} & pins(lock).keys()
