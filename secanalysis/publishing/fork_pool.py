"""Work in several processes at once: forked from this one, and gone when it is."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import TypeVar

from secanalysis.support.errors import UserError

MOST = 4

T = TypeVar("T")
R = TypeVar("R")


def results(function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """The results of a function for each item, in their order.

    Worked out in as many processes as there are processors, `MOST` at most; in this one where it can't be
    forked, or has threads that a fork would lose.

    Parameters
    ----------
    function
        Its results must not depend on each other. It and they must be picklable.
    items
        What to call it with.

    Raises
    ------
    Exception
        What the function raised for the first item for which it did.
    UserError
        If one of the processes was killed.
    """
    count = min(MOST, len(items), _processors())
    if count < 2 or sys.platform != "linux" or threading.active_count() > 1:
        yield from map(function, items)
        return
    context, others = multiprocessing.get_context("fork"), multiprocessing.active_children()
    try:
        made = ProcessPoolExecutor(count, mp_context=context, initializer=_begin)
    except (OSError, ImportError):  # no /dev/shm, in which its locks would be, or none that can be written to
        yield from map(function, items)
        return
    with made as pool:
        try:
            yield from pool.map(function, items)
        except BaseException as error:
            for child in multiprocessing.active_children():
                if child not in others:
                    child.terminate()
            pool.shutdown(cancel_futures=True)
            if isinstance(error, BrokenProcessPool):
                raise UserError("one of the processes that did the work was killed: try again") from error
            raise


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin() -> None:
    """Leave Ctrl-C to the process that this one was forked from, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent

    def end() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=end, daemon=True).start()
