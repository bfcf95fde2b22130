"""How far a run is: a bar with names, rate and time left on a terminal, a line a notebook in a log."""

from __future__ import annotations

import contextlib
import sys
import time
from types import TracebackType
from typing import Any, Protocol


class Progress(Protocol):
    """What a run reports while it goes on. Calls come from one thread."""

    def begin(self, total: int) -> None:
        """So many more notebooks are to be executed."""

    def started(self, label: str) -> None:
        """A notebook was begun."""

    def finished(self, label: str, seconds: float, error: str | None) -> None:
        """A notebook is done, or failed."""

    def say(self, line: str) -> None:
        """Something else to know."""


class Silent:
    """Says nothing."""

    def begin(self, total: int) -> None: ...

    def started(self, label: str) -> None: ...

    def finished(self, label: str, seconds: float, error: str | None) -> None: ...

    def say(self, line: str) -> None: ...


class Lines:
    """Plain lines to standard error, each complete in itself."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.total = self.done = 0

    def begin(self, total: int) -> None:
        self.total += total

    def started(self, label: str) -> None: ...

    def finished(self, label: str, seconds: float, error: str | None) -> None:
        """A line: time since the start, how many of how many, which, how long it took."""
        self.done += 1
        outcome = "" if error is None else f" failed: {error}"
        self.say(f"{self.done}/{self.total} {label} ({seconds:.1f} s){outcome}")

    def say(self, line: str) -> None:
        with contextlib.suppress(OSError):  # a log that is full stops no run
            print(f"{time.monotonic() - self.begun:6.1f} s  {line}", file=sys.stderr, flush=True)

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None: ...


class Bar:
    """A bar on a terminal; what failed stays above it."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self.now: list[str] = []
        self.begun = time.monotonic()
        self.bar = RichProgress(
            BarColumn(24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[now]}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self.task: Any = self.bar.add_task("", total=None, rate="", now="")

    def begin(self, total: int) -> None:
        self.bar.update(self.task, total=(self.bar.tasks[0].total or 0) + total)

    def started(self, label: str) -> None:
        self.now.append(label)
        self.bar.update(self.task, now=self._names())

    def finished(self, label: str, seconds: float, error: str | None) -> None:
        """Advance; keep a line of what failed."""
        self.now.remove(label)
        done = self.bar.tasks[0].completed + 1
        rate = f"{done / (time.monotonic() - self.begun):.1f}/s"
        self.bar.update(self.task, completed=done, rate=rate, now=self._names())
        if error is not None:
            self.say(f"{label} failed: {error}")

    def _names(self) -> str:
        more = len(self.now) - 3
        return ", ".join(self.now[:3]) + (f" and {more} more" if more > 0 else "")

    def say(self, line: str) -> None:
        """A line above the bar."""
        self.bar.console.print(line, markup=False, highlight=False)

    def __enter__(self) -> Bar:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.bar.stop()


def shown() -> Bar | Lines:
    """A bar if standard error is a terminal, else lines."""
    return Bar() if sys.stderr.isatty() else Lines()
