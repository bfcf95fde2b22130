"""What the notebooks of a month have in common, worked out once before their kernels are forked."""

from __future__ import annotations

from secanalysis import reconcile, releases
from secanalysis.front_door import Register
from secanalysis.vocabulary import Convention


def prepare(month: str, convention: str, known_by: str) -> None:
    """Work out a month's figures, by both conventions, and its releases, for `once.once` to keep.

    Parameters
    ----------
    month, convention, known_by
        The notebooks' parameters. Nothing is worked out, and nothing said, if they can't be read: that is
        left to the notebooks.
    """
    report = Register.keep().month(month, convention, known_by)
    register, day = report.register, report.clock.report_date
    for counting in Convention:
        reconcile.figures(register, report.month, counting)
    releases.contents(register, day)
    releases.slippage(register, day)
    releases.history(register)
    releases.dates(register)
    _ = register.data_sha256, register.titles
