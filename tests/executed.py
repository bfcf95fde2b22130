"""Executed notebooks made of our own display objects, for tests of what is published from them.

The content is that of the published report of August 2020, and titles as nobody should write them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import factories
import pandas as pd
from tinyproject import write_project

from secanalysis.domain.figures import Figure, FigureSet, Row, Verdict
from secanalysis.domain.vocabulary import Convention, Unit
from secanalysis.statements import schemas, storage, table_columns
from secanalysis.support.project import Project
from secanalysis.views.cases import CaseList, Cases
from secanalysis.views.drawing import Chart
from secanalysis.views.tables import FigureTable, Foot, Head, Provenance, Table

HOSTILE = (
    "<script>document.title='ran'</script>",
    "</style></title></script><img src=x onerror=\"document.title='ran'\">",
    "[a link](javascript:alert(1)) and **bold** `code`",
    "javascript:alert(1)",
    "&lt;b&gt; &amp; &#60;i&#62; \" ' ` \u202etxet",
    '=HYPERLINK("http://127.0.0.1:9/","x")',
)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="518" height="120"><script>document.title="ran"</script>'
    '<style>rect { fill: #0072b2 }</style><rect width="300" height="60"/><!-- "quoted" --></svg>'
)
REPORT, PAGE = "csr-2020-08", "mp-007-page"


def statements() -> dict[str, pd.DataFrame]:
    """A few rows of the tables that figures point to."""
    tables = {name: table_columns.empty(name) for name in schemas.TABLES}
    tables["sources"] = _typed(
        "sources",
        [
            [REPORT, "report", "Change Status Report, August 2020", "SECAS", "2020-08-07", "day", None],
            [
                PAGE,
                "modification_page",
                HOSTILE[0],
                "SECAS",
                "2020-06-30",
                "not_before",
                "https://example.org/?a=1&b=%22",
            ],
        ],
    )
    rows = [
        ["SECMP0056", "IA", None, "2019-07-02", None, 40, "open", "2020-07-31", REPORT, "line 210"],
        ["SECMP0007", "IA", None, "2020-02-06", None, 40, "open", "2020-07-31", REPORT, "line 211"],
        ["MP099", "IA", None, "2020-05-05", None, 40, "open", "2020-07-31", REPORT, "line 214"],
    ]
    tables["assessments"] = _typed("assessments", rows)
    blank = [None] * 5
    events = [["MP135", "raised", "2020-07-10", "day", *blank, REPORT, "line 41"]]
    events += [["MP136", "raised", "2020-07-01", "month", *blank, PAGE, f"row {n}"] for n in range(45)]
    tables["events"] = _typed("events", events)
    return tables


def _typed(table: str, rows: list[list[Any]]) -> pd.DataFrame:
    names = [column.name for column in table_columns.columns(table)]
    frame = pd.DataFrame(
        [[*row, *[None] * (len(names) - len(row))] for row in rows], columns=names, dtype=object
    )
    return table_columns.typed(frame, table)


def figure(key: str, label: str, value: float | None, **more: Any) -> Figure:
    """A figure, with one row behind it unless told otherwise."""
    more.setdefault("rows", (Row("events", REPORT, "line 41"),))
    return Figure(key, label, value, **more)


def assessment_figures() -> FigureSet:
    """Open assessments as the report printed them."""
    rows = tuple(Row("assessments", REPORT, f"line {line}") for line in (210, 211, 214))
    wd: dict[str, Any] = {"unit": Unit.WD, "convention": Convention.AS_PUBLISHED, "rows": rows[:1]}
    return FigureSet(
        (
            figure("assessment.ia.open.count", "Impact Assessments open", 5, reprint=5, printed="5",
                   verdict=Verdict.EQUAL, coverage="5 of 5 listed", n=5, rows=rows),
            figure("assessment.ia.open.mean_wd", "Impact Assessments open: mean duration", 98.4, reprint=98.4,
                   printed="98 WD", verdict=Verdict.EQUAL, coverage="5 of 5 have both dates", **wd),
            figure("assessment.MP109.pa.2020-05-26.duration_wd", "MP109, Preliminary Assessment", 49,
                   reprint=49, printed="46 WD", verdict=Verdict.SCAN, reason="46 read for 49", **wd),
            figure("assessment.MP122.ia.2020-07-16.duration_wd", "MP122, Impact Assessment", 12, reprint=12,
                   printed="", verdict=Verdict.BLANK, **wd),
            figure("vote.count", "Change Board votes", 6, reprint=5, printed="5", verdict=Verdict.EQUAL,
                   reason="MP127's vote of 22 July is known from its page, not from the report"),
            figure("proposal.open.count", "Proposals open (before a decision)", None, printed="54", n=41,
                   verdict=Verdict.NOT_COMPUTABLE, reason="the report lists 41 of them"),
            figure("raised.count", HOSTILE[1], 46, printed=HOSTILE[2], reprint=4, verdict=Verdict.DIFFERS,
                   reason=HOSTILE[3], coverage=HOSTILE[4],
                   rows=tuple(Row("events", PAGE, f"row {n}") for n in range(45))),
        )
    )  # fmt: skip


def votes(title: str = "Votes of the Change Board", name: str = "votes") -> Table:
    """Votes, with titles as nobody should write them."""
    frame = pd.DataFrame(
        {
            "ref": [f"MP{number}" for number in range(100, 100 + len(HOSTILE))],
            "title": HOSTILE,
            "on": pd.to_datetime(pd.Series(["2020-07-22", None, *["2020-07-23"] * (len(HOSTILE) - 2)])),
            "days": pd.array([-3, None, 1200, *range(len(HOSTILE) - 3)], dtype="Int64"),
            "share": [0.25, None, *[0.5] * (len(HOSTILE) - 2)],
            "path": ["self_governance", None, *["authority"] * (len(HOSTILE) - 2)],
        }
    )
    columns = {
        "ref": "Reference",
        "title": "Title",
        "on": "Day",
        "days": "Days",
        "share": "Share",
        "path": "Path",
    }
    return Table(name, title, frame, columns, note="The Change Board votes once a month.")


def stage_times() -> Table:
    """Times in a stage, whose numbers open to their cases."""
    frame = pd.DataFrame(
        {"stage": ["The Development Stage", "The Report Phase"], "n": [2, 0], "mean": [12.5, None]}
    )
    cases = pd.DataFrame({"row": [0, 0], "ref": ["MP103", "MP135"], "words": ["10 WD", HOSTILE[0]]})
    opens = CaseList(("n", "mean"), cases["ref"].notna(), cases["words"])
    behind = Cases("stage-time-cases", "Cases behind the times", cases, {"ref": "Reference"}, (opens,))
    columns = {"stage": "Stage", "n": "Both days known", "mean": "Mean"}
    return Table("stage-times", "Time in each stage (WD)", frame, columns, cases=behind)


def changes(what: str = "was voted: approved") -> Table:
    """What the feed tells."""
    frame = pd.DataFrame(
        {
            "day": pd.to_datetime(["2020-07-22", "2020-07-23"]),
            "ref": ["MP103", "MP135"],
            "title": ["DCC SOC2 Assessments", HOSTILE[0]],
            "what": [what, "came into force"],
        }
    )
    return Table("changes", "What changed", frame)


def provenance(month: str | None = "2020-08", **more: Any) -> Provenance:
    """What a month was made from."""
    made: dict[str, Any] = {
        "month": month,
        "title": "Change Status Report",
        "report_date": "2020-08-07" if month == "2020-08" else None,
        "period_end": "2020-07-31",
        "window_start": "2019-08-01",
        "convention": "as_published",
        "data_sha256": "d" * 64,
        "code_sha256": "c" * 64,
        "versions": {"pandas": "3.0.0", "nbconvert": "7.17.0"},
        "coverage": "A published report of this month is among the sources.",
    }
    return Provenance(**{**made, **more})


def markdown(source: str) -> dict[str, Any]:
    """A cell of prose."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def code(source: str, *displayed: Any, outputs: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """A cell that shows some objects, and other outputs after them."""
    shown = [_displayed(thing) for thing in displayed]
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "source": source,
        "outputs": [*shown, *outputs],
    }


def _displayed(thing: Any) -> dict[str, Any]:
    bundle = thing._repr_mimebundle_()
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    """Text that a cell wrote."""
    return {"output_type": "stream", "name": name, "text": text}


def raw_html(text: str) -> dict[str, Any]:
    """HTML that isn't ours."""
    return {"output_type": "display_data", "data": {"text/html": text}, "metadata": {}}


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    """A notebook of these cells, as plain data with the same ids every time."""
    numbered = [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells)]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": numbered}


def report(month: str = "2020-08", **more: Any) -> dict[str, Any]:
    """A Change Status Report with every kind of content."""
    made = provenance(month, **more)
    finding = "The stage of 25 of 54 modifications is known"
    chart = Chart(finding, 'Bars: development 2, refinement 4, "report" 1, <none> else', SVG)
    error = {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": "<b>",
        "traceback": ["\x1b[31mValueError\x1b[0m: <b>"],
    }
    foreign = raw_html(HOSTILE[1])
    return notebook(
        markdown(f"# Change Status Report\n\nText with {HOSTILE[0]} and [bad](javascript:alert(1)), [good](https://example.org)."),
        code('month = "2020-08"', Head(made)),
        markdown("## 1. Summary"),
        code("report.chart()", chart),
        code("report.figures()", FigureTable(assessment_figures().figures, statements(), "DCC timescales")),
        markdown("#### Votes"),
        code("report.votes()", votes(), changes()),
        code("report.none()", Table("none", "Decided", pd.DataFrame({"ref": []}), empty="None this month.")),
        markdown("## 2. Notes\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n<iframe src='x'></iframe>"),
        markdown("```\n</pre>\n```"),
        markdown("# A second title"),
        code("print()", outputs=(stream("<b>out</b>\n"), stream("careful\n", "stderr"), error, foreign)),
        code("report.foot()", Foot(made)),
    )  # fmt: skip


def durations(month: str = "2020-08", **more: Any) -> dict[str, Any]:
    """A second page of a month."""
    made = provenance(month, **{"title": "Durations", **more})
    wide = pd.DataFrame({f"column_{n}": [f"value {n} of a wide table"] * 50 for n in range(6)})
    return notebook(
        markdown("# Durations"),
        code("report.head()", Head(made)),
        code("report.open()", FigureTable(assessment_figures().figures, statements(), "Open assessments")),
        code("report.wide()", Table("wide", "A wide table", wide), votes(), stage_times()),
        code("report.foot()", Foot(made)),
    )


def index() -> dict[str, Any]:
    """The front page."""
    months = pd.DataFrame({"month": ["2020-07", "2020-08"], "known": [50, 54]})
    return notebook(
        markdown("# SEC modifications, month by month\n\nEvery month, from public facts."),
        code("months.table()", Table("months", "What is known of each month", months)),
        code("months.foot()", Foot(provenance(None, title="Months"))),
    )


def write(root: Path, months: tuple[str, ...] = ("2020-07", "2020-08")) -> Path:
    """Executed notebooks of some months in ``runs`` below a root, which is given back."""
    for month in months:
        put(root / "runs" / month / "change_status_report.ipynb", report(month))
        put(root / "runs" / month / "durations.ipynb", durations(month))
    put(root / "runs" / "index.ipynb", index())
    return root


def project(root: Path, notebooks: dict[str, list[str]]) -> Project:
    """A project with a statement, not built, and its executed months as of `write`."""
    made = Project(write_project(root, notebooks))
    (made.processed / "sources.parquet").unlink()
    storage.write_raw(factories.tables([factories.source("page")]), made.raw)
    write(made.root)
    return made


def put(path: Path, content: dict[str, Any]) -> None:
    """Write a notebook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
    )
