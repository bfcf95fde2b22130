"""How many modifications are in each stage: the figures ``stage.<stage>.count``, and the statements behind them."""

from __future__ import annotations

from datetime import date

import pandas as pd

from secanalysis.analysis.stages import Stages
from secanalysis.domain.figures import Measure, Row, rows_in
from secanalysis.domain.vocabulary import STAGES, Stage
from secanalysis.support.integer_codes import looked_up

LABELS = STAGES | {
    Stage.DEVELOPMENT.value: "In Development",
    Stage.REFINEMENT.value: "In the Refinement Process",
    Stage.REPORT.value: "In the Report Phase",
    Stage.DECISION.value: "Awaiting a decision",
}


def measures(histories: Stages, day: date) -> list[Measure]:
    """``stage.<stage>.count`` as at a day, each with its coverage.

    A stage in which none is known to be is null, not zero, as long as the stage of any known
    modification is unknown.
    """
    now = histories.at(day)
    total, known = len(now), int(now["stage"].notna().sum())
    coverage = (
        f"the stage of {known} of {total} known modifications is known"
        if total
        else "no modification is known"
    )
    if excluded := int(now["unit"].isin(histories.contradictory["unit"]).sum()):
        coverage += f"; {excluded} left out, whose histories contradict themselves"
    rows = _rows_behind(histories, now, day)
    counts = []
    for stage in Stage:
        units = tuple(now.loc[now["stage"] == stage, "unit"])
        n = len(units)
        inferred = int((now["inferred"] & (now["stage"] == stage)).sum())
        whole = known == total and total > 0
        reason = (
            ""
            if n or whole
            else "none is known to be in this stage, and not every modification's stage is known"
        )
        counts.append(
            Measure(
                key=f"stage.{stage}.count",
                label=LABELS[stage],
                value=float(n) if n or whole else None,
                n=n,
                coverage=coverage
                + (f"; {inferred} of {n} inferred from the report's list" if inferred else ""),
                reason=reason,
                rows=rows[stage],
                items=units,
            )
        )
    return counts


def _rows_behind(histories: Stages, now: pd.DataFrame, day: date) -> dict[Stage, tuple[Row, ...]]:
    """The statements behind each stage's count.

    They are those of the units that are in it up to the day, and the next after it, which supports the
    stage till then.
    """
    statements = histories.statements
    stage = looked_up(statements["unit"], now.set_index("unit")["stage"])
    known = stage.notna()
    statements, stage = statements[known], stage[known]
    later = statements["day"].where(statements["day"] > pd.Timestamp(day))
    following = later.groupby(statements["unit"]).transform("min")
    used = (statements["day"] <= pd.Timestamp(day)) | (statements["day"] == following)
    rows: dict[str, set[Row]] = {each: set() for each in Stage}
    for of_stage, row in zip(stage[used].tolist(), rows_in(statements[used]), strict=True):
        rows[of_stage].add(row)
    return {each: tuple(sorted(rows[each])) for each in Stage}
