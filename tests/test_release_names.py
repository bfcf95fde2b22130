"""Releases that are called differently have keys of their own; names that look alike are refused."""

from __future__ import annotations

import unicodedata
from itertools import combinations
from pathlib import Path

import factories as f
import pytest

from secanalysis.analysis import quality
from secanalysis.domain.release_names import one_letter_apart, release_slugs
from secanalysis.statements import schemas, storage
from secanalysis.statements.faults import InvalidTables
from secanalysis.statements.validation import check
from secanalysis.views.front_door import Register

USUAL, SLIP, REFS = "November 2024 Release", "Novmber 2024 Release", ("MP301", "MP302", "MP303")
REPORT = f.source("report-2020-08", published_on="2020-08-07", published_precision="day")
DIFFERENT = {
    "other scripts": ["גרסה", "🚀", "新版本"],
    "signs": ["Release +1", "Release -1"],
    "languages": ["C++", "C#", "C"],
    "points and hyphens": ["Release 1.1", "Release 1-1", "Release 1/1", "Release (1) 1", "Release 1 1"],
    "long": ["a" * 80 + " one", "a" * 80 + " two"],
}


def tables(names: list[str]) -> dict[str, object]:
    """A modification approved for each release, and the plan of each."""
    items = [
        f.item(name, f"MP{100 + n}", "approved", "2020-07-22", precision="by", source_id="report-2020-08")
        for n, name in enumerate(names)
    ]
    plans = [
        {"release": name, "kind": "scheduled", "planned_on": "2020-11-05", "source_id": "report-2020-08"}
        for name in names
    ]
    printed = [
        {
            "month": "2020-08",
            "key": f"release.{slug}.approved.count",
            "printed": "1",
            "value": 1,
            "unit": "count",
        }
        | {"source_id": "report-2020-08"}
        for slug in release_slugs(names).values()
    ]
    return f.tables([REPORT], release_items=items, releases=plans, published_figures=printed)  # type: ignore[return-value]


@pytest.mark.parametrize("case", DIFFERENT)
def test_different_names_have_different_keys(case: str) -> None:
    """Seen before: one release, whose count was that of all of them together."""
    names = DIFFERENT[case]
    assert not check(tables(names))  # type: ignore[arg-type]
    register = Register({**tables(names), "corrections": schemas.empty("corrections")})  # type: ignore[dict-item]
    month = register.month("2020-08")
    counts = [figure for figure in month.figures if figure.key.startswith("release.") and figure.value]
    assert [figure.value for figure in counts] == [1] * len(names)
    assert len({figure.key for figure in counts}) == len(names)
    assert {(figure.reprint, str(figure.verdict)) for figure in counts} == {(1, "equal")}


@pytest.mark.parametrize("case", DIFFERENT)
def test_a_slug_stays_when_a_third_comes(case: str) -> None:
    names = DIFFERENT[case]
    whole = release_slugs(names)
    assert len(set(whole.values())) == len(names)
    assert all(len(slug) <= 80 for slug in whole.values())
    for two in combinations(names, 2):
        assert release_slugs(two).items() <= whole.items()
        assert release_slugs(reversed(two)) == release_slugs(two)


def test_what_is_called_as_its_slug_reads_keeps_it() -> None:
    """A name of another form that comes later takes no address away."""
    assert release_slugs(["November 2020 SEC Release"]) == {"November 2020 SEC Release": "november-2020"}
    both = release_slugs(["November 2020 SEC Release", "November/2020"])
    assert both["November 2020 SEC Release"] == "november-2020"
    assert both["November/2020"].startswith("november-2020-")


def test_case_and_the_word_release_make_no_other_release() -> None:
    names = ["November 2020 SEC Release", "November 2020 Release", "NOVEMBER 2020"]
    assert set(release_slugs(names).values()) == {"november-2020"}


PLAIN = "November 2020 SEC Release"


@pytest.mark.parametrize(
    ("plain", "odd"),
    [
        ("Été 2021", unicodedata.normalize("NFD", "Été 2021")),
        (PLAIN, "N\u043evember 2020 SEC Release"),
        (PLAIN, "N\u03bfvember 2020 SEC Release"),
        (PLAIN, "\uff2eovember 2020 SEC Release"),
        ("May 2021", "\u041c\u0430\u0443 2021"),
        ("Release 5", "Release \uff15"),
    ],
)
def test_names_that_look_alike_are_refused(tmp_path: Path, plain: str, odd: str) -> None:
    """Seen before: two releases, which nobody could tell apart."""
    storage.write_raw(tables([odd, plain]), tmp_path)  # type: ignore[arg-type]
    with pytest.raises(InvalidTables) as refused:
        storage.read_folder(tmp_path)
    (fault,) = refused.value.faults
    assert (fault.table, fault.column, fault.found) == ("releases", "release", ascii(odd))
    assert fault.expected == f"the same characters as in {plain!a}, which looks the same"


@pytest.mark.parametrize("unseen", ["\u034f", "\u3164", "\u2800", "\u115f", "\uffa0", "\u200d"])
def test_names_with_characters_that_are_not_seen_are_refused(tmp_path: Path, unseen: str) -> None:
    storage.write_raw(tables([PLAIN, f"Nov{unseen}ember 2020 SEC Release"]), tmp_path)  # type: ignore[arg-type]
    with pytest.raises(InvalidTables) as refused:
        storage.read_folder(tmp_path)
    assert {fault.column for fault in refused.value.faults} == {"release"}


@pytest.mark.parametrize(
    "names", [["Лампы", "ランプ", "Été 2021"], ["Release I", "Release 1"], ["Mai", "Maï"]]
)
def test_names_in_any_script_are_taken(tmp_path: Path, names: list[str]) -> None:
    storage.write_raw(tables(names), tmp_path)  # type: ignore[arg-type]
    assert storage.read_folder(tmp_path)


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("November 2024 Release", "Novmber 2024 Release", True),
        ("November 2024 Release", "Novembre 2024 Release", True),
        ("November 2024 Release", "Novembar 2024 Release", True),
        ("November 2024 Release", "NovemberNovember 2024 Release", False),
        ("November 2024 Release", "November2024 Release", True),
        ("November 2024 Release", "November 2025 Release", False),
        ("June 2024 Release", "July 2024 Release", False),
        ("Release A of 2024", "Release B of 2024", False),
        ("Ad hoc 3", "Ad hoc 4", False),
        ("November 2024 Release", "november 2024 SEC release", False),  # one release
    ],
)
def test_names_that_may_be_slips_of_each_other(one: str, other: str, slip: bool) -> None:
    assert [{*pair} for pair in one_letter_apart([one, other, "February 2025 Release"])] == [
        {one, other}
    ] * slip


def test_a_release_one_letter_off_another_is_listed() -> None:
    """By the rows of the rarer name, in each table."""
    rows = [
        f.item(name, ref, "targeted", "2020-08-03")
        for name, ref in zip([USUAL, USUAL, SLIP], REFS, strict=True)
    ]
    register = f.register(release_items=rows)
    listed = quality.notes(register)
    slips = listed[listed["what"].str.contains("one letter off")]
    assert slips[["what", "ref", "table"]].to_numpy().tolist() == [
        [f"{SLIP}: one letter off {USUAL}, and taken as another release", REFS[2], "release_items"]
    ]
