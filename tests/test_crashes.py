"""Killed at any moment, on a full or a read-only disk: the old stands whole or the new does, and one more run mends it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import executed
import forked_commands
import psutil
import pytest
from tinyproject import SECANALYSIS, copy_facts, write_notebook

from secanalysis.running import run_log
from secanalysis.support.project import Project

ROOT = Path(__file__).parent.parent
MADE = {"build": "data/processed", "run": "runs", "publish": "site"}
NOTEBOOK = (
    "from secanalysis import Register",
    "report = Register.load().month(month, convention, known_by)\nreport.stages",
    "report.stages.chart()",
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes and limits as Linux has them")

Contents = dict[str, str]


def contents(folder: Path) -> Contents:
    """SHA-256 of all files by path, but not of the record of runs and its lock."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("log.jsonl", ".lock", ".lock.holder")
    }


@dataclass
class Place:
    """A project of two months, its two versions of the facts, and what undisturbed commands make of each."""

    root: Path
    code: str
    kept: Path
    expected: dict[str, dict[str, Contents]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def scratch(self) -> Path:
        """Where its commands have their temporary files."""
        return self.root.parent / "tmp"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its commands."""
        arguments = {"SECANALYSIS_ROOT": self.root, "TMPDIR": self.scratch, "PYTHONPATH": self.code}
        return {**os.environ, **{name: str(value) for name, value in arguments.items()}}

    def begin(self, command: str, *more: str) -> psutil.Popen:
        """Begin a command."""
        return psutil.Popen(
            [*SECANALYSIS, command, *more],
            env=self.environment,
            cwd=self.root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def do(
        self,
        command: str,
        *more: str,
        first: Callable[[], object] | None = None,
        around: tuple[str, ...] = (),
        **changed: str,
    ) -> subprocess.CompletedProcess[str]:
        """Do a command, in a process that does something else first, or within another command."""
        if not first and not around and not changed:
            return forked_commands.run([command, *more], self.environment, self.root, 240)
        return subprocess.run(
            [*around, *SECANALYSIS, command, *more],
            env={**self.environment, **changed},
            cwd=self.root,
            capture_output=True,
            text=True,
            preexec_fn=first,
            timeout=240,
        )

    def right(self, command: str, *more: str, **changed: str) -> str:
        """Do a command that has to succeed; what it said."""
        done = self.do(command, *more, **changed)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def made(self, command: str) -> Path:
        """The folder that a command makes."""
        return self.root / MADE[command]

    def give(self, version: str, what: str) -> None:
        """Put one version of a folder in its place."""
        shutil.rmtree(self.root / what, ignore_errors=True)
        shutil.copytree(self.kept / version / what, self.root / what)

    def prepare(self, command: str, before: str, after: str) -> None:
        """What a command has to work on is one version, what it has made is another."""
        self.give(before, MADE[command])
        self.give(after, {"build": "data/raw", "run": "data/processed", "publish": "runs"}[command])

    def leftovers(self) -> list[str]:
        """Hidden and temporary files, and processes of its commands that still run."""
        files = [path for path in self.root.rglob(".*") if path != self.root / "runs" / ".lock"]
        return [*map(str, files), *map(str, self.scratch.iterdir()), *map(str, self.processes())]

    def processes(self) -> list[psutil.Process]:
        """All processes that have its root in their environment, or work there, as those do that are forked for tests."""
        result = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                here = process.environ().get("SECANALYSIS_ROOT") == str(self.root)
                if (
                    here or Path(process.cwd()).is_relative_to(self.root)
                ) and process.status() != psutil.STATUS_ZOMBIE:
                    result.append(process)
        return result

    def check(self, command: str, before: str, after: str) -> None:
        """What the command was to replace is of one version, and what is there of a run is whole."""
        was, will_be = (self.expected[version][command] for version in (before, after))
        now = contents(self.made(command))
        if command == "run":  # a notebook at a time
            now = {path: sha for path, sha in now.items() if not path.endswith(".part")}
            assert {sha in (was[path], will_be[path]) for path, sha in now.items()} <= {True}
        else:
            assert now in (was, will_be)

    def mended(self, command: str, after: str) -> None:
        """Doing the command gives what it would have given undisturbed, and nothing else is left."""
        self.right(command)
        assert contents(self.made(command)) == self.expected[after][command]
        _wait_for(lambda: not self.processes())
        assert self.leftovers() == []


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, frozen_code: str) -> Place:
    """A few real facts and a light notebook, over two months; in the other version a meeting is missing."""
    folder = tmp_path_factory.mktemp("crashes")
    place = Place(folder / "project", frozen_code, folder / "kept")
    place.scratch.mkdir()
    for version in ("one", "other"):
        copy_facts(place.kept / version / "data" / "raw", {"MP094", "MP103", "SECMP0007"})
    meetings = place.kept / "other" / "data" / "raw" / "meetings.csv"
    meetings.write_text("".join(meetings.read_text().splitlines(keepends=True)[:-1]))
    write_notebook(place.root / "notebooks" / "stage_counts.ipynb", *NOTEBOOK)
    (place.root / "dvc.yaml").write_text("stages: {}\n")
    (place.root / "params.yaml").write_text('months:\n  first: "2020-07"\n  last: "2020-08"\n')
    for version in ("one", "other"):
        place.give(version, "data/raw")
        place.expected[version] = {}
        for command, made in MADE.items():
            begun = time.monotonic()
            place.right(command)
            place.seconds[command] = time.monotonic() - begun
            place.expected[version][command] = contents(place.root / made)
            shutil.copytree(place.root / made, place.kept / version / made)
    assert place.leftovers() == []
    for command in MADE:
        assert place.expected["one"][command] != place.expected["other"][command]
    assert len(place.expected["one"]["run"]) == 2
    return place


# Killed ------------------------------------------------------------------------------------------


def kill(running: psutil.Popen, *, all_of_it: bool) -> None:
    """Kill a command without warning, alone or with each process that it has started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in [running, *(running.children(recursive=True) if all_of_it else [])]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
    running.wait()


@linux
@pytest.mark.parametrize(
    "moment", [*range(6), *(pytest.param(n, marks=pytest.mark.soak) for n in range(6, 110))]
)
def test_killed_at_any_moment(place: Place, moment: int) -> None:
    """The moment is the seed: which command, when, and whether alone."""
    chance = random.Random(moment)
    command = [*MADE][moment % len(MADE)]
    before, after = chance.sample(["one", "other"], 2)
    all_of_it, wait = chance.random() < 0.5, chance.uniform(0, 1.1 * place.seconds[command])
    print(f"{command} killed after {wait:.2f} s, {'all of it' if all_of_it else 'the main process'}")

    place.prepare(command, before, after)
    running = place.begin(command)
    with contextlib.suppress(psutil.TimeoutExpired):
        running.wait(wait)
    kill(running, all_of_it=all_of_it)
    place.check(command, before, after)
    _wait_for(lambda: not place.processes())
    if command == "run" and (place.root / "runs" / ".lock.holder").exists():
        place.mended(command, after)
        assert '"killed"' in run_log.log_path(Project(place.root)).read_text()
    else:
        place.mended(command, after)


AT_EACH_STEP = """
import hashlib, json, os, signal, sys
from pathlib import Path
from secanalysis.publishing import publish
from secanalysis.statements import storage
from secanalysis.support.project import Project

root, command, every = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
project = Project(root / "project")
if command == "build":
    made = project.processed
    versions = [storage.read_folder(root / "kept" / name / "data" / "raw") for name in ("one", "other")]
    make = lambda version: storage.write_processed(versions[version], made)
elif command == "ingest":
    made = root / "project" / "data" / "raw"
    facts = storage.read_folder(made)
    fewer = {name: frame if name == "sources" else frame.iloc[:-1] for name, frame in facts.items()}
    make = lambda version: storage.write_raw((facts, fewer)[version], made)
else:
    made = project.site
    def make(version):
        held = project.root / "runs" / "2020-08" / "durations.ipynb"
        held.write_bytes((root / f"durations {version}").read_bytes())
        publish.publish(project)

def hashed():
    files = sorted(path for path in made.rglob("*") if path.is_file())
    return [(str(path.relative_to(made)), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]

def writes(event, told):
    if event == "open":
        return isinstance(told[2], int) and bool(told[2] & (os.O_WRONLY | os.O_RDWR))
    return event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "ctypes.dlsym")

def killed_at(step, version):
    pid = os.fork()
    if pid:
        return os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    left = step
    def count(event, told):
        nonlocal left
        if writes(event, told):
            left -= 1
            if left < 0:
                os.killpg(0, signal.SIGKILL)
    os.setsid()
    sys.addaudithook(count)  # those that are forked from here count on, each for itself
    try:
        make(version)
    finally:
        os._exit(0)

make(1)
right = [None, hashed()]
make(0)
right[0] = hashed()
version, step, steps = 0, 0, 0
while killed_at(step, 1 - version):
    version, step, steps = 1 - version, step + every, steps + 1
    if command == "ingest":
        storage.read_folder(made)
    assert hashed() in right, f"neither old nor new after step {step}"
    make(version)
    assert hashed() == right[version], step
    left = [path.name for folder in {made.parent, project.root} for path in folder.iterdir() if path.name[0] == "."]
    assert left == [], left
    assert not [path for path in made.iterdir() if path.name[0] == "."]
print(steps)
"""


@linux
@pytest.mark.parametrize(
    ("command", "every", "least"),
    [
        ("build", 3, 5),
        ("ingest", 4, 7),
        ("publish", 4, 8),
        *(
            pytest.param(command, 1, least, marks=pytest.mark.soak)
            for command, least in (("build", 15), ("ingest", 25), ("publish", 40))
        ),
    ],
)
def test_killed_at_each_step(
    place: Place, tmp_path: Path, frozen_code: str, command: str, every: int, least: int
) -> None:
    """Before each file that is opened for writing, moved or removed, the exchange of folders among them.

    What an ingest replaces is several files: whoever reads them next finds all of one version.
    """
    root = place.kept.parent if command == "build" else tmp_path
    if command == "ingest":
        shutil.copytree(place.kept / "one" / "data" / "raw", root / "project" / "data" / "raw")
    elif command == "publish":
        executed.write(root / "project")
        for version in (0, 1):
            executed.put(root / f"durations {version}", executed.durations(title=f"Version {version}"))
    done = subprocess.run(
        [sys.executable, "-c", AT_EACH_STEP, str(root), command, str(every)],
        env={**os.environ, "PYTHONPATH": frozen_code},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= least


def test_a_half_written_notebook_of_a_killed_run_goes(place: Place) -> None:
    place.prepare("run", "one", "one")
    for folder in ("2020-08", "2020-09", "failed/2020-08"):
        (place.root / "runs" / folder).mkdir(parents=True, exist_ok=True)
        (place.root / "runs" / folder / ".x1y2.part").write_text("{")
    place.right("run")
    assert contents(place.root / "runs") == place.expected["one"]["run"]


# Full, read-only -----------------------------------------------------------------------------------


def is_stated(done: subprocess.CompletedProcess[str], words: str) -> None:
    """It ended with a sentence."""
    assert done.returncode in (1, 2), done.stderr
    assert "Traceback" not in done.stderr
    assert words in done.stderr


@linux
@pytest.mark.parametrize("command", MADE)
def test_files_that_cannot_grow(place: Place, command: str) -> None:
    """A limit on the size of files cuts every one that is written."""
    place.prepare(command, "one", "other")
    small = 2_000
    done = place.do(command, first=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (small, small)))
    is_stated(done, "File too large")
    place.check(command, "one", "other")
    place.mended(command, "other")


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A file system in memory, if this machine lets us have one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no small file system: that needs the right to mount one")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@linux
@pytest.mark.parametrize("command", MADE)
def test_a_full_disk(place: Place, tmp_path: Path, command: str) -> None:
    """The disk of the project fills up while a command writes."""
    with small_disk(tmp_path / "disk", 8):
        full = Place(tmp_path / "disk" / "project", place.code, place.kept, place.expected)
        place.prepare(command, "one", "other")
        shutil.copytree(place.root, full.root, ignore=shutil.ignore_patterns(".lock"))
        full.scratch.mkdir()
        filler = tmp_path / "disk" / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        with filler.open("r+b") as file:
            file.truncate(filler.stat().st_size - (16 << 10))  # a little room: it fills up while writing
        is_stated(full.do(command), "No space left on device")
        full.check(command, "one", "other")
        filler.unlink()
        full.mended(command, "other")
        lines = run_log.log_path(Project(full.root)).read_text().splitlines() if command == "run" else []
        assert all(json.loads(line) for line in lines)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[tuple[str, ...]]:
    """What to put before a command for which a folder can't be written to."""
    if os.getuid():
        mode = folder.stat().st_mode
        folder.chmod(0o555)
        yield ()
        folder.chmod(mode)
        return
    bind = (
        'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'  # permissions don't bind root
    )
    around = ("unshare", "-m", "sh", "-c", bind, str(folder))
    if not shutil.which("unshare") or subprocess.run([*around, "true"], capture_output=True).returncode:
        pytest.skip("root writes everywhere, and no folder can be mounted read-only here")
    yield around


@linux
@pytest.mark.parametrize("command", MADE)
def test_a_read_only_folder(place: Place, command: str) -> None:
    place.prepare(command, "one", "other")
    with read_only(place.made(command) if command == "run" else place.made(command).parent) as around:
        done = place.do(command, around=around)
    is_stated(done, "can't be used (")
    assert str(place.made(command).parent) in done.stderr
    assert contents(place.made(command)) == place.expected["one"][command]
    place.mended(command, "other")


@linux
@pytest.mark.parametrize(
    "kernels",
    [pytest.param((), id="forked"), pytest.param(("--cold",), id="ordinary", marks=pytest.mark.soak)],
)
def test_an_unwritable_home(place: Place, kernels: tuple[str, ...]) -> None:
    """Nothing of it shows in what is executed, and nothing is left where temporary files are."""
    place.prepare("run", "one", "one")
    place.right("run", "--force", *kernels, HOME="/dev/null", XDG_CACHE_HOME="/dev/null")
    assert contents(place.root / "runs") == place.expected["one"]["run"]
    assert place.leftovers() == []


@linux
def test_no_folder_for_temporary_files(place: Place) -> None:
    """All is read-only but the project, as in a container, and nobody says where temporary files may go."""
    place.prepare("run", "one", "other")
    keep = f'mount --bind "{place.root}" "{place.root}" && mount -o remount,ro,bind / && cd / && exec "$@"'
    around = ("unshare", "-m", "sh", "-c", keep, "sh")
    if not shutil.which("unshare") or subprocess.run([*around, "true"], capture_output=True).returncode:
        pytest.skip("nothing can be mounted read-only here")
    done = place.do("run", around=around, TMPDIR="/dev/null")
    is_stated(done, "kernels need a folder for what they write: No usable temporary directory found")
    place.mended("run", "other")


# A clock that jumps ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "day", [pytest.param(0, id="1970", marks=pytest.mark.soak), pytest.param(4_100_000_000, id="2099")]
)
def test_times_of_files_play_no_part(place: Place, day: int) -> None:
    """Neither in what is done again nor in what comes of it: a clock that was wrong leaves no trace."""

    def set_times() -> None:
        for path in place.root.rglob("*"):
            os.utime(path, (day, day))

    for what in ("data/raw", *MADE.values()):
        place.give("one", what)
    set_times()
    place.right("build")
    assert "0 notebooks executed" in place.right("run")
    assert "0 files made" in place.right("publish")
    place.give("other", "data/raw")
    for command in MADE:
        set_times()
        place.right(command)
        assert contents(place.made(command)) == place.expected["other"][command]


def test_a_holder_from_the_future_is_no_lock(place: Place) -> None:
    place.prepare("run", "one", "other")
    arguments = {"pid": 1, "host": "elsewhere", "since": "2099-01-01T00:00:00+00:00"}
    (place.root / "runs" / ".lock.holder").write_text(json.dumps(arguments))
    place.mended("run", "other")
    records = [json.loads(line) for line in run_log.log_path(Project(place.root)).read_text().splitlines()]
    assert [record["status"] for record in records[-2:]] == ["killed", "ok"]
    assert records[-1]["seconds"] >= 0


def _wait_for(happened: Callable[[], object], seconds: float = 60) -> None:
    last = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < last, "it didn't happen in time"
        time.sleep(0.05)
