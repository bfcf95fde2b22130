"""Simulated registers exported twice, with corrections, deletions and additions between, against a plain second way."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pandas as pd
import pytest
from plain_snapshots import Row, Tables, as_exported, number, open_then, seen_together

from secanalysis.analysis import month_figures
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Convention
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.simulate import simulation
from secanalysis.simulate.simulation import Truth
from secanalysis.statements import schemas, table_columns

MONTHS = (ReportMonth(2019, 1), ReportMonth(2021, 12))
NOVEMBER, DECEMBER = ReportMonth(2021, 11), ReportMonth(2021, 12)
OLDER_ON, NEWER_ON = date(2021, 11, 12), date(2021, 12, 10)  # after the report's day of each month
CORRECTED = {
    "events": ["on"],
    "assessments": ["accepted_on", "returned_on"],
    "release_items": ["on"],
}


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """A frame's rows, blanks as None and days as days."""
    rows = frame.astype("object").where(frame.notna(), None).to_dict("records")
    return [
        {str(name): cell.date() if isinstance(cell, pd.Timestamp) else cell for name, cell in row.items()}
        for row in rows
    ]


def stages_on(truth: Truth, day: date) -> dict[str, str]:
    """The stage of each modification on a day."""
    on = pd.Timestamp(day)
    now = truth.stages[(truth.stages["since"] <= on) & ~(truth.stages["until"] <= on)]
    return dict(zip(now["unit"], now["stage"], strict=True))


def mistaken(whole: Tables, draw: random.Random) -> Tables:
    """A register's rows before they were put right: days moved, modifications missing, others that were none."""
    refs = sorted({number(row["ref"]) for row in whole["modifications"]})
    missing = set(draw.sample(refs, 2))  # added between the exports
    before: Tables = {}
    for table, rows in whole.items():
        before[table] = [dict(row) for row in rows if not row.get("ref") or number(row["ref"]) not in missing]
        for row in before[table]:
            for name in CORRECTED.get(table, []):
                if row[name] and draw.random() < 0.05:
                    row[name] += timedelta(days=draw.choice([-3, -1, 1, 2]))
            if table == "assessments" and row["returned_on"] and row["accepted_on"]:
                row["returned_on"] = max(row["returned_on"], row["accepted_on"])
    return before


def without(whole: Tables, draw: random.Random) -> Tables:
    """A register's rows once some modifications, and some rows of others, were deleted."""
    refs = sorted({number(row["ref"]) for row in whole["modifications"]})
    deleted = set(draw.sample(refs, 2))
    return {
        table: [
            row
            for row in rows
            if not (row.get("ref") and number(row["ref"]) in deleted)
            and not (table in ("assessments", "consultations") and draw.random() < 0.05)
        ]
        for table, rows in whole.items()
    }


def register(*exports: tuple[Tables, date], name: str | None) -> ResolvedRegister:
    """A register of some exports' rows; without a name they replace nothing."""
    sources = pd.DataFrame(
        {
            "source_id": [f"register-{day}" for _, day in exports],
            "kind": "register",
            "title": "An export",
            "publisher": "Nobody",
            "published_on": [day.isoformat() for _, day in exports],
            "published_precision": "day",
            "url": None,
            "register": name,
        }
    )
    tables = {"sources": table_columns.typed(sources, "sources")}
    for table in schemas.TABLES:
        if table != "sources":
            columns = [column.name for column in table_columns.columns(table)]
            rows = [row for one, _ in exports for row in one.get(table, [])]
            tables[table] = table_columns.typed(pd.DataFrame(rows, columns=columns, dtype="object"), table)
    return ResolvedRegister(tables)


def values(register: ResolvedRegister, month: ReportMonth) -> dict[str, float | None]:
    """A month's figures."""
    figures = month_figures.figures(register, register.clock(month), Convention.AS_PUBLISHED)
    return {figure.key: figure.value for figure in figures}


def check(seed: int) -> None:
    """Both months once both exports are known, and the first as it was known before."""
    draw = random.Random(seed)
    simulated, truth = simulation.simulate(40, seed, MONTHS, attestations=False)
    whole = {table: rows_of(frame) for table, frame in simulated.items() if table != "sources"}
    older = as_exported(mistaken(whole, draw), stages_on(truth, OLDER_ON), OLDER_ON, f"register-{OLDER_ON}")
    newer = as_exported(without(whole, draw), stages_on(truth, NEWER_ON), NEWER_ON, f"register-{NEWER_ON}")
    both = register((older, OLDER_ON), (newer, NEWER_ON), name="R")
    assert values(both.as_known(OLDER_ON), NOVEMBER) == values(
        register((older, OLDER_ON), name=None), NOVEMBER
    )
    for month in (NOVEMBER, DECEMBER):
        clock = both.clock(month)
        plain = seen_together(older, newer, OLDER_ON, clock.report_date)
        empty: Tables = {}
        expected = values(register((empty, OLDER_ON), (plain, NEWER_ON), name=None), month)
        if clock.period_end <= OLDER_ON:
            plain["assessments"] += open_then(
                older["assessments"], newer["assessments"], OLDER_ON, clock.period_end
            )
            with_them = values(register((empty, OLDER_ON), (plain, NEWER_ON), name=None), month)
            expected = {
                key: value for key, value in expected.items() if not key.startswith("assessment.")
            } | {key: value for key, value in with_them.items() if key.startswith("assessment.")}
        assert values(both, month) == expected


@pytest.mark.parametrize("seed", range(1))
def test_two_exports_of_made_up_registers(seed: int) -> None:
    """Of one: a minute's work for a few."""
    check(seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 200))
def test_two_exports_of_many_made_up_registers(seed: int) -> None:
    """Of 199 more."""
    check(seed)
