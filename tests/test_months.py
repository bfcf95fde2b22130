"""Report months and their clocks."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secanalysis.domain.months import Clock, ReportMonth, clock, parse_day, parse_range

MONTHS = st.builds(ReportMonth, st.integers(2014, 2099), st.integers(1, 12))


def test_the_report_of_august_2020() -> None:
    """The example on which the clocks rest."""
    month = ReportMonth.parse("2020-08")
    assert str(month) == "2020-08"
    assert month.title == "August 2020"
    assert month.period_end == date(2020, 7, 31)
    assert month.window_start == date(2019, 8, 1)
    assert month.usual_report_date == date(2020, 8, 7)


@pytest.mark.parametrize(
    ("month", "end", "start", "friday"),
    [
        ("2020-03", date(2020, 2, 29), date(2019, 3, 1), date(2020, 3, 6)),  # a leap year
        ("2021-03", date(2021, 2, 28), date(2020, 3, 1), date(2021, 3, 5)),
        ("2021-01", date(2020, 12, 31), date(2020, 1, 1), date(2021, 1, 1)),  # the first is a Friday
        ("2020-02", date(2020, 1, 31), date(2019, 2, 1), date(2020, 2, 7)),
    ],
)
def test_clocks_of_other_months(month: str, end: date, start: date, friday: date) -> None:
    result = ReportMonth.parse(month)
    assert (result.period_end, result.window_start, result.usual_report_date) == (end, start, friday)


@pytest.mark.parametrize(
    "text",
    [
        "2020-13",
        "2020-00",
        "../x",
        "august",
        "2020-8",
        "2020-08-01",
        "2020-08\n",
        " 2020-08",
        "٢٠٢٠-٠٨",
        "",
        None,
        202008,
    ],
)
def test_what_is_no_month_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is not a report month: expected four digits, a hyphen and a month"):
        ReportMonth.parse(text)


@pytest.mark.parametrize("text", ["1999-01", "2004-12", "2100-01"])
def test_a_month_before_the_code_or_far_off_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text}' is not a report month: expected one from 2005 to 2099"):
        ReportMonth.parse(text)


def test_a_long_text_is_not_repeated_whole() -> None:
    with pytest.raises(ValueError, match="report month") as refusal:
        ReportMonth.parse("9" * 10_000)
    assert len(str(refusal.value)) < 200


@given(MONTHS)
def test_neighbours(month: ReportMonth) -> None:
    """Months follow each other without a gap, and their clocks with them."""
    assert month.next.previous == month == month.previous.next
    assert month.previous < month < month.next
    assert month.next.first_day.toordinal() - month.last_day.toordinal() == 1
    assert month.period_end == month.previous.last_day
    assert month.shift(12).window_start == month.first_day
    assert ReportMonth.parse(str(month)) == month


@given(MONTHS)
def test_report_days(month: ReportMonth) -> None:
    """The usual one is the month's first Friday; the windows of neighbours meet."""
    usual = month.usual_report_date
    assert usual.weekday() == 4
    assert 1 <= usual.day <= 7
    assert clock(month.next).previous_report_date == clock(month).report_date


@given(MONTHS, st.integers(-30, 30))
def test_shift_adds_up(month: ReportMonth, by: int) -> None:
    assert month.shift(by).shift(-by) == month
    result = month.shift(by)
    assert (result.year - month.year) * 12 + result.month - month.month == by


def test_a_published_report_gives_its_own_day() -> None:
    published = {ReportMonth(2020, 7): date(2020, 7, 13)}
    assert clock(ReportMonth(2020, 7), published).report_date == date(2020, 7, 13)
    assert clock(ReportMonth(2020, 8), published) == Clock(
        ReportMonth(2020, 8), date(2020, 8, 7), date(2020, 7, 13)
    )


def test_ranges() -> None:
    assert list(map(str, parse_range("2019-11..2020-02"))) == ["2019-11", "2019-12", "2020-01", "2020-02"]
    assert list(map(str, parse_range("2020-08"))) == ["2020-08"]
    assert len(parse_range("2019-11..2021-12")) == 26


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-08..2020-07", "is not a range of months: 2020-08 is after 2020-07"),
        ("2020-08..", "'' is not a report month"),
        ("..2020-08", "'' is not a report month"),
        ("2020-08..2020-09..2020-10", "'2020-09..2020-10' is not a report month"),
    ],
)
def test_what_is_no_range_is_refused(text: str, expected: str) -> None:
    with pytest.raises(ValueError) as refusal:
        parse_range(text)
    assert expected in str(refusal.value)


@pytest.mark.parametrize(
    "text", ["20200807", "2020-W32-5", "2020-8-7", "2020-02-31", "07/08/2020", "", "2020-08-07T00"]
)
def test_only_one_form_of_day_is_read(text: str) -> None:
    assert parse_day("2020-02-29") == date(2020, 2, 29)
    with pytest.raises(ValueError, match="is not a day: expected YYYY-MM-DD"):
        parse_day(text)
