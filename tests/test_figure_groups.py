"""Figures are worked out by group: one that is asked for by its key needs its own group, and is the same as in the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from secanalysis.analysis import month_figures
from secanalysis.analysis.figure_groups import GROUPS, Group, group_of
from secanalysis.domain.figure_keys import KEYS
from secanalysis.domain.figures import Figure, FigureSet, GroupedFigures, UnknownKey
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Convention
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.simulate import simulation
from secanalysis.statements import storage
from secanalysis.views.front_door import Register

RAW = Path(__file__).parent.parent / "data" / "raw"
FEW = ["2020-08", "2021-12"]
"""A month with a published report, and the last."""
ALL = [str(ReportMonth(2019, 11).shift(further)) for further in range(26)]


@lru_cache(maxsize=1)
def facts() -> storage.Tables:
    return storage.read_folder(RAW)


@lru_cache(maxsize=1)
def made_up() -> storage.Tables:
    return simulation.simulate(60, 3, (ReportMonth(2019, 1), ReportMonth(2020, 12)))[0]


def refused(*_: Any) -> Any:
    raise AssertionError("another group was worked out")


def alone(group: Group) -> tuple[Group, ...]:
    """The groups, of which only one can be worked out, and what is only published."""
    return tuple(
        each
        if each in (group, GROUPS[-1])
        else replace(each, measures=refused, reprint=refused, attested=refused)
        for each in GROUPS
    )


def test_every_key_is_of_one_group() -> None:
    *named, rest = GROUPS
    beginnings = [beginning for group in named for beginning in group.beginnings]
    assert group_of("party.count") == rest
    for key in KEYS:
        written = key.written.replace("<open|concluded>", "open")
        assert sum(written.startswith(beginning) for beginning in beginnings) == 1, written
        assert group_of(written) != rest
    for one in beginnings:
        assert [other for other in beginnings if other.startswith(one)] == [one]


Asked = Callable[[ResolvedRegister], list[FigureSet]]


def in_months(*months: str) -> Asked:
    """The figures of some months of a register."""

    def asked(register: ResolvedRegister) -> list[FigureSet]:
        clocks = [register.clock(ReportMonth.parse(month)) for month in months]
        return [month_figures.figures(register, clock, Convention.AS_PUBLISHED) for clock in clocks]

    return asked


def on_days(*days: str) -> Asked:
    """The figures of a register as at some days."""

    def asked(register: ResolvedRegister) -> list[FigureSet]:
        clocks = [register.clock_at(date.fromisoformat(day)) for day in days]
        return [month_figures.figures_at(register, clock, Convention.AS_PUBLISHED) for clock in clocks]

    return asked


def check(tables: storage.Tables, ask: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each group alone, on a register that has worked out nothing yet, against the whole of another."""
    wholes = [list(figures) for figures in ask(ResolvedRegister(tables))]
    assert all(len({figure.key for figure in whole}) == len(whole) > 0 for whole in wholes)
    seen = 0
    for group in GROUPS:
        with monkeypatch.context() as patched:
            patched.setattr(month_figures, "GROUPS", alone(group))
            for whole, asked in zip(wholes, ask(ResolvedRegister(tables)), strict=True):
                own = [figure for figure in whole if group_of(figure.key) == group]
                assert [asked[figure.key] for figure in own] == own
                assert all(figure.key in asked for figure in own)
                for beginning in filter(None, group.beginnings):
                    of_whole = [figure for figure in own if figure.key.startswith(beginning)]
                    assert list(asked.starting(beginning).figures) == of_whole
                seen += len(own)
    assert seen == sum(map(len, wholes))


def test_a_key_asked_alone_is_as_in_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    check(facts(), in_months(*FEW), monkeypatch)


def test_a_key_of_a_made_up_register_asked_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose export is attested, so that counts are lower bounds where a day isn't stated."""
    check(made_up(), in_months("2020-06"), monkeypatch)


def test_a_key_of_a_day_asked_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    check(facts(), on_days("2020-07-31"), monkeypatch)


@pytest.mark.soak
def test_a_key_asked_alone_in_all_months(monkeypatch: pytest.MonkeyPatch) -> None:
    check(facts(), in_months(*ALL), monkeypatch)
    check(facts(), on_days("2020-07-31", "2020-08-07"), monkeypatch)
    check(made_up(), in_months("2019-04", "2020-06"), monkeypatch)


def test_a_figure_and_a_history_of_the_front_door_need_one_group(monkeypatch: pytest.MonkeyPatch) -> None:
    register = Register(facts())
    raised = next(group for group in GROUPS if "raised." in group.beginnings)
    monkeypatch.setattr(month_figures, "GROUPS", alone(raised))
    assert register.month("2020-08").figures["raised.count"].value == 4
    assert register.as_at("2020-07-31").figures["raised.count"].key == "raised.count"
    assert set(register.history("raised.count", "2020-07..2020-08")["key"]) == {"raised.count"}
    assert register.month("2020-08").show("Raised", "raised.").keys() == ["raised.count"]


# The figures themselves ---------------------------------------------------------------------------


def grouped(worked: list[str]) -> FigureSet:
    """Figures of two groups, and which of them were worked out."""

    def of(name: str, *placed: tuple[int, str]) -> Callable[[], Iterator[tuple[int, Figure]]]:
        def work() -> Iterator[tuple[int, Figure]]:
            worked.append(name)
            yield from ((place, Figure(key, key, 1.0)) for place, key in placed)

        return work

    groups = {
        ("vote.", "raised."): of("lists", (0, "raised.count"), (2, "vote.z.count"), (0, "vote.count")),
        ("stage.",): of("stages", (0, "stage.a.count"), (1, "stage.b.count")),
    }
    return FigureSet(GroupedFigures(groups))


IN_ORDER = ["raised.count", "vote.count", "stage.a.count", "stage.b.count", "vote.z.count"]


def test_the_whole_is_in_order_of_places_then_groups() -> None:
    worked: list[str] = []
    assert grouped(worked).keys() == IN_ORDER
    assert worked == ["lists", "stages"]


@pytest.mark.parametrize(
    ("prefix", "expected", "groups"),
    [
        ("vote.", ["vote.count", "vote.z.count"], ["lists"]),
        ("stage.a", ["stage.a.count"], ["stages"]),
        ("st", ["stage.a.count", "stage.b.count"], ["stages"]),
        ("", IN_ORDER, ["lists", "stages"]),
        ("other.", [], []),
    ],
)
def test_what_begins_so_needs_its_groups_only(prefix: str, expected: list[str], groups: list[str]) -> None:
    worked: list[str] = []
    assert grouped(worked).starting(prefix).keys() == expected
    assert worked == groups


def test_a_key_that_is_not_there_is_answered_with_all_that_are() -> None:
    with pytest.raises(UnknownKey, match=r"did you mean stage\.a\.count"):
        grouped([])["stage.a.cuont"]
    assert "stage.c.count" not in grouped([])
    assert grouped([]) == FigureSet(tuple(grouped([])))
