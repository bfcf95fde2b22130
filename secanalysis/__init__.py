"""The Change Status Report of the Smart Energy Code, executable.

Begin with ``monthly_report("2020-08")``, ``overview("2020-01..2020-12")`` or ``Register.load()``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from secanalysis.monthly import MonthlyReport, Overview, monthly_report, overview
    from secanalysis.register import Register

__version__ = "0.1.0"
__all__ = ["MonthlyReport", "Overview", "Register", "monthly_report", "overview"]

_HOMES = {name: "secanalysis.monthly" for name in __all__} | {"Register": "secanalysis.register"}


def __getattr__(name: str) -> Any:
    # on first use: the command line's --help shouldn't wait for pandas
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
