"""What charts find, in words: their titles."""

from __future__ import annotations

from secanalysis.analysis.estimators import Survival
from secanalysis.domain.figures import rounded
from secanalysis.views.formatting import count


def over_target(over: int, aimed: int, known: int, day: str, whole: bool) -> str:
    """How many open assessments are over their target.

    Parameters
    ----------
    over, aimed, known
        How many are over it, of how many the target is known, and how many there are of known age.
    day
        The day, in words.
    whole
        Whether a source lists all that were open: otherwise others may have been, and this is no share of all.
    """
    is_over = "is over its" if over == 1 else "are over their"
    if not aimed:
        cases = count(known, "open assessment") if whole else _known_to_be_open(known)
        return f"Of {cases} no target is known on {day}"
    if whole:
        of = f"{over} of {count(aimed, 'open assessment')}"
        if aimed == known:
            return f"{of} {is_over} target on {day}"
        return f"{of} with a known target {'is' if over == 1 else 'are'} over it on {day}"
    with_target = "" if aimed == known else " with a known target"
    return f"{over} of {_known_to_be_open(aimed)}{with_target} {is_over} target on {day}; others may have been open"


def _known_to_be_open(number: int) -> str:
    return f"the {count(number, 'assessment')} known to be open"


def survival(estimate: Survival, what: str) -> str:
    """After how long half are done; where no median can be given, how many fewer than half are after how long.

    Parameters
    ----------
    estimate, what
        The estimate, and of what.
    """
    of = f"{estimate.completed} completed, {estimate.censored} open or end date not known"
    if estimate.median is not None:
        interval = f"95 % interval {estimate.median_low:.0f} to {estimate.median_high:.0f}"
        return f"Of {what}, half are done after {estimate.median:.0f} WD ({interval}; {of})"
    curve = estimate.curve
    below_half = curve[[rounded(100 * (1 - share), 0) < 50 for share in curve["share"]]]
    if below_half.empty:
        return f"Of {what}, no median can be shown, since an end of its interval isn't reached ({of})"
    last = below_half.iloc[-1]
    done, least, most = (rounded(100 * (1 - last[line]), 0) for line in ("share", "high", "low"))
    interval = f"95 % interval {least}% to {most}%"
    return f"Of {what}, {done}% are done after {last['wd']:.0f} WD ({interval}; {of})"
