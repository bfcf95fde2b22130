"""Made-up facts, printed and scanned, come back as printed, or their lines are listed as unread."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from documents import Assessment, Block, Facts, Modification, Vote, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scanning import Scan, Scanner, clean

from secanalysis.ingest.merge import frames
from secanalysis.ingest.reading import Reading
from secanalysis.ingest.report import read_report
from secanalysis.months import ReportMonth
from secanalysis.statements import check

# Facts ------------------------------------------------------------------------------------------

words = st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9&/,.:;()’'-]{0,8}[A-Za-z0-9)’'])?", fullmatch=True)
titles = st.lists(words, min_size=1, max_size=9).map(" ".join)
references = st.one_of(
    st.integers(1, 99).map("SECMP{:04}".format),
    st.integers(60, 350).map("MP{:03}".format),
    st.integers(60, 350).map("MP{:03}A".format),
)
modifications = st.builds(Modification, references, titles)
organisations = st.lists(
    st.sampled_from(["Energy", "Grid", "(EG)", "PLC", "Meters-R-Us", "of", "Süd", "&", "Sub-Committee", "on"]),
    min_size=1,
    max_size=4,
).map(lambda parts: " ".join(["Example", *parts, "Ltd"]))


def some(of: st.SearchStrategy[Any], most: int = 4) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=most).map(tuple)


@st.composite
def all_facts(draw: st.DrawFn) -> Facts:
    month = ReportMonth(draw(st.integers(2015, 2029)), draw(st.integers(1, 12)))
    day = month.first_day + timedelta(days=draw(st.integers(0, 27)))

    def before(days: int = 300) -> st.SearchStrategy[date]:
        return st.integers(0, days).map(lambda back: day - timedelta(days=back))

    def after() -> st.SearchStrategy[date]:
        return st.integers(1, 300).map(lambda on: day + timedelta(days=on))

    def rows(until: date) -> st.SearchStrategy[tuple[Assessment, ...]]:
        return st.lists(
            st.builds(
                Assessment,
                modifications,
                st.sampled_from(["PA", "IA"]),
                st.integers(0, 700).map(lambda back: until - timedelta(days=back)),
                st.sampled_from([15, 40]),
                st.one_of(st.none(), st.integers(0, 1500)),
            ),
            max_size=8,
            # The generator numbers a key's second row, and no third.
            unique_by=lambda row: (row.of.ref, row.kind, row.on),
        ).map(tuple)

    some_of = some(modifications)
    outcomes = st.sampled_from(["approved", "rejected", "deferred", "recommended_approval", "sent_back"])
    votes = [
        Vote(
            of,
            outcome,
            "authority" if outcome == "recommended_approval" else draw(st.sampled_from(["self_governance", None])),
            release="November 2028 SEC Release" if outcome == "approved" and choice == 1 else None,
            alone_on=draw(after()) if outcome == "approved" and choice == 2 else None,
            referred=choice == 3,
        )
        for of, outcome, choice in draw(st.lists(st.tuples(modifications, outcomes, st.integers(0, 3)), max_size=4))
    ]
    fallen = st.tuples(st.integers(0, 2000), st.one_of(st.none(), st.integers(0, 2000)))
    keys = [f"assessment.{kind}.{state}" for kind in ("pa", "ia") for state in ("open", "completed")]
    drafts = st.builds(Modification, st.integers(60, 350).map("DP{:03}".format), titles)
    return Facts(
        month,
        day,
        stages=draw(st.one_of(st.none(), st.tuples(*[st.integers(0, 99)] * 4))),
        to_refinement=draw(some_of),
        to_report=draw(some_of),
        to_conversion=draw(some_of),
        approved=draw(some_of),
        raised=draw(some(st.tuples(drafts, organisations, before()), 3)),
        implemented_since=draw(st.one_of(st.none(), before(30))),
        monthly=draw(st.one_of(st.none(), st.tuples(before(), some_of))),
        next_monthly=draw(st.one_of(st.none(), st.tuples(after(), after()))),
        ad_hoc=draw(some(st.tuples(modifications, before()), 2)),
        expected=draw(st.dictionaries(st.sampled_from(["refinement", "report"]), st.tuples(after(), some_of))),
        requests=draw(some_of),
        deferred=draw(st.one_of(st.none(), modifications)),
        totals=draw(st.fixed_dictionaries(dict.fromkeys([*keys, "proposal.open", "proposal.concluded"], fallen))),
        open=draw(rows(month.period_end)),
        returned=draw(rows(month.period_end)),
        voted_on=draw(before()),
        votes=tuple(votes),
        pending=draw(some(modifications, 2)),
        implemented=draw(some(st.tuples(modifications, before(40)))),
        scope=draw(
            st.one_of(
                st.none(),
                st.tuples(
                    st.just("June 2028 SEC Release"),
                    after(),
                    some(st.tuples(modifications, st.sampled_from([None, "part 1", "part 2"]))),
                ),
            )
        ),
    )


# Comparing --------------------------------------------------------------------------------------

Row = tuple[tuple[str, str], ...]
_ONCE = ("modifications", "releases")  # however often a report says it


def read_rows(reading: Reading) -> dict[str, list[tuple[Row, int]]]:
    """What came back, without its place, and the number of the line where it stands."""
    found: dict[str, list[tuple[Row, int]]] = {}
    for table, rows in reading.rows.items():
        for row in rows:
            cells = {name: str(value) for name, value in row.items() if value is not None}
            locator = cells.pop("locator")
            del cells["source_id"]
            if "value" in cells:
                cells["value"] = str(float(cells["value"]))
            line = int(locator.split("line ")[1].split(",")[0].split(" ")[0])
            found.setdefault(table, []).append((tuple(sorted(cells.items())), line))
    return found


def compare(blocks: list[Block], scan: Scan, reading: Reading) -> None:
    """Every fact is back or its line unread; nothing else is back."""
    unread = {line.line for line in reading.unread}
    lines_of: dict[int, set[int]] = {}
    for number, owner in enumerate(scan.blocks, start=1):
        if owner is not None:
            lines_of.setdefault(owner, set()).add(number)
    unread_blocks = {index for index, numbers in lines_of.items() if numbers & unread}
    found = read_rows(reading)

    wanted: Counter[tuple[str, Row]] = Counter()
    excused: Counter[tuple[str, Row]] = Counter()
    for index, block in enumerate(blocks):
        for told in block.facts:
            wanted[told] += 1
            excused[told] += index in unread_blocks
    titled = {(dict(row)["ref"], dict(row)["title"]) for table, row in wanted if table == "modifications"}
    for table, rows in found.items():
        for row, line in rows:
            told = (table, row)
            if wanted[told] > 0:
                wanted[told] = 0 if table in _ONCE else wanted[told] - 1
                continue
            if table == "modifications":
                cells = dict(row)
                assert (cells["ref"], cells["title"]) in titled, ("changed", told)
                continue
            assert line in unread and _blanked(told, wanted), ("changed", told, line)
    for told, count in wanted.items():
        if told[0] == "modifications" and _titled_otherwise(told[1], found):
            continue
        assert count == 0 or count <= excused[told], ("lost", told)
    assert reading.read + reading.narrative + len(reading.unread) == sum(1 for line in scan.lines if line.strip())
    assert not check(frames(reading))


def _blanked(told: tuple[str, Row], wanted: Counter[tuple[str, Row]]) -> bool:
    """Whether a wanted row says the same and more."""
    return any(table == told[0] and set(told[1]) < set(row) for table, row in wanted)


def _titled_otherwise(row: Row, found: dict[str, list[tuple[Row, int]]]) -> bool:
    """One row a reference and title: that with the organisation stands for the others."""
    return any(set(row) <= set(other) for other, _ in found.get("modifications", []))


def reading_of(scan: Scan) -> Reading:
    return read_report(scan.lines, "made-up.txt")


def round_trip(facts: Facts, chance: random.Random, damage: int) -> None:
    blocks = write(facts)
    scan = Scanner(chance, damage).scan(blocks)
    compare(blocks, scan, reading_of(scan))


# Tests ------------------------------------------------------------------------------------------

usual = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
long = settings(max_examples=2500, deadline=None, suppress_health_check=list(HealthCheck))


@given(all_facts(), st.randoms(use_true_random=False))
@usual
def test_facts_survive_scanning(facts: Facts, chance: random.Random) -> None:
    round_trip(facts, chance, damage=0)


@given(all_facts(), st.randoms(use_true_random=False), st.integers(1, 5))
@usual
def test_damaged_facts_are_listed_and_never_changed(facts: Facts, chance: random.Random, damage: int) -> None:
    round_trip(facts, chance, damage)


@pytest.mark.soak
@given(all_facts(), st.randoms(use_true_random=False), st.integers(0, 5))
@settings(long, max_examples=5000)
def test_facts_survive_scanning_for_long(facts: Facts, chance: random.Random, damage: int) -> None:
    round_trip(facts, chance, damage)


@given(all_facts())
@settings(usual, max_examples=20)
def test_a_clean_document_is_read_whole(facts: Facts) -> None:
    blocks = write(facts)
    scan = clean(blocks)
    reading = reading_of(scan)
    compare(blocks, scan, reading)
    ambiguous = "title"  # a title that begins or ends with a quote, or a meeting's with one inside
    legible = [line for line in reading.unread if "stage counts" not in line.reason and ambiguous not in line.reason]
    assert not [line for line in legible if "'" not in line.printed.translate({0x2019: "'"})]
