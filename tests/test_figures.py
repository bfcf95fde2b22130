"""Figures: how they show themselves, and their keys."""

from __future__ import annotations

import json

import pytest

from secanalysis.domain.figures import Figure, FigureSet, Row, UnknownKey, Verdict, key_slug, number
from secanalysis.domain.vocabulary import Convention, Unit

MEAN = Figure(
    key="assessment.pa.open.mean_wd",
    label="Preliminary Assessments open: mean duration",
    value=39.333,
    reprint=39.333,
    printed="36",
    verdict=Verdict.SCAN,
    reason="one character read wrongly turns 36 into 39",
    unit=Unit.WD,
    convention=Convention.AS_PUBLISHED,
    n=6,
    coverage="6 of 6 have both dates",
    rows=(Row("assessments", "report", "line 1"),),
)
UNKNOWN = Figure("raised.count", "Raised <b>", None, n=2, reason="no complete list is available")


def test_a_figure_says_all_that_it_knows() -> None:
    assert MEAN.shown == "39.3 WD"
    assert repr(MEAN) == (
        "assessment.pa.open.mean_wd = 39.3 WD; convention as_published; printed 36: scan; "
        "6 of 6 have both dates; one character read wrongly turns 36 into 39; 1 rows"
    )
    assert UNKNOWN.shown == "not known (2 known)"
    assert repr(UNKNOWN) == "raised.count = not known (2 known); no complete list is available; 0 rows"


def test_a_figure_as_plain_data() -> None:
    assert json.loads(json.dumps(UNKNOWN.to_json()))["value"] is None
    assert json.loads(json.dumps(MEAN.to_json()))["rows"] == [
        {"table": "assessments", "source_id": "report", "locator": "line 1"}
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (3, "3"),
        (1204, "1,204"),
        (39.333, "39.3"),
        (12345.67, "12,345.7"),
        (2.04, "2"),
        (-1.5, "-1.5"),
        (30.25, "30.3"),  # halves go up, as people round
        (0.35, "0.4"),  # in its decimal digits, not those of the nearest binary number below it
        (-30.25, "-30.3"),
        (0.95, "1"),
        (-0.04, "0"),
        (1e30, "1,000,000,000,000,000,000,000,000,000,000"),
    ],
)
def test_numbers_for_people(value: float, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("November 2020 SEC Release", "november-2020"),
        ("Standalone Release 2020-07-23", "standalone-2020-07-23"),
        ("SEC v47.0", "sec-v47-0"),
        ("../../etc", "etc"),
        ("Ünsinn & <Co>", "nsinn-co"),
        ("—", "unnamed"),
    ],
)
def test_release_slugs(name: str, slug: str) -> None:
    assert key_slug(name) == slug


def test_a_set_finds_its_figures() -> None:
    result = FigureSet((MEAN, UNKNOWN))
    assert [f.key for f in result.starting("raised.", "assessment.")] == [
        "raised.count",
        "assessment.pa.open.mean_wd",
    ]
    assert result["raised.count"] is UNKNOWN
    assert result._ipython_key_completions_() == ["assessment.pa.open.mean_wd", "raised.count"]


@pytest.mark.parametrize(
    ("key", "advice"),
    [
        ("raised.cuont", "did you mean raised.count?"),
        ("assessment.x", "did you mean assessment.pa.open.mean_wd?"),  # nothing is close, but it begins alike
        ("zzz", "expected one such as assessment.pa.open.mean_wd, raised.count"),
    ],
)
def test_an_unknown_key_is_answered_with_known_ones(key: str, advice: str) -> None:
    with pytest.raises(UnknownKey) as refusal:
        FigureSet((MEAN, UNKNOWN))[key]
    assert str(refusal.value) == f"no figure '{key}' here: {advice}"
    assert isinstance(refusal.value, KeyError)
    with pytest.raises(UnknownKey, match="no figure 'raised.count' here: there are none"):
        FigureSet()["raised.count"]
