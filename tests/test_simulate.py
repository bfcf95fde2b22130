"""A made-up register is sound and marked, its truth is found again, and each headline figure is right twice.

The second way to each figure is a plain loop over the rows, written from the design alone: it shares no
code with the rooms.
"""

from __future__ import annotations

import io
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

from secanalysis import cli
from secanalysis.analysis import activity, estimators, release_counts, stages
from secanalysis.analysis.durations import assessments, proposals, statistics
from secanalysis.domain.figures import key_slug
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import AssessmentKind, Convention, Stage
from secanalysis.domain.working_days import span
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.simulate import simulation
from secanalysis.simulate.simulation import Truth
from secanalysis.statements import schemas, storage, table_columns, validation
from secanalysis.support.project import Project

ROOT = Path(__file__).parent.parent
MONTHS = (ReportMonth(2019, 1), ReportMonth(2021, 12))
MID_WAY = ReportMonth(2020, 7)  # a third of what was raised by then is still open
AS_PUBLISHED = Convention.AS_PUBLISHED
Row = dict[str, Any]


@lru_cache(maxsize=4)
def simulated(seed: int, n: int = 60, *, attestations: bool = True) -> tuple[ResolvedRegister, Truth]:
    """A small register and its truth."""
    tables, truth = simulation.simulate(n, seed, MONTHS, attestations=attestations)
    return ResolvedRegister(tables), truth


class Told(NamedTuple):
    """What a command said."""

    returncode: int
    stderr: str


def command(*arguments: object) -> Told:
    """Run ``secanalysis simulate`` as a user does, in this process."""
    stderr = io.StringIO()
    line = ["secanalysis", "simulate", *map(str, arguments)]
    with pytest.MonkeyPatch.context() as patch, redirect_stderr(stderr), redirect_stdout(io.StringIO()):
        patch.setattr(sys, "argv", line)
        patch.chdir(ROOT)
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return Told(int(ended.value.code or 0), stderr.getvalue())


# The register itself ----------------------------------------------------------------------------


@pytest.mark.parametrize("attestations", [True, False])
@pytest.mark.parametrize(
    "months", [MONTHS, (ReportMonth(2017, 3), ReportMonth(2019, 6)), (ReportMonth(2020, 2),) * 2]
)
def test_tables_are_sound(months: tuple[ReportMonth, ReportMonth], attestations: bool) -> None:
    """No fault, from one month to many, before the Development Stage existed and after."""
    tables, _ = simulation.simulate(300, 3, months, attestations=attestations)
    assert list(tables) == list(schemas.TABLES)
    assert validation.check(tables) == []
    assert len(tables["events"]) > 300


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("ref", "MP0069"),
        ("ref", None),
        ("event", "eaten"),
        ("on", pd.Timestamp("1999-01-01")),
        ("on", pd.Timestamp("2050-01-01")),
        ("precision", None),
        ("outcome", "approved"),
        ("stage", "report"),
        ("source_id", "synthetic-nowhere"),
        ("source_id", None),
        ("locator", "events row 1"),
        ("locator", "\u00a0 events"),
        ("locator", None),
    ],
)
def test_all_faults_of_a_table_are_listed(
    column: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table is asked first whether it has a fault at all: what is found doesn't depend on it."""
    tables = dict(simulated(1)[0].tables)
    tables["events"] = tables["events"].copy()
    tables["events"].loc[7, column] = value
    result = sorted(validation.check(tables))
    monkeypatch.setattr(validation, "_is_sound", lambda *_: False)
    assert sorted(validation.check(tables)) == result != []


def test_everything_is_marked() -> None:
    """No row can be taken for a fact: kind, title and name of every source say what it is."""
    register, _ = simulated(1)
    sources = register.sources
    assert register.is_synthetic and (sources["kind"] == "synthetic").all()
    assert sources["title"].str.startswith("SYNTHETIC").all()
    for name, frame in register.tables.items():
        assert frame["source_id"].str.startswith("synthetic-").all(), name
    assert register.attests_all_by(date(2021, 12, 31)) and not register.attests_all_by(date(2022, 1, 1))


def test_history_is_complete() -> None:
    """Every kind of course occurs: all tables but prints, all stages, all outcomes, paths and statuses."""
    register, _ = simulated(1, n=1500)
    t = register.tables
    assert [name for name, frame in t.items() if not len(frame)] == ["published_figures"]
    assert set(t["events"]["stage"].dropna()) == {"development", "refinement", "report", "decision"}
    for column in ("outcome", "path", "event"):
        expected = next(c.values for c in table_columns.columns("events") if c.name == column)
        assert set(expected) - set(t["events"][column].dropna()) <= {"entered_refinement"}
    assert set(t["release_items"]["status"]) == {"targeted", "approved", "implemented", "removed"}
    assert set(t["assessments"]["state"]) == {"requested", "open", "returned"}
    assert set(t["assessments"]["target_wd"]) == {15, 40}


def test_seed_decides_the_bytes(tmp_path: Path) -> None:
    """The same seed gives the same bytes in a process of its own; another gives others."""
    months = (ReportMonth(2020, 1), ReportMonth(2021, 6))
    options = [
        "--modifications",
        "40",
        "--seed",
        "5",
        "--months",
        "2020-01..2021-06",
        "--into",
        tmp_path / "new",
    ]
    line = [Path(sys.executable).with_name("secanalysis"), "simulate", *options]
    subprocess.run(line, check=True, capture_output=True, cwd=tmp_path)
    written = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "new").iterdir()}
    tables, _ = simulation.simulate(40, 5, months)
    assert written == {name: storage.csv_text(frame, name) for name, frame in tables.items()}
    other, _ = simulation.simulate(40, 6, months)
    assert written["events"] != storage.csv_text(other["events"], "events")
    read = storage.read_folder(tmp_path / "new")
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(read[name], frame)


def test_never_mixes_with_facts(tmp_path: Path) -> None:
    """The project's facts, copies of them, and folders that hold anything else are refused."""
    raw = Project.find(ROOT).raw
    before = {p.name: p.read_bytes() for p in raw.iterdir()}
    copy, other, link = tmp_path / "copy", tmp_path / "other", tmp_path / "link"
    copy.mkdir()
    for name, data in before.items():
        (copy / name).write_bytes(data)
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    link.symlink_to(raw)
    partial = tmp_path / "partial"
    partial.mkdir()
    (partial / "events.csv").write_bytes(before["events.csv"])
    for folder in (raw, raw / "new", copy, other, link, partial, other / "notes.txt"):
        message = command("--modifications", 5, "--seed", 1, "--into", folder)
        assert message.returncode == 2, folder
        assert "expected a new or empty folder" in message.stderr and "Traceback" not in message.stderr
    assert {p.name: p.read_bytes() for p in raw.iterdir()} == before
    assert (copy / "events.csv").read_bytes() == before["events.csv"]


@pytest.mark.parametrize(
    ("option", "value"),
    [("--modifications", 0), ("--seed", -1), ("--months", "2020-13"), ("--months", "2099-01")],
)
def test_bad_options_are_refused(tmp_path: Path, option: str, value: object) -> None:
    """A sentence and exit 2, and nothing is written."""
    options = {"--modifications": 5, "--seed": 1, "--into": tmp_path / "new", option: value}
    message = command(*(word for pair in options.items() for word in pair))
    assert message.returncode == 2 and "expected" in message.stderr and "Traceback" not in message.stderr
    assert not (tmp_path / "new").exists()


# The truth is found again -----------------------------------------------------------------------


@pytest.mark.parametrize("attestations", [True, False])
def test_stages_are_the_true_ones(attestations: bool) -> None:
    """From the statements alone, every modification's stage at every month's end and in between."""
    register, truth = simulated(11, n=400, attestations=attestations)
    result = stages.stages(register)
    assert result.contradictory.empty
    for day in pd.date_range("2019-01-31", "2021-12-31", periods=40).floor("D"):
        now = result.at(day.date()).set_index("unit")["stage"]
        true = truth.stages[(truth.stages["since"] <= day) & ~(truth.stages["until"] <= day)]
        assert now.to_dict() == true.set_index("unit")["stage"].to_dict(), day


def test_knowledge_grows_with_the_exports() -> None:
    """As known on a month's end, the register is whole up to that day and knows nothing later."""
    register, truth = simulated(12)
    for day in (date(2020, 2, 29), date(2021, 6, 30)):
        known = register.as_known(day)
        assert known.attests_all_by(day)
        counts = stages.stages(known).counts(pd.DatetimeIndex([day])).iloc[0]
        on = pd.Timestamp(day)
        true = truth.stages[(truth.stages["since"] <= on) & ~(truth.stages["until"] <= on)]
        assert {s.value: counts[s.value] for s in Stage if counts[s.value]} == Counter(true["stage"])
        assert counts["known"] == len(true)


def estimates(seeds: range) -> Iterator[tuple[pd.DataFrame, pd.DataFrame, Truth]]:
    """Assessments and proposals of each seed as at a month long before the register ends, and the truth."""
    for seed in seeds:
        tables, truth = simulation.simulate(400, seed, MONTHS, attestations=False)
        register = ResolvedRegister(tables)
        clock = register.clock(MID_WAY)
        yield (
            assessments.at(register, clock, AS_PUBLISHED),
            proposals.at(register, clock, AS_PUBLISHED),
            truth,
        )


def covers(estimate: estimators.Survival | None, median: float) -> bool:
    """Whether the interval of the median holds the true one."""
    if estimate is None or estimate.median_low is None or estimate.median_high is None:
        return False
    return estimate.median_low <= median <= estimate.median_high


def check_known_truth(seeds: range, least: int) -> None:
    """Kaplan–Meier's interval holds the true median often enough, and the naive means are biased."""
    result = list(estimates(seeds))
    true = pd.concat([truth.proposals for *_, truth in result])
    raised_to_concluded = span(true["raised_on"], true["concluded_on"], AS_PUBLISHED).median()
    for kind, median in simulation.MEDIAN_WD.items():
        hits = sum(covers(statistics.assessment_survival(a, kind), median) for a, _, _ in result)
        assert hits >= least, f"{kind}: {hits} of {len(seeds)}"
    hits = sum(covers(statistics.proposal_survival(p), raised_to_concluded) for _, p, _ in result)
    assert hits >= least, f"proposals: {hits} of {len(seeds)}"
    # what has ended by then is what was quick; Kaplan–Meier allows for it
    true_mean = float(span(true["raised_on"], true["concluded_on"], AS_PUBLISHED).mean())
    p = pd.concat([p for _, p, _ in result], ignore_index=True)
    ended, running = (p.loc[p["status"] == status, "duration_wd"] for status in ("concluded", "open"))
    assert float(ended.mean()) < 0.85 * true_mean
    assert float(ended.median()) < 0.85 * raised_to_concluded
    assert float(running.mean()) < 0.85 * true_mean
    pooled = statistics.proposal_survival(p)
    assert pooled is not None and pooled.median is not None
    assert abs(pooled.median - raised_to_concluded) < 0.08 * raised_to_concluded


def test_known_truth() -> None:
    """Of 10 seeds."""
    check_known_truth(range(10), least=8)


@pytest.mark.soak
def test_known_truth_soak() -> None:
    """Of 100 seeds, in at least 90 for each estimate."""
    check_known_truth(range(100), least=90)


def test_late_entry_is_no_bias() -> None:
    """What is known only because it was still open enters late; without that the estimate is biased."""
    _, truth = simulation.simulate(4000, 2, MONTHS, attestations=False)
    a = truth.assessments[truth.assessments["kind"] == AssessmentKind.IA]
    seen_first = pd.Timestamp("2020-07-31")
    a = a[(a["accepted_on"] <= seen_first) & (a["returned_on"] > seen_first)]
    wd = span(a["accepted_on"], a["returned_on"], AS_PUBLISHED)
    entry = span(a["accepted_on"], seen_first.date(), AS_PUBLISHED)
    ended = pd.Series(True, index=a.index)
    median = simulation.MEDIAN_WD[AssessmentKind.IA]
    assert covers(estimators.survival(wd, ended, entry), median)
    assert not covers(estimators.survival(wd, ended), median)


# Each headline figure twice ---------------------------------------------------------------------


def rows_of(register: ResolvedRegister, table: str) -> list[Row]:
    """A table's rows as plain dicts of texts, days and None."""
    frame = register.tables[table]
    plain = {c: [None if pd.isna(v) else v for v in frame[c].astype(object)] for c in frame}
    return [dict(zip(plain, cells, strict=True)) for cells in zip(*plain.values(), strict=True)]


def number_of(ref: str) -> int:
    return int("".join(char for char in ref if char.isdigit()))


def slow_span(first: date, last: date) -> int:
    """Weekdays, both ends counted."""
    days = (last - first).days
    return sum((first + timedelta(days=k)).weekday() < 5 for k in range(days + 1))


def slow_stage_counts(events: list[Row], items: list[Row], day: date) -> dict[str, int]:
    """Walk each modification's history in the order of days and see where it ends."""
    on = pd.Timestamp(day)
    histories: dict[int, list[tuple[pd.Timestamp, int, str]]] = {}
    for k, e in enumerate(events):
        stage = stage_after(e)
        if stage and e["on"] <= on:
            histories.setdefault(number_of(e["ref"]), []).append((e["on"], k, stage))
    for item in items:
        if item["status"] == "implemented" and item["on"] <= on:
            histories.setdefault(number_of(item["ref"]), []).append((item["on"], 10**9, "implemented"))
    return dict(Counter(max(history)[2] for history in histories.values()))


def stage_after(e: Row) -> str | None:
    """The design's table of stages, line by line."""
    event, outcome, path = e["event"], e["outcome"], e["path"]
    if event == "raised":
        return "development" if e["on"] >= pd.Timestamp("2018-11-01") else "refinement"
    if event in ("converted", "entered_refinement"):
        return "refinement"
    if event == "entered_report":
        return "report"
    if event == "withdrawn":
        return "withdrawn"
    if event in ("sent_to_authority", "referred") or (outcome or "").startswith("recommended"):
        return "decision"
    if event in ("voted", "decided"):
        if outcome == "sent_back":
            return "report"
        if event == "decided" or path in ("self_governance", "fast_track"):
            return {"approved": "pending_implementation", "rejected": "rejected"}.get(outcome)
    return None


def slow_assessments(rows: list[Row], end: date, start: date) -> dict[str, tuple[int, float]]:
    """Counts and means of open and completed assessments, one row at a time."""
    last, first = pd.Timestamp(end), pd.Timestamp(start)
    returned: dict[tuple[int, str, pd.Timestamp], pd.Timestamp | None] = {}
    for row in rows:
        if row["accepted_on"] is not None and row["accepted_on"] <= last:
            key = (number_of(row["ref"]), row["kind"], row["accepted_on"])
            returned[key] = row["returned_on"] or returned.get(key)
    spans: dict[str, list[int]] = {f"{k}.{s}": [] for k in ("pa", "ia") for s in ("open", "completed")}
    for (_, kind, accepted), back in returned.items():
        if back is None or back > last:
            spans[f"{kind.lower()}.open"].append(slow_span(accepted.date(), end))
        elif back >= first:
            spans[f"{kind.lower()}.completed"].append(slow_span(accepted.date(), back.date()))
    return {key: (len(wd), sum(wd) / len(wd) if wd else 0.0) for key, wd in spans.items()}


def slow_votes(events: list[Row], after: date, to: date) -> Counter[str]:
    """Votes of the Change Board in a window, all and by outcome."""
    result: Counter[str] = Counter()
    for e in events:
        own = e["event"] == "voted" and e["body"] == "change_board"
        if own and pd.Timestamp(after) < e["on"] <= pd.Timestamp(to):
            result["vote.count"] += 1
            result[f"vote.{e['outcome']}.count"] += 1
    return result


def slow_releases(items: list[Row], day: date) -> Counter[str]:
    """What was last said of each modification in each release."""
    latest: dict[tuple[str, int], tuple[pd.Timestamp, int]] = {}
    words = ["removed", "targeted", "approved", "implemented"]
    for item in items:
        if item["on"] <= pd.Timestamp(day):
            key = (item["release"], number_of(item["ref"]))
            message = (item["on"], words.index(item["status"]))
            latest[key] = max(message, latest.get(key, message))
    return Counter(f"release.{key_slug(name)}.{words[word]}.count" for (name, _), (_, word) in latest.items())


def check_two_ways(seed: int) -> None:
    """Stage, assessment, vote and release figures of one register, by the rooms and by plain loops."""
    register, _ = simulated(seed, attestations=seed % 2 == 0)
    events, items, assessed = (rows_of(register, t) for t in ("events", "release_items", "assessments"))
    days = [date(2019, 11, 8), date(2020, 12, 31), date(2021, 9, 3)]
    counts = stages.stages(register).counts(pd.DatetimeIndex(days))
    for day in days:
        slow = slow_stage_counts(events, items, day)
        assert {s.value: int(counts.loc[pd.Timestamp(day), s.value]) for s in Stage} == {
            s.value: slow.get(s, 0) for s in Stage
        }

    clock = register.clock(ReportMonth(2021, 1 + seed % 12))
    at = assessments.at(register, clock, AS_PUBLISHED)
    keys = {f"assessment.{k}.{s}.count" for k in ("pa", "ia") for s in ("open", "completed")}
    result = {m.key: m.value for m in assessments.measures(at, clock, AS_PUBLISHED, keys)}
    for key, (n, mean) in slow_assessments(assessed, clock.period_end, clock.window_start).items():
        assert result[f"assessment.{key}.count"] == n, key
        assert (result[f"assessment.{key}.mean_wd"] or 0.0) == pytest.approx(mean), key

    lists = activity.lists(register, clock)
    slow_vote = slow_votes(events, clock.previous_report_date, clock.report_date)
    for measure in activity.measures(lists, lists):
        if measure.key.startswith("vote.") and measure.key != "vote.referred.count":
            assert measure.value == slow_vote[measure.key], measure.key

    scope = slow_releases(items, clock.report_date)
    first, last = pd.Timestamp(clock.period_end.replace(day=1)), pd.Timestamp(clock.period_end)
    done = {number_of(i["ref"]) for i in items if i["status"] == "implemented" and first <= i["on"] <= last}
    for measure in release_counts.measures(register, clock, month_attested=True):
        expected = len(done) if measure.key == "release.implemented.count" else scope[measure.key]
        assert measure.value == expected, measure.key


@pytest.mark.parametrize("seed", range(10))
def test_two_ways(seed: int) -> None:
    """Of 10 registers."""
    check_two_ways(seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10, 220))
def test_two_ways_soak(seed: int) -> None:
    """Of 210 more."""
    check_two_ways(seed)
