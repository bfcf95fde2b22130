"""Kernels: alone, alike, stopped in time, and started again."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import papermill
import psutil
import pytest
from tinyproject import outputs, write_notebook

from secanalysis.running.execution import execute
from secanalysis.running.kernels import forkserver, provisioners
from secanalysis.running.kernels.forkserver import SharedWork

forks = pytest.mark.skipif(not forkserver.CAN_FORK, reason="kernels can't be forked here")

VANDAL = """
import builtins, decimal, json, logging, os, sys, warnings
import matplotlib as mpl
import numpy as np
import pandas as pd
pd.DataFrame.to_html = lambda *_, **__: "vandalised"
pd.DataFrame.sum = lambda *_, **__: 42
pd.set_option("display.precision", 1)
pd.api.extensions.register_dataframe_accessor("vandal")(object)
mpl.rcParams["lines.linewidth"] = 20
builtins.abs = lambda _: 7
builtins.vandal = True
sys.modules["csv"] = None
import html; html.escape = lambda _: "vandalised"
sys.path.insert(0, "/vandal")
np.set_printoptions(precision=1)
np.random.seed(1)
decimal.getcontext().prec = 2
logging.getLogger().setLevel(logging.DEBUG)
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
os.environ["VANDAL"] = "1"
os.environ["TZ"] = "Asia/Tokyo"
import time; time.tzset()
os.chdir("/")
import tempfile; open(os.path.join(tempfile.gettempdir(), "vandal"), "w").close()
import locale; locale.setlocale(locale.LC_ALL, "C")
sys.setrecursionlimit(5000)
"""
PROBE = (
    """
import builtins, decimal, logging, os, sys, time, warnings
import matplotlib as mpl
import numpy as np
import pandas as pd
frame = pd.DataFrame({"a": [1.23456789, 2.5], "b": pd.to_datetime(["2020-08-07", "2020-08-08"])})
print(frame["a"].sum(), abs(-1), hasattr(builtins, "vandal"), hasattr(frame, "vandal"), sys.path[0])
print(pd.get_option("display.precision"), np.array([1 / 3]), decimal.Decimal(1) / 3, mpl.rcParams["lines.linewidth"])
print(logging.getLogger().level, logging.root.manager.disable, "VANDAL" in os.environ, os.path.basename(os.getcwd()))
print(time.tzname, hash("a"), sys.getrecursionlimit(), sys.flags.hash_randomization)
import csv, html; print(html.escape("<"))
""",
    """
frame
""",
    """
import matplotlib.pyplot as plt
plt.plot(frame["a"])
""",
    """
import io
from matplotlib.figure import Figure
mpl.rcParams["svg.hashsalt"] = "a"
figure = Figure(layout="constrained"); axes = figure.add_subplot(); axes.plot([1, 2], label="é"); axes.legend()
drawn = io.StringIO(); figure.savefig(drawn, format="svg", metadata={"Date": None})
import hashlib; print(hashlib.sha256(drawn.getvalue().encode()).hexdigest())
""",
    """
figure, object(), axes
""",
    """
import sys
print("to standard error", file=sys.stderr); print("to standard output"); warnings.warn("look out")
""",
    """
from threading import Thread
print("no line's end", end=""); display(1)
thread = Thread(target=print, args=["from a thread"]); thread.start(); thread.join(); display(2)
sys.stderr.writelines(["two ", "pieces"]); display(3)
sys.stdout.write("ü"), type(sys.stdout), get_ipython().kernel._execute_sleep, get_ipython().history_manager.enabled
""",
    """
import pandera.pandas as pa, scipy.stats, pyarrow as parrow
import pyarrow.parquet as pq
table = io.BytesIO(); frame.to_parquet(table); table.seek(0)
pa.DataFrameSchema({"a": pa.Column(float)}).validate(pd.read_parquet(table)), scipy.stats.norm.cdf(0.3)
""",
    """
import subprocess
subprocess.run(["sh", "-c", "exit 3"]).returncode
""",
)


def shared(folder: Path, *codes: str) -> list[SharedWork]:
    """Shared work that runs some code, each from a file of its own."""
    works = []
    for code in codes:
        path = folder / f"shared-{hashlib.sha256(code.encode()).hexdigest()[:8]}.py"
        path.write_text(code)
        works.append(SharedWork("runpy:run_path", {"path_name": str(path)}))
    return works


def run_in(folder: Path, name: str, *cells: str, **settings: object) -> tuple[str | None, bytes]:
    """Execute a notebook of some cells; the error, and what is kept."""
    source = write_notebook(folder / f"{name}.ipynb", *cells)
    result = execute(source, {"month": "2020-08"}, "-", root=folder, **{"timeout": 60, **settings})  # type: ignore[arg-type]
    return result.error, result.notebook


@forks
def test_no_notebook_changes_another(tmp_path: Path) -> None:
    before = run_in(tmp_path, "probe", *PROBE)
    assert before[0] is None
    assert run_in(tmp_path, "vandal", VANDAL)[0] is None
    assert run_in(tmp_path, "probe", *PROBE) == before


@forks
def test_forked_and_ordinary_kernels_give_the_same_bytes(tmp_path: Path) -> None:
    forked = run_in(tmp_path, "probe", *PROBE)
    ordinary = run_in(tmp_path, "probe", *PROBE, cold=True)
    assert forked == ordinary
    assert b"image/png" in forked[1] and b"look out" in forked[1]


SHOWS_PREPARED = "import secanalysis.support.memoise as once; print(getattr(once, 'told', 'nothing'))"


@forks
def test_prepared_code_runs_once_for_the_kernels_that_name_it(tmp_path: Path) -> None:
    """What one of them does with it is its own."""
    log = tmp_path / "log"
    prepared = f"import secanalysis.support.memoise as once; once.told = ['prepared']; open({str(log)!r}, 'a').write('ran ')"
    change = f"{SHOWS_PREPARED}; once.told.append('changed')"
    for _ in range(2):
        error, notebook = run_in(tmp_path, "shows", change, shared=shared(tmp_path, prepared))
        assert error is None
        assert b"['prepared']" in notebook
    assert log.read_text() == "ran "
    assert b"nothing" in run_in(tmp_path, "shows", SHOWS_PREPARED)[1]
    assert (
        b"nothing"
        in run_in(tmp_path, "shows", SHOWS_PREPARED, shared=shared(tmp_path, prepared), cold=True)[1]
    )


@forks
def test_what_is_prepared_later_builds_on_what_was_before(tmp_path: Path) -> None:
    log = tmp_path / "log"
    first = f"import secanalysis.support.memoise as once; once.told = ['all']; open({str(log)!r}, 'a').write('first ')"
    for month in ("may", "june"):
        second = f"once = __import__('secanalysis.support.memoise').support.memoise; once.told.append({month!r}); open({str(log)!r}, 'a').write('{month} ')"
        for _ in range(2):
            error, notebook = run_in(
                tmp_path, "shows", SHOWS_PREPARED, shared=shared(tmp_path, first, second)
            )
            assert error is None
            assert f"['all', '{month}']".encode() in notebook
    assert log.read_text() == "first may june "


@forks
def test_a_kernel_that_cannot_start_where_something_is_prepared_is_reported(tmp_path: Path) -> None:
    """The process that prepared it must not hold its line to us open: we'd wait for ever."""
    code = "import ipykernel.kernelapp; del ipykernel.kernelapp.IPKernelApp"
    error, notebook = run_in(tmp_path, "never", "print(1)", shared=shared(tmp_path, code))
    assert error == "KernelStartError: the kernel ended while starting"
    assert b"cannot import name 'IPKernelApp'" in notebook


@forks
@pytest.mark.parametrize(
    "code",
    [
        "raise ValueError('no data')",
        "import os; os._exit(3)",
        "import threading, time; threading.Thread(target=time.sleep, args=[99], daemon=True).start()",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    ],
    ids=["error", "exit", "thread", "killed"],
)
def test_a_notebook_runs_whatever_becomes_of_the_prepared_code(tmp_path: Path, code: str) -> None:
    first, second = (f"{code}  # {number} {tmp_path}" for number in range(2))
    for prepared in ([first], [first], [first, second], [second, "good = 1"]):
        error, notebook = run_in(tmp_path, "runs", "print(6 * 7)", shared=shared(tmp_path, *prepared))
        assert error is None
        assert b"42" in notebook


@forks
def test_prepared_processes_end_when_others_take_their_place(tmp_path: Path) -> None:
    """Their kernels go on: the first is still asleep when four others have come."""
    results = []
    slow = threading.Thread(
        target=lambda: results.append(
            run_in(tmp_path, "slow", "import time; time.sleep(4)", shared=shared(tmp_path, "first = 1"))
        )
    )
    before = _kernels()
    slow.start()
    _wait_for(lambda: set(_kernels()) - set(before))
    first = [p for p in _kernels() if p not in before]
    for number in range(4):
        assert run_in(tmp_path, "next", "print(1)", shared=shared(tmp_path, f"next = {number}"))[0] is None
    assert len(_kernels()) <= 4  # three, and the first while its kernel sleeps
    slow.join()
    assert results[0][0] is None
    psutil.wait_procs(first, timeout=3)
    assert not [p for p in first if p.is_running()]


@pytest.mark.parametrize("cold", [pytest.param(False, marks=forks), True])
def test_a_secret_of_the_environment_stays_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cold: bool
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    monkeypatch.setenv("PYTHONSTARTUP", "/nonexistent")
    error, notebook = run_in(tmp_path, "shows", "import os; print(dict(os.environ))", cold=cold)
    assert error is None
    assert b"SECANALYSIS_ROOT" in notebook
    assert b"hidden" not in notebook and b"PYTHONSTARTUP" not in notebook


def test_a_hanging_cell_is_stopped(tmp_path: Path) -> None:
    before, begun = _kernels(), time.monotonic()
    error, notebook = run_in(
        tmp_path, "hangs", "print('so far')", "while True: pass", "print('never')", timeout=2
    )
    assert error == "CellTimeoutError: the cell took longer than 2 s"
    assert time.monotonic() - begun < 20
    assert b"so far" in notebook and b"Failed in code cell" in notebook
    assert _kernels() == before


def test_a_kernel_that_dies_is_reported_at_once(tmp_path: Path) -> None:
    begun = time.monotonic()
    error, notebook = run_in(tmp_path, "dies", "import os; os._exit(3)")
    assert error == "DeadKernelError: the cell's kernel died"
    assert b"os._exit(3)" in notebook
    assert time.monotonic() - begun < 20


def test_the_processes_that_a_notebook_leaves_end_with_it(tmp_path: Path) -> None:
    seconds = str(10_000_000 + os.getpid())  # no other run of this test has left it
    error, _ = run_in(tmp_path, "leaves", f"import subprocess; subprocess.Popen(['sleep', '{seconds}']);")
    assert error is None
    assert not [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", seconds]]


DAEMON = """
import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        os.execvp("sleep", ["sleep", "{seconds}"])
    os._exit(0)
os.wait();
"""


@pytest.mark.parametrize("cold", [pytest.param(False, marks=forks), True])
def test_a_process_that_leaves_its_notebook_s_group_ends_with_it(tmp_path: Path, cold: bool) -> None:
    """Seen before: what forks twice, as a daemon does, outlived the run."""
    seconds = str((30_000_000 if cold else 20_000_000) + os.getpid())
    error, _ = run_in(tmp_path, "leaves", DAEMON.format(seconds=seconds), "print(1)", cold=cold)
    assert error is None
    _wait_for(
        lambda: not [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", seconds]]
    )


@forks
def test_a_parent_that_dies_is_started_again(tmp_path: Path) -> None:
    results = []
    # a kernel that runs when it dies goes on
    slow = threading.Thread(
        target=lambda: results.append(run_in(tmp_path, "slow", "import time; time.sleep(3)"))
    )
    before = _kernels()
    slow.start()
    _wait_for(lambda: _kernels() != before)
    first = forkserver.parent.pid
    assert first
    os.kill(first, signal.SIGKILL)
    assert run_in(tmp_path, "next", "print(1)")[0] is None
    assert forkserver.parent.pid not in (first, None)
    slow.join()
    assert results[0][0] is None


def test_a_kernel_that_fails_to_start_is_tried_again_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    launch = provisioners.Kernel._launch

    async def broken(self: provisioners.Kernel, cmd: list[str], **parameters: object) -> object:
        tried.append(cmd)
        words = "import sys; sys.exit('no kernel today')"
        return await launch(self, [sys.executable, "-c", words], **parameters)  # type: ignore[arg-type]

    monkeypatch.setattr(provisioners.Kernel, "_launch", broken)
    error, notebook = run_in(tmp_path, "never", "print(1)", cold=True)
    assert len(tried) == 2
    assert error == "KernelStartError: the kernel ended while starting"
    assert b"no kernel today" in notebook


@forks
def test_nothing_is_left_when_the_runner_is_killed(tmp_path: Path) -> None:
    source = write_notebook(tmp_path / "sleeps.ipynb", "import time; time.sleep(500)")
    code = (
        "from pathlib import Path; from secanalysis.running.execution import execute; import sys;"
        "execute(Path(sys.argv[1]), {}, '', root=Path('.'))"
    )
    runner = psutil.Popen([sys.executable, "-c", code, str(source)])
    _wait_for(lambda: len(runner.children(recursive=True)) == 2)
    left = runner.children(recursive=True)
    runner.kill()
    runner.wait()
    _, alive = psutil.wait_procs(left, timeout=3)
    assert not alive


def test_papermill_knows_the_engine(tmp_path: Path) -> None:
    source, target = write_notebook(tmp_path / "a.ipynb", "print(month)"), tmp_path / "out.ipynb"
    papermill = [sys.executable, "-m", "papermill", "--engine", "secanalysis", "-p", "month", "2021-01"]
    done = subprocess.run(
        [*papermill, str(source), str(target)], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert outputs(target) == "2021-01\n"
    assert "IPKernelApp" not in done.stdout + done.stderr


SHOWS = (
    "class Both:\n    def _repr_mimebundle_(self, **_):\n"
    "        return {'text/plain': 'both', 'application/vnd.a+json': {'rows': [1, None]}}, {'text/plain': {'a': 1}}\nBoth()",
    "from IPython.display import HTML, clear_output, display\ndisplay(HTML('<b>é</b>'), Both()); print('printed'); 7",
    "shown = display(1, display_id=True); shown.update(2); display(3)",
    "display(4); clear_output(wait=True); display(5)",
    "display(6); clear_output(); display(Both())",
)


def test_what_cells_show_is_what_papermill_keeps_of_it(tmp_path: Path) -> None:
    source, target = write_notebook(tmp_path / "shows.ipynb", *SHOWS), tmp_path / "out.ipynb"
    parameters = {"month": "2020-08"}
    papermill.execute_notebook(source, target, parameters, kernel_name="python3", progress_bar=False)
    error, ours = run_in(tmp_path, "shows", *SHOWS)
    assert error is None
    shown, expected = (
        [cell.get("outputs") for cell in nbformat.reads(text, as_version=4).cells]
        for text in (ours.decode(), target.read_text())
    )
    assert shown == expected
    assert sum(map(len, shown)) == 9


SENT = (
    "kernel = get_ipython().kernel\n"
    "kernel.session.send(kernel.iopub_socket, {kind!r}, {content!r}, parent=kernel.get_parent())"
)
PLAIN = {"text/plain": "a"}


@pytest.mark.parametrize(
    "code",
    [
        SHOWS[0].replace("'both'", "5"),
        "display({'text/a+json': {'a': 1}}, raw=True)",
        "display({'image/svg+json': [1, 2]}, raw=True)",
        SENT.format(kind="display_data", content={"data": PLAIN, "metadata": 5}),
        SENT.format(kind="display_data", content={"data": ["a"], "metadata": {}}),
        SENT.format(kind="execute_result", content={"data": PLAIN, "metadata": {}, "execution_count": "a"}),
        SENT.format(kind="execute_result", content={"data": PLAIN, "metadata": {}, "execution_count": True}),
    ],
)
def test_a_bundle_that_no_notebook_may_hold_fails_its_cell(code: str, tmp_path: Path) -> None:
    error, _ = run_in(tmp_path, "shows", code)
    assert error is not None and "ValidationError" in error


LINES = ["at 0x7f0011223344,", " b"]


def test_lines_are_as_good_as_a_text(tmp_path: Path) -> None:
    error, executed = run_in(tmp_path, "shows", f"display({{'text/plain': {LINES}}}, raw=True)")
    assert error is None
    (shown,) = nbformat.reads(executed.decode(), as_version=4).cells[-1].outputs
    assert shown.data["text/plain"] == "at 0x0, b"


def test_printed_lines_fail_their_notebook_and_no_other(tmp_path: Path) -> None:
    """Nbclient wants a text of what is printed."""
    printed = SENT.format(kind="stream", content={"name": "stdout", "text": LINES})
    error, executed = run_in(tmp_path, "shows", printed)
    assert error is not None and "TypeError" in error
    parameters, *_ = nbformat.reads(executed.decode(), as_version=4).cells[-1].outputs
    assert parameters.text == "at 0x0, b"


@pytest.mark.soak
@forks
def test_memory_stays_flat(tmp_path: Path) -> None:
    me, sizes = psutil.Process(), []
    for number in range(500):
        assert run_in(tmp_path, "probe", *PROBE[:3])[0] is None
        if number % 50 == 49:
            parts = [me, *me.children(recursive=True)]
            sizes.append(sum(p.memory_full_info().pss for p in parts) / 2**20)
    print([round(size) for size in sizes])
    assert sizes[-1] < 600
    assert sizes[-1] < sizes[1] * 1.1


def _kernels() -> list[psutil.Process]:
    """Kernels, and the processes that wait to fork more of them with what was prepared."""
    parent = forkserver.parent.pid
    forked = psutil.Process(parent).children() if parent else []
    ordinary = [p for p in psutil.Process().children() if "ipykernel_launcher" in " ".join(p.cmdline())]
    return [p for p in [*forked, *ordinary] if p.status() != psutil.STATUS_ZOMBIE]


def _wait_for(happened: object, seconds: float = 20) -> None:
    last = time.monotonic() + seconds
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < last, "it didn't happen in time"
        time.sleep(0.05)
