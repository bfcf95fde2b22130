"""What holds on every published page, as rules over a month's files. Each rule yields what breaks it, in words.

Written from the rules themselves and from what readers get; nothing here imports the package.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from published_site import REFERENCE, Month, PageTable, Row, Site

Faults = Iterator[str]
Rule = Callable[[Month, Site], Faults]
RULES: dict[str, Rule] = {}

OPEN = {"development", "refinement", "report", "decision"}
FINAL = {"implemented", "rejected", "withdrawn"}
AT_RISK = 10
"""How many cases must be at risk for a median, a percentile or a curve."""
QUOTING = {"conflicts", "contradictions", "corrections", "quality-notes"}
"""Tables that quote what a source says, under the reference that it uses."""
OF_MODIFICATIONS = {
    "raised": ("ref",),
    "recommended-conversion": ("ref",),
    "recommended-refinement": ("ref",),
    "recommended-report": ("ref",),
    "impact-assessment-approved": ("ref",),
    "impact-assessment-deferred": ("ref",),
    "authority-pending": ("ref",),
    "authority-decided": ("ref",),
    "vote": ("ref", "on"),
    "vote-approved": ("ref", "on"),
    "vote-referred": ("ref", "on"),
    "consultation-refinement-open": ("ref",),
    "consultation-refinement-expected": ("ref",),
    "consultation-report-open": ("ref",),
    "consultation-report-expected": ("ref",),
    "moved": ("unit",),
    "standing": ("unit",),
    "open-proposals": ("name",),
    "open-assessments": ("ref", "kind", "accepted_on"),
    "meetings": ("held_on", "body", "ref"),
    "other-meetings": ("held_on", "body", "ref"),
    "slippage": ("name", "part"),
}
"""Tables with one row for each of something, and what that is."""


def rule(check: Rule) -> Rule:
    """A rule to be held."""
    RULES[check.__name__] = check
    return check


# 1. Rows, columns and tables with content ---------------------------------------------------------


@rule
def no_row_without_content(month: Month, site: Site) -> Faults:
    """No row is blank but for its first column, on pages, in files and in the workbook."""
    for name, rows in month.tables.items():
        yield from _blank(f"tables/{name}.csv", [list(row.values()) for row in rows])
    for name in month.tables:
        yield from _blank(f"report.xlsx, {name}", month.sheets.get(name[:31], [])[1:])
    for table in month.page_tables():
        yield from _blank(f"{table.page}, {table.caption}", table.rows)


def _blank(where: str, rows: list[list[str]]) -> Faults:
    blank = sum(len(row) > 1 and not any(row[1:]) for row in rows)
    if blank:
        yield f"{where}: {blank} of {len(rows)} rows are blank after their first column"


@rule
def no_column_without_content(month: Month, site: Site) -> Faults:
    """A column that is blank in every row isn't shown on a page. Files keep their columns for programs."""
    for table in month.page_tables():
        for place, name in enumerate(table.columns):
            if table.rows and not any(row[place] for row in table.rows):
                yield f"{table.page}, {table.caption}: the column {name!r} is blank in all {len(table.rows)} rows"


@rule
def an_empty_table_is_a_sentence(month: Month, site: Site) -> Faults:
    """No table without rows."""
    for table in month.page_tables():
        if not table.rows:
            yield f"{table.page}, {table.caption}: a table without rows"


# 2. Counts ---------------------------------------------------------------------------------------


@rule
def no_count_exceeds_what_it_is_out_of(month: Month, site: Site) -> Faults:
    """N of M is at most M, and nobody speaks of more modifications than are known."""
    known = len(month.tables["standing"])
    for where, text in month.texts():
        durations = r"\b(?:PA|IA) \d+ of \d+"  # working days, and their target
        for part, whole in re.findall(r"\b(\d[\d,]*) of (?:the )?(\d[\d,]*)\b", re.sub(durations, "", text)):
            if _number(part) > _number(whole):
                yield f"{where}: {part} of {whole}: {text[:80]}"
        for count in re.findall(r"(?<![\d.])(\d[\d,]*) (?:known )?modifications\b", text):
            if _number(count) > known:
                yield f"{where}: {count} modifications, and {known} are known: {text[:90]}"
    for row in month.tables.get("coverage", []):
        if int(row["count"]) > int(row["of"]):
            yield f"tables/coverage.csv: {row['fact']}, {row['count']} of {row['of']}"


@rule
def stages_add_up_to_what_is_known(month: Month, site: Site) -> Faults:
    """The counts of stages, and those not known, are all known modifications, on every page and in figures.json."""
    stages = Counter(month.stages.values())
    for key, figure in month.figures.items():
        if match := re.fullmatch(r"stage\.(\w+)\.count", key):
            listed = stages[match[1]]
            if figure["n"] != listed or figure["value"] not in (None, listed):
                yield f"figures.json, {key}: {figure['n']} known, {figure['value']}; listed: {listed}"
    known, unknown = len(month.stages), stages[""]
    for chart in month.charts():
        for part, whole in re.findall(r"stage of (\d+) of (\d+) known modifications", chart.title):
            if (int(part), int(whole)) != (known - unknown, known):
                yield f"{chart.page}: {chart.title}; listed: {known - unknown} of {known}"


@rule
def outcomes_add_up_to_the_votes(month: Month, site: Site) -> Faults:
    """The month's votes are as many as their outcomes."""
    votes = month.figures.get("vote.count", {}).get("value")
    parts = [
        figure["value"]
        for key, figure in month.figures.items()
        if re.fullmatch(r"vote\.\w+\.count", key) and key != "vote.referred.count"
    ]
    if votes is not None and None not in parts and sum(parts) != votes:
        yield f"figures.json: {votes:g} votes, and outcomes of {sum(parts):g}"


@rule
def each_counts_once(month: Month, site: Site) -> Faults:
    """A modification is once in a stage and a list, and once in a release, its parts taken together."""
    for name, key in OF_MODIFICATIONS.items():
        rows = month.tables.get(name, [])
        result = Counter(tuple(row.get(cell, "") for cell in key) for row in rows)
        for item, times in result.items():
            if times > 1 and any(item):
                yield f"tables/{name}.csv: {' '.join(item)} is there {times} times"
    items: dict[str, set[str]] = {}
    for row in month.tables.get("release-contents", []):
        items.setdefault(_slug(row["release"]), set()).add(row["name"])
    for slug, names in items.items():
        counts = [figure["n"] for key, figure in month.figures.items() if key.startswith(f"release.{slug}.")]
        if sum(counts) != len(names):
            yield f"figures.json, release.{slug}: {sum(counts)} counted, {len(names)} modifications listed"
    for row in month.tables.get("release-contents", []):
        one = [
            r
            for r in month.tables["release-contents"]
            if (r["release"], r["name"]) == (row["release"], row["name"])
        ]
        if row["part"] and any(not other["part"] for other in one):
            yield f"tables/release-contents.csv: {row['name']} is in {row['release']} as a whole and in part"


@rule
def the_flow_of_open_modifications_adds_up(month: Month, site: Site) -> Faults:
    """Its columns mean what they say, and its unknowns are no more than are known."""
    (flow,) = month.tables.get("flow-identity") or [{}]
    if not flow:
        return
    then, raised, reopened, concluded = (
        int(flow[name]) for name in ("then", "raised", "reopened", "concluded")
    )
    if flow["expected"] and int(flow["expected"]) != then + raised + reopened - concluded:
        yield f"flow-identity: {then} + {raised} + {reopened} − {concluded} isn't {flow['expected']}"
    listed = {row["ref"] for row in month.tables["raised"]}
    if raised != len(listed):
        yield f"flow-identity: {raised} raised, and the month's list has {len(listed)}"
    taken_up = {
        row["ref"] for row in month.tables["changes"] if re.search("referred|sent back|resumed", row["what"])
    }
    if reopened > len(taken_up):
        yield f"flow-identity: {reopened} reopened, and {len(taken_up)} were referred or sent back"
    decided = _decided(month)
    if concluded < len(decided):
        yield f"flow-identity: {concluded} concluded, and {', '.join(sorted(decided))} were"


def _decided(month: Month) -> set[str]:
    """Whom the month's own lists say to be finally decided, and not taken up again since."""
    final = {
        row["ref"]
        for row in month.tables["vote"]
        if row["outcome"] in ("approved", "rejected") and row["path"] in ("self_governance", "fast_track")
    }
    final |= {row["ref"] for row in month.tables["authority-decided"] if row["outcome"]}
    return final - {row["ref"] for row in month.tables["vote-referred"]}


# 3. The same in all places -----------------------------------------------------------------------


@rule
def pages_show_the_figures_of_figures_json(month: Month, site: Site) -> Faults:
    """The value of a figure, and what was published, read the same wherever it is shown; halves go up."""
    for shown in month.shown():
        figure = month.figures.get(shown.key)
        if figure is None:
            yield f"{shown.page}: {shown.label!r} ({shown.key!r}) isn't in figures.json"
            continue
        if figure["value"] is not None:
            number = _first_number(shown.value)
            if number is None or number != _rounded(figure["value"], number):
                yield f"{shown.page}, {shown.key}: shown as {shown.value!r}, and is {figure['value']}"
        if "equal" in shown.verdict.lower() and _first_number(shown.printed) != _first_number(shown.value):
            yield f"{shown.page}, {shown.key}: {shown.value} and published {shown.printed}, called {shown.verdict!r}"


@rule
def numbers_of_sentences_are_marked_as_the_verdict_says(month: Month, site: Site) -> Faults:
    """Equal, where and only where figures.json says so; no mark where nothing was published."""
    for shown in month.shown():
        figure = month.figures.get(shown.key, {})
        if shown.label or not figure:
            continue
        compared = figure["verdict"] and figure["value"] is not None  # else it is the published figure itself
        if (figure["verdict"] == "equal") != shown.mark.startswith("equal") or bool(compared) != bool(
            shown.mark
        ):
            yield f"{shown.page}, {shown.key}: marked {shown.mark!r}, and the verdict is {figure['verdict']!r}"


@rule
def pages_show_the_tables_of_the_files(month: Month, site: Site) -> Faults:
    """As many rows, the same names in the same order, the same numbers; halves go up."""
    for table in month.page_tables():
        if not table.file:
            continue
        rows = month.tables[table.file]
        if len(rows) != len(table.rows):
            yield f"{table.page}, {table.caption}: {len(table.rows)} rows, {len(rows)} in {table.file}.csv"
            continue
        for cells, row in zip(table.rows, rows, strict=True):
            yield from _differing(table, cells, row)


def _differing(table: PageTable, cells: list[str], row: Row) -> Faults:
    """Numbers of a page's row that its file doesn't have."""
    exact = [Decimal(cell) for cell in row.values() if re.fullmatch(r"-?\d+(\.\d+)?", cell)]
    for cell in cells:
        if not re.fullmatch(r"[-−]?\d[\d,]*(\.\d+)?", cell):
            continue
        number = Decimal(cell.replace("−", "-").replace(",", ""))
        if not any(number == _rounded(value, number) for value in exact):
            yield f"{table.page}, {table.caption}, {cells[0]}: {cell}, and the file has {[*map(str, exact)]}"


@rule
def the_workbook_holds_the_tables_of_the_files(month: Month, site: Site) -> Faults:
    """A sheet for each table, cell by cell the same."""
    for name, rows in month.tables.items():
        sheet = month.sheets.get(name) or month.sheets.get(name[:31])
        if sheet is None:
            yield f"report.xlsx: no sheet for {name}.csv"
            continue
        there = [[_plain(cell) for cell in row] for row in sheet[1:] if any(row)]
        here = [[_plain(cell) for cell in row.values()] for row in rows if any(row.values())]
        if there != here:
            wrong = next((pair for pair in zip(there, here, strict=False) if pair[0] != pair[1]), None)
            yield f"report.xlsx, {name}: {len(there)} rows, {len(here)} in the file; first: {wrong}"


@rule
def charts_say_what_the_tables_say(month: Month, site: Site) -> Faults:
    """The numbers of a chart's alternative text are those of the table that it draws."""
    for chart in month.charts():
        text = chart.alternative
        numbers = [int(result) for result in re.findall(r"\b(\d+)(?=[,.;]|$)", text)]
        if "over months" in chart.title or "by month" in text:
            text = text.rpartition(";")[2]
            numbers = [int(result) for result in re.findall(r"\b(\d+)(?=[,.;]|$)", text)]
        if "pending implementation" in text.lower():
            counts = Counter(Counter(month.stages.values()).values())
            if Counter(n for n in numbers if n) != counts:
                yield f"{chart.page}, {chart.title}: {numbers}; listed: {sorted(counts.elements())}"
        elif chart.page == "data_quality" and "coverage" in month.tables:
            counts = [int(row["count"]) for row in month.tables["coverage"]]
            if numbers != counts:
                yield f"{chart.page}, {chart.title}: {numbers}; in coverage.csv: {counts}"
        elif chart.page == "reconciliation" and month.tables.get("verdicts"):
            counts = [int(row["count"]) for row in month.tables["verdicts"]]
            if numbers != counts and any(counts):
                yield f"{chart.page}, {chart.title}: {numbers}; in verdicts.csv: {counts}"
        elif ages := re.findall(r"(\S+) (PA|IA) (\d+) of (\d+)", text):
            names = ("ref", "kind", "duration_wd", "target_wd")
            rows = [tuple(row[name] for name in names) for row in month.tables["open-assessments"]]
            if ages != [row for row in rows if row[2]]:
                yield f"{chart.page}, {chart.title}: {ages}; in open-assessments.csv: {rows}"


@rule
def one_chart_is_one_on_all_pages(month: Month, site: Site) -> Faults:
    """The same title says the same, and a table is the same table wherever it is."""
    words: dict[str, str] = {}
    for chart in month.charts():
        if words.setdefault(chart.title, chart.alternative) != chart.alternative:
            yield f"{chart.page}: {chart.title} says {chart.alternative!r} and {words[chart.title]!r}"
    drawn: dict[str, PageTable] = {}
    for table in month.page_tables():
        first = drawn.setdefault(table.file or table.caption, table)
        if first.rows != table.rows:
            yield f"{table.page} and {first.page} show other rows of {table.caption}"


@rule
def lists_are_as_long_as_their_figures(month: Month, site: Site) -> Faults:
    """A list has as many rows as its count says are known."""
    for name, rows in month.tables.items():
        key = name.replace("impact-assessment", "impact_assessment").replace("-", ".") + ".count"
        if key in month.figures and month.figures[key]["n"] != len(rows):
            yield f"{name}.csv has {len(rows)} rows, and {key} knows of {month.figures[key]['n']}"


@rule
def the_front_page_says_what_the_month_says(month: Month, site: Site) -> Faults:
    """Known, with a stage, open, changed, published: as the month's own tables have it."""
    row = site.by_month[month.name]
    stages = month.stages.values()
    here = {
        "report_date": month.report_date.isoformat(),
        "known": str(len(month.stages)),
        "stage_known": str(sum(bool(stage) for stage in stages)),
        "open": str(sum(stage in OPEN for stage in stages)),
        "changes": str(len(month.tables["changes"])),
        "printed": str(sum(figure["printed"] is not None for figure in month.figures.values())),
    }
    for name, value in here.items():
        if row.get(name, value) != value:
            yield f"tables/months.csv, {name}: {row[name]}, and the month has {value}"
    changes = Counter(entry.month for entry in site.feed if entry.is_change)
    listed = len(month.tables["changes"])
    if month.name > min(changes, default="9999") and changes[month.name] != listed:  # it keeps the newest
        yield f"feed.xml: {changes[month.name]} changes, and the month lists {listed}"


@rule
def counts_of_published_figures_are_of_legible_ones(month: Month, site: Site) -> Faults:
    """So many of so many published figures: those that can be read."""
    legible = sum(bool(figure["printed"]) for figure in month.figures.values())
    for where, text in month.texts():
        for part, whole in re.findall(r"(\d+) of (?:the )?(\d+) (?:printed|published|legible)", text):
            if int(whole) != legible:
                yield f"{where}: {part} of {whole}, and {legible} are legible: {text[:80]}"


@rule
def counts_of_moved_releases_are_of_comparable_ones(month: Month, site: Site) -> Faults:
    """A release is compared only where two days are stated for it."""
    for chart in month.charts():
        if match := re.search(r"(\d+) of (?:the )?(\d+) releases", chart.title):
            twice = len(re.findall(r"\d{4}, then ", chart.alternative))
            if int(match[2]) != twice:
                yield f"{chart.page}: {chart.title}, and {twice} have two days"


# 4. Status and stage -----------------------------------------------------------------------------


@rule
def nothing_is_concluded_while_it_is_open(month: Month, site: Site) -> Faults:
    """Whoever is counted as concluded isn't in an open stage, on any page."""
    for shown in month.shown():
        if shown.key.startswith("proposal.concluded"):
            for name in sorted({result for text in shown.behind for result in REFERENCE.findall(text)}):
                if month.stages.get(name) in OPEN:
                    yield f"{shown.page}, {shown.key}: counts {name}, which is in {month.stages[name]}"
    since = {row["unit"]: row["since"] for row in month.tables["standing"]}
    for row in month.tables.get("open-proposals", []):
        stage, day = month.stages.get(row["name"], ""), since.get(row["name"], "")
        if stage in FINAL | {"pending_implementation"} and day <= month.period_end.isoformat():
            yield f"open-proposals.csv: {row['name']} is open, and {stage} since {day}"


@rule
def what_is_in_force_is_implemented(month: Month, site: Site) -> Faults:
    """What a release implemented is implemented, or in force in part where a part is to come; approved is past open stages."""
    for row in month.tables.get("release-contents", []):
        stage = month.stages.get(row["name"])
        if stage is None:  # under another name: another rule
            continue
        if row["status"] == "in force in part" and stage in OPEN | FINAL - {"implemented"}:
            yield f"release-contents.csv: {row['name']} is in force in part, and its stage {stage}"
        if row["status"] == "implemented" and stage != "implemented":
            yield f"release-contents.csv: {row['name']} is in force, and its stage {stage or 'unknown'}"
        if row["status"] == "approved" and stage in OPEN and not row["part"]:
            yield f"release-contents.csv: {row['name']} is approved, and in {stage}"
    for row in month.tables.get("slippage", []):
        partly = row["status"] == "in force in part" and not row.get("part")
        if partly and (row.get("slip_days") or month.stages.get(row["name"]) == "implemented"):
            yield f"slippage.csv: {row['name']} is in force in part, and has slipped {row.get('slip_days')} days"


@rule
def meetings_that_have_passed_are_not_scheduled(month: Month, site: Site) -> Faults:
    """A meeting is scheduled only after the report's day, once, and is listed under its own body."""
    rows = month.tables.get("meetings", []) + month.tables.get("other-meetings", [])
    for row in rows:
        if row["status"] == "scheduled" and date.fromisoformat(row["held_on"]) <= month.report_date:
            yield f"meetings.csv: {row['held_on']} {row['body']} {row['ref']} has passed and is scheduled"
        others = [r for r in rows if (r["held_on"], r["body"]) == (row["held_on"], row["body"]) and r != row]
        if not row["ref"] and others:
            yield f"meetings.csv: {row['held_on']} {row['body']} is there once more, without a modification"
    for table in month.page_tables("meetings"):
        if "Working Group" in table.heading and "Body" in table.columns:
            for body in sorted({body for body in table.column("Body") if "working" not in body.lower()}):
                yield f"{table.page}: {body} is listed under {table.heading}"


@rule
def what_is_due_and_not_confirmed_says_so(month: Month, site: Site) -> Faults:
    """Approved, the planned day passed, and nothing said since: MP130 from June 2020, MP091 from March 2020."""
    due = {"MP091": "2020-03", "MP130": "2020-06", "SECMP0016": "2017-05"}
    marked = {
        name
        for page in month.pages.values()
        for text in [*page.sentences, *(" ".join(row) for table in page.tables for row in table.rows)]
        if "not confirmed" in text
        for name in REFERENCE.findall(text)
    }
    for name, first in due.items():
        if name in month.stages and month.name >= first and name not in marked:
            yield f"{name} is due and not confirmed, and no page says so"


# 5. Precision ------------------------------------------------------------------------------------


@rule
def a_day_that_no_source_states_is_not_shown(month: Month, site: Site) -> Faults:
    """By a day, or in a month, is said wherever the event is: in lists, changes, moves and the feed."""
    loose: dict[tuple[str, str], str] = {}
    for name, rows in month.tables.items():
        for row in rows:
            if row.get("precision") in ("by", "month") and "ref" in row and "on" in row:
                loose[row["ref"], _counted(row)] = row["precision"]
        for table in month.page_tables(name):
            yield from _bare(table, rows)
    # a stage may be known by the day of an assessment or consultation, which has that very day
    stages: dict[tuple[str, str], str] = {}
    for row in month.tables["standing"]:
        if row["since_precision"] in ("by", "month"):
            stages[row["unit"], _counted({"on": row["since"], "precision": row["since_precision"]})] = row[
                "since_precision"
            ]
    for row in month.tables["changes"]:
        known = loose if OF_WORK.fullmatch(row["what"]) else loose | stages
        precision = known.get((row["ref"], row["day"]))
        exact = _is_stated_exactly(month, row)
        if precision and not exact and row.get("precision", "day") == "day":
            yield f"changes.csv: {row['ref']}, {row['what']}, on {row['day']}, known {precision}"
    for row in month.tables.get("moved", []):
        precision = (loose | stages).get((row["unit"], row["since"]))
        if precision and "precision" not in " ".join(row):
            yield f"moved.csv: {row['unit']} since {row['since']}, known {precision}"
    for entry in site.feed:
        if (
            entry.is_change
            and entry.month == month.name
            and (words := re.fullmatch(r"On (\d+ [A-Z][a-z]+ \d{4})", entry.summary))
        ):
            name = REFERENCE.search(entry.title)
            day = datetime.strptime(words[1], "%d %B %Y").date().isoformat()
            known = loose if OF_WORK.fullmatch(entry.title.rpartition(" – ")[2]) else loose | stages
            precision = known.get((name[0], day)) if name else None
            if precision:
                row = {"ref": name[0] if name else "", "day": day, "what": entry.title}
                if not _is_stated_exactly(month, row):
                    yield f"feed.xml: {entry.title}: {entry.summary}, known {precision}"


def _bare(table: PageTable, rows: list[Row]) -> Faults:
    """Cells of a page's table that show a day where the file knows a bound or a month."""
    if len(rows) != len(table.rows):
        return
    for cells, row in zip(table.rows, rows, strict=True):
        on, precision = row.get("on") or row.get("since"), row.get("precision") or row.get("since_precision")
        if on and precision in ("by", "month"):
            day = _written(date.fromisoformat(on))
            if any(cell == day for cell in cells):
                yield f"{table.page}, {table.caption}: {cells[0]} on {day}, known {precision}"


def _counted(row: Row) -> str:
    """The day that a change of a month is listed under: the month's last."""
    on = date.fromisoformat(row["on"])
    if row["precision"] != "month":
        return on.isoformat()
    after = date(on.year + on.month // 12, on.month % 12 + 1, 1)
    return date.fromordinal(after.toordinal() - 1).isoformat()


OF_WORK = re.compile(
    r".+ (?:Assessment (?:requested|accepted|returned)|Consultation (?:opened|closed))|Other consultation (?:opened|closed)"
)
"""What *What changed* calls the days of an assessment or consultation."""
DAYS_OF_WORK = ("requested_on", "accepted_on", "returned_on", "opened_on", "closed_on")
"""Columns of the lists of assessments and consultations, which hold days that sources state."""


def _is_stated_exactly(month: Month, change: Row) -> bool:
    """Whether another list of the month has an event, or a day of an assessment or consultation, of that very day."""
    return any(
        row.get("ref") == change["ref"]
        and (
            (row.get("on") == change["day"] and row.get("precision") == "day")
            or change["day"] in [row.get(name) for name in DAYS_OF_WORK]
        )
        for rows in month.tables.values()
        for row in rows
    )


@rule
def a_lower_bound_is_no_day_of_a_scope(month: Month, site: Site) -> Faults:
    """What a page was seen to say on a day or later wasn't said on that day."""
    bounds = {
        (result[1], result[2])
        for shown in month.shown()
        if shown.key.startswith("release.")
        for text in shown.behind
        if (result := re.search(r"(\S+)(?: · [^·]+)? · \w+ seen on (\d+ \w{3} \d{4}) or later", text))
    }
    for table in month.page_tables("release-contents"):
        for row in table.rows:
            for name in REFERENCE.findall(" ".join(row)):
                for day in {day for ref, day in bounds if ref == name} & set(row):
                    yield f"{table.page}, {table.caption}: {name} as at {day}, the lower bound of a page's day"


@rule
def first_sightings_are_no_moves(month: Month, site: Site) -> Faults:
    """Who moved has a stage before and another after, and both are shown."""
    for row in month.tables.get("moved", []):
        if not row["before"] or not row["now"] or row["before"] == row["now"]:
            yield f"moved.csv: {row['unit']} from {row['before'] or 'nowhere'} to {row['now'] or 'nowhere'}"


@rule
def moves_and_returns_are_among_the_changes(month: Month, site: Site) -> Faults:
    """A stage change and a returned assessment of the month are among what changed."""
    changed = {_number_of(row["ref"]) for row in month.tables["changes"]}
    for row in month.tables.get("moved", []):
        if row["before"] and _number_of(row["unit"]) not in changed:
            yield f"changes.csv: {row['unit']} moved from {row['before']} to {row['now']}, and isn't there"
    returned = {
        (row["ref"], row["day"])
        for row in month.tables["changes"]
        if re.search(r"assessment|\bPA\b|\bIA\b", row["what"], re.IGNORECASE) and "return" in row["what"]
    }
    for row in month.tables.get("returned-assessments", []):
        if (
            row["returned_on"] > _report_before(month, site)
            and (row["ref"], row["returned_on"]) not in returned
        ):
            yield f"changes.csv: {row['ref']} {row['kind']} returned on {row['returned_on']} isn't there"


# 6. One name -------------------------------------------------------------------------------------


@rule
def one_modification_has_one_name(month: Month, site: Site) -> Faults:
    """The reference of the report's day, on all pages, in all files and in the feed; no part before it exists."""
    names = set(month.stages)
    for name, rows in month.tables.items():
        if name in QUOTING or name in ("figures", "reconciliation"):
            continue
        for row in rows:
            words = row.get("ref") or row.get("unit") or row.get("name") or row.get("item") or ""
            for result in REFERENCE.findall(words):
                others = {other for other in names if _number_of(other) == _number_of(result)}
                if others and result not in others:
                    yield f"{name}.csv: {result}, elsewhere {', '.join(sorted(others))}"
    for entry in site.feed:
        result = REFERENCE.search(entry.title)
        if entry.is_change and entry.month == month.name and result and result[0] not in names:
            yield f"feed.xml: {result[0]}, which the month's pages don't know by that name"


# 7. Enough at risk -------------------------------------------------------------------------------


@rule
def statistics_have_enough_cases_and_an_interval(month: Month, site: Site) -> Faults:
    """A median or percentile needs ten cases and its interval, a curve ten cases."""
    for row in month.tables.get("duration-summary", []):
        yield from _statistics("duration-summary", row, int(row["n"]), ("median", "p85", "p95"))
    survival = month.tables.get("survival", [])
    for row in survival:
        cases = int(row["completed"]) + int(row["open"])
        yield from _statistics("survival", row, cases, ("median",))
        if row["median"] and int(row.get("at_risk") or 0) < AT_RISK:
            yield f"survival.csv, {row['what']}: median {row['median']} with {row.get('at_risk') or 0} at risk"
    comparable = {
        "PA" if "Preliminary" in row["what"] else "IA" if "Impact" in row["what"] else "": int(
            row["completed"]
        )
        + int(row["open"])
        for row in survival
    }
    for name in ("open-assessments", "open-proposals"):
        for row in month.tables.get(name, []):
            kind = row.get("kind", "")
            if row["percentile"] and comparable.get(kind, 0) < AT_RISK:
                yield (
                    f"{name}.csv: {row.get('ref') or row.get('name')} at percentile {row['percentile']} "
                    f"of {comparable.get(kind, 0)}"
                )
    for chart in month.charts():
        cases = [int(result) for result in re.findall(r"(\d+) (?:completed|are at risk)", chart.alternative)]
        if "curve" in chart.alternative and cases and min(cases) < AT_RISK:
            yield f"{chart.page}: a curve of {min(cases)} cases: {chart.title}"


def _statistics(table: str, row: Row, cases: int, names: tuple[str, ...]) -> Faults:
    for name in names:
        if row.get(name):
            if cases < AT_RISK:
                yield f"{table}.csv, {row['what']}: {name} {row[name]} from {cases} cases"
            if not (row.get(f"{name}_low") and row.get(f"{name}_high")):
                yield f"{table}.csv, {row['what']}: {name} {row[name]} without its interval"


# Coverage of August 2020, by hand ----------------------------------------------------------------


@rule
def facts_of_parts_belong_to_their_parents(month: Month, site: Site) -> Faults:
    """On 7 August 2020 the days on which 45 modifications were raised and 12 converted are known, at least."""
    if month.name == "2020-08":
        counts = {row["fact"]: int(row["count"]) for row in month.tables["coverage"]}
        for fact, least in {"day raised": 45, "day converted": 12}.items():
            if counts[fact] < least:
                yield f"coverage.csv: {fact} {counts[fact]}, and {least} are known"


# Words and numbers -------------------------------------------------------------------------------


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _first_number(text: str) -> Decimal | None:
    """The number that a cell begins with; words below twenty as numbers."""
    words = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ]
    if text.lower() in words:
        return Decimal(words.index(text.lower()))
    result = re.match(r"[-−]?\d[\d,]*(\.\d+)?", text)
    return Decimal(result[0].replace("−", "-").replace(",", "")) if result else None


def _rounded(value: float | Decimal, like: Decimal) -> Decimal:
    """A number with as many decimals as another; halves go up, away from zero."""
    exact = Decimal(str(value))
    return exact.quantize(Decimal(1).scaleb(int(like.as_tuple().exponent)), ROUND_HALF_UP)


def _plain(cell: str) -> str:
    """A cell without what a workbook can't keep: the last digits of a number, the case of yes and no."""
    if re.fullmatch(r"-?\d+\.\d+", cell):
        return f"{float(cell):.10g}"
    return cell.lower() if cell.lower() in ("true", "false") else cell


def _slug(release: str) -> str:
    return (
        re.sub(r"[^a-z0-9]+", "-", release.lower().removesuffix(" sec release"))
        .strip("-")
        .replace("-release", "")
    )


def _number_of(ref: str) -> str:
    return re.sub(r"\D", "", ref).zfill(4)


def _written(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _report_before(month: Month, site: Site) -> str:
    """The day of the report before; where its month isn't published, 28 days before."""
    days = sorted(row["report_date"] for row in site.by_month.values())
    earlier = [day for day in days if day < month.report_date.isoformat()]
    return max([*earlier[-1:], date.fromordinal(month.report_date.toordinal() - 28).isoformat()])
