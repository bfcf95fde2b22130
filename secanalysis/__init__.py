"""The Change Status Report of the Smart Energy Code, executable.

Begin with ``reg = Register.load()``, then ``reg.as_at("2020-07-31")`` or ``reg.month("2020-08")``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from secanalysis.domain.figures import Measure
    from secanalysis.views.front_door import Register

__version__ = "0.1.0"
__all__ = ["Measure", "Register"]
_HOMES = {"Measure": "secanalysis.domain.figures", "Register": "secanalysis.views.front_door"}


def __getattr__(name: str) -> Any:
    # on first use: the command line's --help shouldn't wait for pandas
    if name in __all__:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """What ``%load_ext secanalysis`` does: see `secanalysis.views.in_jupyter`."""
    import_module("secanalysis.views.in_jupyter").load_ipython_extension(shell)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
