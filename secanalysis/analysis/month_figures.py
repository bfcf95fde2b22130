"""What a month's figures are: every measure of its clock, from all that is known and as a reprint.

The value comes from all that is known, but where the month's published report gives a whole list, from that list; what
others record besides is named. The reprint comes from the rows alone of the source that published the figure. How the
published figure compares with the reprint is `verdicts`' to say.

Figures are worked out by group (`figure_groups`), each when something of it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from secanalysis.analysis import list_coverage, reference_names, undated
from secanalysis.analysis.figure_groups import GROUPS, MONTH_IMPLEMENTED, Group, Measures, by_key, group_of
from secanalysis.analysis.verdicts import figure
from secanalysis.domain import references
from secanalysis.domain.figures import FigureSet, GroupedFigures, Measure, Placed
from secanalysis.domain.months import Clock, ReportMonth
from secanalysis.domain.vocabulary import Convention, SourceKind
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once


def figures(register: ResolvedRegister, clock: Clock, convention: Convention) -> FigureSet:
    """Every figure of a report month.

    Parameters
    ----------
    register
        What is known; filter it by `ResolvedRegister.as_known` first where that is wanted.
    clock
        The month's, from `ResolvedRegister.clock`.
    convention
        How working days are counted.

    Returns
    -------
    FigureSet
        In the order of the report's chapters. A figure that was published and can't be computed is there
        too, with the reason.
    """
    return _by_group(partial(_of_month, register, clock, convention))


@once
def _of_month(
    register: ResolvedRegister, clock: Clock, convention: Convention, group: Group
) -> tuple[Placed, ...]:
    """A group's figures of a report month; those that are only published come after all others."""
    published = _published(register, clock.month)
    places = dict(zip(published["key"].unique(), range(1, len(published) + 1), strict=False))
    published = _of_group(published, group)
    of_report = _of_report(register, clock, convention, group, published)
    of_pages = _of_pages(register, clock, convention, group, published)
    values = _measures(register, clock, convention, group, of_report.attested | of_pages.attested)
    published_by_key = published.drop_duplicates("key").set_index("key")
    others = published[published.duplicated("key")]
    values |= _as_reported(values, of_report)
    named = {*of_report.measures, *of_pages.measures}
    called = partial(_as_called, register, clock, named)
    values, from_report, from_pages = map(called, (values, of_report.measures, of_pages.measures))
    month = []
    for key in dict.fromkeys([*values, *published_by_key.index]):
        row = published_by_key.loc[key] if key in published_by_key.index else None
        on_page = row is not None and bool(row["page"])
        reprint = (from_pages if on_page else from_report).get(key)
        if reprint is None and row is not None:
            reprint = _without_list(key, values.get(key), "page" if on_page else "report")
        also = others[others["key"] == key] if len(others) else None
        place = 0 if key in values else places[key]
        month.append((place, figure(key, values.get(key), reprint, row, convention, also)))
    return tuple(month)


def figures_at(register: ResolvedRegister, clock: Clock, convention: Convention) -> FigureSet:
    """Every figure as at any day, without published ones: those belong to report months.

    Parameters
    ----------
    register, convention
        As of `figures`.
    clock
        From `ResolvedRegister.clock_at`. A published report attests the lists that it counts to the same days.
    """
    return _by_group(partial(_at_day, register, clock, convention))


def _by_group(work: Callable[[Group], tuple[Placed, ...]]) -> FigureSet:
    """Figures of which each group is worked out when something of it is asked for."""
    return FigureSet(GroupedFigures({group.beginnings: partial(work, group) for group in GROUPS}))


@once
def _at_day(
    register: ResolvedRegister, clock: Clock, convention: Convention, group: Group
) -> tuple[Placed, ...]:
    """A group's figures as at any day."""
    of_reports = _of_reports_to_the_same_days(register, clock, convention, group)
    values = _measures(register, clock, convention, group, of_reports.attested)
    values = _as_called(register, clock, (), values | _as_reported(values, of_reports))
    return tuple((0, figure(key, value, None, None, convention)) for key, value in values.items())


def _measures(
    register: ResolvedRegister,
    clock: Clock,
    convention: Convention,
    group: Group,
    attested: Collection[str],
) -> Measures:
    """A group's measures of a clock, by key.

    Parameters
    ----------
    register, clock, convention
        As of `figures`.
    attested
        The keys of lists that a published report attests; a register's own export attests what its register keeps.
    """
    whole = frozenset(attested) | list_coverage.kept(register, clock)
    in_order = undated.lower_bounds(register, clock, group.measures(register, clock, convention, whole))
    return by_key(list_coverage.with_reasons(register, clock, in_order))


# Reprints ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Reprint:
    """Measures from the publishing sources' rows alone, and the keys of the lists that those attest.

    ``corrected`` are the same measures from those rows with the corrections that are used.
    """

    measures: Measures
    attested: frozenset[str]
    corrected: Measures


def _as_reported(values: Measures, of_report: _Reprint) -> Measures:
    """The measures whose whole list a report gives, and whose value others' statements would change."""
    lists = of_report.attested | {key.replace(".count", ".mean_wd") for key in of_report.attested}
    pairs = {
        key: (values[key], of_report.corrected[key]) for key in lists & set(values) & set(of_report.corrected)
    }
    return {
        key: replace(value, value=own.value)
        for key, (value, own) in pairs.items()
        if None not in (value.value, own.value) and value.value != own.value
    }


def _as_called(
    register: ResolvedRegister, clock: Clock, named: Collection[str], of_month: Measures
) -> Measures:
    """Measures in which modifications have the references of the report's day, where a page names them.

    Those are the labels of assessments, and the items of the ``named`` keys, which reasons name.
    """
    shown = {
        key: measure for key, measure in of_month.items() if key in named or key.startswith("assessment.")
    }
    names = {item for measure in shown.values() for item in measure.items}
    renamed = reference_names.renamed(register, names, clock.report_date) if names else {}
    return of_month | {
        key: replace(
            measure,
            label=_label_as_called(measure, renamed),
            items=tuple(renamed.get(item, item) for item in measure.items),
        )
        for key, measure in shown.items()
        if not renamed.keys().isdisjoint(measure.items)
    }


def _label_as_called(measure: Measure, renamed: Mapping[str, str]) -> str:
    """A label of which an assessment's begins with its modification."""
    own = measure.items[0]
    if not (measure.key.startswith("assessment.") and measure.label.startswith(own)):
        return measure.label
    return renamed.get(own, own) + measure.label.removeprefix(own)


@once
def _published(register: ResolvedRegister, month: ReportMonth) -> pd.DataFrame:
    """What was published for a month, with its source's ``title``, and whether on a ``page``; what counts of a key first.

    Reports come before pages, of reports the latest, of one report what it prints first.
    """
    table = register.tables["published_figures"]
    of_month = table[table["month"] == str(month)]
    sources = register.sources.set_index("source_id")
    of_month = of_month.assign(
        key=_key_by_root(of_month["key"]),
        title=looked_up(of_month["source_id"], sources["title"]),
        published_on=looked_up(of_month["source_id"], sources["published_on"]),
        page=~looked_up(of_month["source_id"], sources["kind"]).isin(
            [SourceKind.REPORT, SourceKind.SYNTHETIC]
        ),
    )
    return of_month.sort_values(
        ["page", "published_on", "source_id", "locator"],
        ascending=[True, False, True, True],
        kind="stable",
        ignore_index=True,
    )


def _of_group(published: pd.DataFrame, group: Group) -> pd.DataFrame:
    """What was published of a group's keys."""
    return published.loc[[group_of(key).beginnings == group.beginnings for key in published["key"]]]


def _key_by_root(keys: pd.Series) -> pd.Series:
    """Assessments' keys name the modification, not its part or prefix."""
    parts = keys.str.extract(rf"^(assessment\.)({references.pattern()})(\..*)$")
    named = parts[1].notna()
    return keys.where(~named, parts[0] + references.root(parts[1]) + parts[2])


def _of_report(
    register: ResolvedRegister,
    clock: Clock,
    convention: Convention,
    group: Group,
    published: pd.DataFrame,
) -> _Reprint:
    """A group's measures of the report's rows alone; it attests the lists with rows, and those whose count it states."""
    report = register.report_of(clock.month)
    if report is None or group.reprint is None:
        return _Reprint({}, frozenset(), {})
    alone = register.only(report)
    stated = frozenset(published.loc[~published["page"], "key"])
    attested = group.attested(alone, clock, convention, stated)
    own = by_key(group.reprint(alone, clock, convention, attested))
    used = register.corrections[register.corrections["source_id"] == report]
    if used.empty:
        return _Reprint(own, attested, own)
    corrected = _corrected(register, report)
    return _Reprint(own, attested, by_key(group.reprint(corrected, clock, convention, attested)))


@once
def _corrected(register: ResolvedRegister, report: str) -> ResolvedRegister:
    """The report's rows alone, with the corrections of them that are used."""
    alone, used = register.only(report), register.corrections
    return replace(alone, stated={**alone.stated, "corrections": used[used["source_id"] == report]})


def _of_pages(
    register: ResolvedRegister,
    clock: Clock,
    convention: Convention,
    group: Group,
    published: pd.DataFrame,
) -> _Reprint:
    """The measures of what pages that state a count list, of releases only.

    One release page's list often goes on on another, so all of them are taken together.
    """
    on_pages = published[published["page"]]
    if on_pages.empty:
        return _Reprint({}, frozenset(), {})
    stated = frozenset(on_pages["key"])
    if group.reprint is None or not group.on_pages:
        return _Reprint({}, stated, {})
    pages = register.sources["kind"] == SourceKind.RELEASE_PAGE
    alone = register.only(*register.sources.loc[pages, "source_id"], *on_pages["source_id"])
    listed = group.reprint(alone, clock, convention, stated)
    own = by_key(measure for measure in listed if measure.key in stated)
    return _Reprint(own, stated, own)


def _without_list(key: str, value: Measure | None, where: str) -> Measure:
    """The reprint of what is published without the list that it counts."""
    missing = {
        "stage": "it doesn't list the modifications of each stage",
        "proposal": "it lists no proposals with their dates",
    }
    reason = missing.get(key.split(".")[0], "no row of it speaks of this")
    reason = f"can't be calculated from the {where}: {reason}"
    return Measure(key, value.label if value else key, None, reason=reason)


def _of_reports_to_the_same_days(
    register: ResolvedRegister, clock: Clock, convention: Convention, group: Group
) -> _Reprint:
    """A group's lists that published reports give to the days of a clock."""
    attested: set[str] = set()
    corrected: Measures = {}
    for month in register.published:
        of_month = register.clock(month)
        same_end = of_month.period_end == clock.period_end
        same_days = of_month.report_date == clock.report_date
        if same_end or same_days:
            published = _of_group(_published(register, month), group)
            of_report = _of_report(register, of_month, convention, group, published)
            to_end = {key for key in of_report.attested if key.startswith(("assessment.", "proposal."))}
            keys = to_end if same_end else set()
            keys |= of_report.attested - to_end if same_days else set()
            attested |= keys - {MONTH_IMPLEMENTED}
            corrected |= {key: of_report.corrected[key] for key in keys if key in of_report.corrected}
    return _Reprint({}, frozenset(attested), corrected)
