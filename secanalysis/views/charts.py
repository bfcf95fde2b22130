"""Charts, one function each, with a title that states the finding and alt text that says what it shows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secanalysis.analysis.estimators import Survival
from secanalysis.analysis.verdicts import LEGIBLE
from secanalysis.domain.vocabulary import STAGES, Stage
from secanalysis.views import chart_findings, drawing
from secanalysis.views.drawing import Chart
from secanalysis.views.formatting import month_in_words, with_releases_in_words

STAGE_LOOK = {
    Stage.DEVELOPMENT: (drawing.BLUE, ""),
    Stage.REFINEMENT: (drawing.ORANGE, "//"),
    Stage.REPORT: (drawing.GREEN, "\\\\"),
    Stage.DECISION: ("#CC79A7", "xx"),
    Stage.PENDING_IMPLEMENTATION: ("#56B4E9", "||"),
    Stage.IMPLEMENTED: ("#BBBBBB", "--"),
    Stage.REJECTED: (drawing.RED, "++"),
    Stage.WITHDRAWN: ("#F0E442", "////"),
}


def stage_bars(now: pd.DataFrame, day: str) -> Chart:
    """How many modifications are known in each stage.

    Parameters
    ----------
    now
        From `Stages.at`: ``unit, stage``.
    day
        The day, for the title.
    """
    if now.empty:
        return drawing.empty_chart("No modification is known by then")
    counts = now["stage"].value_counts().reindex([s.value for s in Stage], fill_value=0)
    unknown = int(now["stage"].isna().sum())
    labels = pd.Series([*STAGES.values(), "not known"])
    looks = [STAGE_LOOK[stage] for stage in Stage] + [("white", "")]
    finding = f"The stage of {len(now) - unknown} of {len(now)} known modifications is known on {day}"
    values = pd.Series([*counts.tolist(), unknown])
    none = "none known" if unknown else "0"
    return drawing.bars(labels, values, looks, "known modifications", finding, none=none)


def cumulative_flow(counts: pd.DataFrame) -> Chart:
    """Known modifications by stage over the months, with what is unknown on top.

    Parameters
    ----------
    counts
        From `Stages.counts`, one row per month.
    """
    if counts.empty or not counts["known"].any():
        return drawing.empty_chart("No modification is known in these months")
    unknown = counts["known"] - counts[[s.value for s in Stage]].sum(axis=1)
    order = [s for s in reversed(Stage) if counts[s.value].any()]
    with drawing.style():
        labels = [STAGES[s] for s in order] + ["not known"]
        rows = -(-len(labels) // 2)
        canvas, ax = drawing.canvas_with_axes(
            3.0 + 0.2 * rows, right=28, below=30 + 14.4 * rows, up="known modifications"
        )
        ax.yaxis.get_major_locator().set_params(integer=True)
        stacked = [counts[s.value].to_numpy() for s in order] + [unknown.to_numpy()]
        days = counts.index.to_numpy()
        if len(days) == 1:  # an area needs two days
            days = np.r_[days, days + np.timedelta64(1, "D")]
            stacked = [np.repeat(heights, 2) for heights in stacked]
        polygons = ax.stackplot(days, *stacked)
        for polygon, (colour, hatch) in zip(
            polygons, [STAGE_LOOK[s] for s in order] + [("white", "")], strict=True
        ):
            polygon.set(facecolor=colour, edgecolor=drawing.INK, hatch=hatch, linewidth=0.4)
        ax.legend(
            polygons[::-1],
            labels[::-1],
            loc="lower left",
            bbox_to_anchor=(0, 0),
            bbox_transform=canvas.transFigure,
            ncols=2,
            frameon=False,
            fontsize=9,
        )
        ax.set_xlim(days[0], days[-1])
        drawing.mark_months(ax)
        first, last = counts.iloc[0], counts.iloc[-1]
        staged = int(last["known"] - unknown.iloc[-1])
        none = "none known" if unknown.iloc[-1] else "0"
        finding = f"By {counts.index[-1]:%B %Y} {int(last['known'])} modifications are known, and the stage of {staged} of them"
        alt = (
            f"Stacked areas by month from {counts.index[0]:%B %Y} to {counts.index[-1]:%B %Y}. "
            "Known modifications rise "
            f"from {int(first['known'])} to {int(last['known'])}; at the end "
            + ", ".join(f"{STAGES[s]} {int(last[s.value]) or none}" for s in reversed(order))
            + f", not known {int(unknown.iloc[-1])}."
        )
        return drawing.draw(canvas, finding, alt)


def ageing(opened: pd.DataFrame, day: str, *, whole: bool) -> Chart:
    """Open assessments by age against their target.

    Parameters
    ----------
    opened
        From `durations.statistics.ages`.
    day
        The day, for the title.
    whole
        Whether a source lists all that were open.
    """
    known = opened.dropna(subset=["duration_wd"])
    if known.empty:
        return drawing.empty_chart(f"No list of the assessments open on {day} is available")
    known = known.sort_values("duration_wd")
    over = (known["duration_wd"] > known["target_wd"]).fillna(False).to_numpy(dtype=bool)
    aimed = known["target_wd"].notna().to_numpy()
    with drawing.style():
        names = known["ref"] + " " + known["kind"]
        canvas, ax = drawing.canvas_with_axes(
            1.1 + 0.24 * len(known),
            above=drawing.room_for_legend(4 if aimed.any() and not aimed.all() else 3),
            right=24,
            along="working days since acceptance",
        )
        places = np.arange(len(known))
        worked = known["duration_wd"].to_numpy(dtype=float)
        target = known["target_wd"].to_numpy(dtype=float, na_value=np.nan)
        in_the_way = (target >= worked) & (target < worked + 0.07 * np.nanmax(np.r_[worked, target]))
        number_at = np.where(in_the_way, target, worked)  # no number is drawn on a target's mark
        looks = [
            (aimed & ~over, drawing.BLUE, "", "within target"),
            (over, drawing.ORANGE, "//", "over target"),
        ]
        if not aimed.all():
            looks.append((~aimed, "white", "", "target not known"))
        for chosen, colour, hatch, words in looks:
            ax.barh(
                places[chosen],
                worked[chosen],
                color=colour,
                hatch=hatch,
                edgecolor=drawing.INK,
                linewidth=0.6,
                label=words,
            )
        for value, x, y in zip(worked, number_at, places, strict=True):
            ax.annotate(
                f"{value:.0f}", (x, y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9
            )
        if aimed.any():
            ax.scatter(
                target,
                places,
                marker="|",
                s=120,
                color=drawing.INK,
                label="target",
            )
        ax.set_yticks(places, names)
        drawing.add_legend_above(ax)
        finding = chart_findings.over_target(int(over.sum()), int(aimed.sum()), len(known), day, whole)
        alt = (
            "Bars of working days since acceptance, with each target: "
            + ", ".join(
                f"{ref} {kind} {wd} of {'unknown' if pd.isna(target) else target}"
                for ref, kind, wd, target in zip(
                    known["ref"][::-1],
                    known["kind"][::-1],
                    known["duration_wd"][::-1],
                    known["target_wd"][::-1],
                    strict=True,
                )
            )
            + "."
        )
        return drawing.draw(canvas, finding, alt)


def survival_curve(estimate: Survival | None, what: str) -> Chart:
    """The share still open after so many working days, with its band, as far as ten cases are at risk."""
    if estimate is None:
        return drawing.empty_chart(
            f"Too few {what} are completed or under observation for a curve: it needs ten"
        )
    curve = estimate.curve
    wd = np.r_[0, curve["wd"]]
    with drawing.style():
        canvas, ax = drawing.canvas_with_axes(3.2, along="working days", up="share still open")
        ax.fill_between(
            wd,
            np.r_[1, curve["low"]],
            np.r_[1, curve["high"]],
            step="post",
            color=drawing.BLUE,
            alpha=0.2,
            label="95 % interval",
        )
        ax.step(wd, np.r_[1, curve["share"]], where="post", color=drawing.BLUE, label="still open")
        ax.axhline(0.5, color=drawing.GREY, linewidth=0.8, linestyle="--")
        ax.set(ylim=(0, 1.02), xlim=(0, None))
        ax.legend(frameon=False)
        finding = chart_findings.survival(estimate, what)
        end = curve.iloc[-1]
        alt = (
            f"Kaplan–Meier curve with its 95 % interval, up to {end['wd']:.0f} WD, where {end['at_risk']:.0f} are at "
            f"risk. {finding}."
        )
        return drawing.draw(canvas, finding, alt)


def release_timeline(dates: pd.DataFrame) -> Chart:
    """The day planned for each release as it was stated over time, and the day in force.

    Parameters
    ----------
    dates
        From `release_dates.dates`.
    """
    moved = dates.dropna(subset=["planned_on", "in_force_on"], how="all")
    if moved.empty:
        return drawing.empty_chart("No release's day is known by then")
    moved = moved.assign(day=moved["in_force_on"].fillna(moved["planned_on"]))
    of_release = moved.groupby("release")
    last, plan = of_release["day"].last(), of_release["planned_on"].first()
    first = plan.fillna(of_release["day"].first())
    order = last.sort_values(kind="stable").index.tolist()
    stated = of_release[["planned_on", "in_force_on"]].count().sum(axis=1)
    compared = plan.notna() & (stated > 1)
    slips = (last - first).dt.days[compared]
    with drawing.style():
        names = [drawing.shortened(_release_label(name)) for name in order]
        canvas, ax = drawing.canvas_with_axes(1.0 + 0.3 * len(order), above=drawing.ROOM_FOR_LEGEND, right=24)
        places = np.arange(len(order))
        place = moved["release"].map(dict(zip(order, places, strict=True)))
        plans, force = moved["planned_on"].dropna(), moved["in_force_on"].dropna()
        ax.hlines(places, first[order], last[order], color=drawing.GREY, linewidth=1.5, zorder=1)
        ax.scatter(
            plans,
            place[plans.index],
            marker="o",
            facecolor="white",
            edgecolor=drawing.BLUE,
            zorder=2,
            label="planned, as stated",
        )
        ax.scatter(force, place[force.index], marker="D", color=drawing.ORANGE, zorder=3, label="in force")
        ax.set_yticks(places, names)
        drawing.mark_months(ax, most=3)
        drawing.add_legend_above(ax)
        late = slips[slips > 0]
        by_days = ", ".join(
            f"{drawing.shortened(str(name))} by {days} days" for name, days in late[:3].items()
        )
        more = f" and {len(late) - 3} more" if len(late) > 3 else ""
        finding = (
            f"{len(late)} of {len(slips)} releases with two stated days moved to a later day than first planned"
            + (f": {by_days}{more}" if by_days else "")
            if len(slips)
            else "No release has two stated days that can be compared"
        )
        alt = (
            "Each release's days: "
            + "; ".join(
                f"{with_releases_in_words(name)} {first[name]:%d %b %Y}"
                + (f", then {last[name]:%d %b %Y}" if compared[name] else "")
                for name in order
            )
            + "."
        )
        return drawing.draw(canvas, finding, alt)


def _release_label(name: str) -> str:
    """A release's name to the left of its row: November 2020, Standalone, 23 July 2020."""
    words = with_releases_in_words(name)
    return words.replace(" SEC Release", "").replace("Standalone release of", "Standalone,")


def monthly_line(values: pd.Series, what: str) -> Chart:
    """A small trend over the months, with gaps where it isn't known.

    Parameters
    ----------
    values
        By month (as text); missing where not known.
    what
        What is counted.
    """
    if values.notna().sum() == 0:
        return drawing.empty_chart(f"{what}: not known in any of these months")
    with drawing.style():
        canvas, ax = drawing.canvas_with_axes(2.2, right=24)
        ax.plot(
            range(len(values)), values.to_numpy(dtype=float), color=drawing.BLUE, marker="o", markersize=3
        )
        step = -(-len(values) // 5)  # five labels fit side by side
        ax.set_xticks(range(0, len(values), step), values.index[::step])
        ax.set_ylim(0, None if values.max() > 0 else 1)
        known = values.dropna()
        latest = f"{what}: {known.iloc[-1]:.0f} in {month_in_words(str(known.index[-1]))}"
        of = f", known for {len(known)} of {len(values)} months" if len(known) < len(values) else ""
        finding = f"{latest}{of}"
        alt = f"Line by month. {finding}; least {known.min():.0f}, most {known.max():.0f}."
        return drawing.draw(canvas, finding, alt)


def verdict_bars(counts: pd.DataFrame) -> Chart:
    """How many published figures got each verdict.

    Parameters
    ----------
    counts
        From `verdicts.counts`: ``verdict, count``.
    """
    by_result = counts.set_index("verdict")["count"].astype(int)
    if not by_result.sum():
        return drawing.empty_chart("No source published a figure for this month")
    looks = [
        (drawing.GREEN, ""),
        (drawing.ORANGE, "//"),
        (drawing.RED, "xx"),
        ("white", "--"),
        ("#56B4E9", "||"),
        ("white", ".."),
    ]
    finding = verdict_finding(by_result)
    return drawing.bars(counts["verdict"], counts["count"], looks, "published figures", finding)


def verdict_finding(by_result: pd.Series) -> str:
    """What came of a month's published figures, in a sentence: of the legible ones, and how many aren't.

    Parameters
    ----------
    by_result
        How many came to each of `verdicts.RESULTS`.
    """
    equal, misprints, differ, uncalculated = (int(by_result[result]) for result in LEGIBLE)
    legible = equal + misprints + differ + uncalculated
    illegible = int(by_result.sum()) - legible
    if not legible:
        return f"None of the {illegible} published figures is legible"
    others = [
        misprints and f"{misprints} {'is a likely misprint' if misprints == 1 else 'are likely misprints'}",
        uncalculated and f"{uncalculated} can't be calculated",
        f"{differ} {'differs' if differ == 1 else 'differ'}" if differ else "none differs",
    ]
    others_said = [words for words in others if words]
    also = ", ".join(others_said[:-1]) + (" and " if others_said[1:] else "") + others_said[-1]
    unread = f"; {illegible} {'is' if illegible == 1 else 'are'} illegible" if illegible else ""
    return f"{equal} of {legible} legible published figures {'is' if equal == 1 else 'are'} equal, {also}{unread}"


def coverage_bars(shares: pd.DataFrame) -> Chart:
    """How many of the known modifications have each fact.

    Parameters
    ----------
    shares
        ``fact, count, of``, one row per fact.
    """
    total = int(shares["of"].max()) if len(shares) else 0
    if not total:
        return drawing.empty_chart("No modification is known by then")
    stage = int(shares["count"].iloc[0])
    looks = [(drawing.BLUE, "")] * len(shares)
    return drawing.bars(
        shares["fact"],
        shares["count"],
        looks,
        f"of {total} known modifications",
        f"The stage of {stage} of {total} known modifications is known",
        most=total,
    )
