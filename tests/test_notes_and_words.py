"""Small things that pages say: notes only with what they explain, and the same words wherever a thing is called."""

from __future__ import annotations

import re

import factories as f
import pandas as pd
from test_summaries import RAW, report

from secanalysis.publishing import glossary
from secanalysis.publishing.feed import FeedMonth, atom
from secanalysis.views.charts import monthly_line
from secanalysis.views.formatting import with_releases_in_words


def test_a_note_is_there_only_with_the_column_that_it_explains() -> None:
    """In August 2020 no kind of assessment has ten of known duration, and in 2021 none returned has a published one."""
    august = report("2020-08").durations
    assert august.open_assessments().frame["percentile"].isna().all()
    assert "percentile" not in august.open_assessments().note
    assert "derived" in august.returned_assessments().note
    assert "derived" not in report("2021-09").durations.returned_assessments().note


def test_a_meeting_that_was_held_has_no_agenda_to_come() -> None:
    """The report of August 2020 has the meeting of 2 September with its agenda on 19 August; another source has it held."""
    assert "2 September 2020: monthly meeting" in repr(report("2020-09").narrative.meetings())
    assert "agenda" not in repr(report("2020-09").narrative.meetings())
    assert "agenda on 19 August 2020" in repr(report("2020-08").narrative.meetings())


def test_the_feed_calls_changes_as_pages_do() -> None:
    listed = report("2021-12").activity.changes().to_json()
    names = [column["name"] for column in listed["columns"]]
    rows = tuple(dict(zip(names, row, strict=True)) for row in listed["rows"])
    made = atom([FeedMonth("2021-12", "December 2021", "a.html", "2021-12-03", changes=rows)]).decode()
    called = "MP185 ‘Additional controls to support the SoLR process’"
    assert f"<title>{called} – In force in the standalone release of 17 November 2021</title>" in made
    assert "<summary>On 17 November 2021</summary>" in made


def test_what_is_known_of_every_month_is_known_of_all() -> None:
    known = pd.Series([1.0, 2.0], index=["2020-07", "2020-08"])
    assert monthly_line(known, "Things").finding == "Things: 2 in August 2020"


def test_abbreviations_of_titles_are_in_the_glossary() -> None:
    for short in ("CNSA", "IVP", "SMDA", "SOC2"):
        assert f"| {short} | " in glossary.words()


def test_every_abbreviation_of_a_title_is_in_the_glossary_or_said_to_be_of_unknown_meaning() -> None:
    """Those in capitals in the titles of data/raw; what is a name or a number of something else isn't one."""
    titles = pd.read_csv(RAW / "modifications.csv")["title"].dropna()
    used = {form for title in titles for form in re.findall(r"\b[A-Z][A-Z0-9]+\b", title)}
    own, _, note = glossary.words().partition("Three are left out: ")
    known = set(re.findall(r"[A-Z][A-Z0-9]+", " ".join(re.findall(r"^\| (.+?) \|", own, re.MULTILINE))))
    unknown = {"CHISM", "P2P", "TSAT"}
    assert unknown <= set(re.findall(r"[A-Z][A-Z0-9]+", note.partition("\n")[0]))
    stems = {form for form in used if re.sub(r"\d+$", "", form) not in known | {"COVID", "ID"}}
    assert {form for form in stems if form not in known} == unknown


def test_refinement_since_before_there_was_development_is_said_to_be_assumed() -> None:
    """SECMP0007 is in Refinement in August 2020, since it was raised in 2016; whoever was raised in 2020 isn't there so."""
    assumed = "Refinement since a day before November 2018 is assumed"
    assert assumed in report("2020-08").stages.standing().note
    converted = f.register(
        events=[f.event("MP100", "raised", "2020-07-01"), f.event("MP100", "converted", "2020-08-07")]
    )
    assert assumed not in report("2020-08", converted).stages.standing().note


def test_a_reason_begins_as_a_sentence_and_a_label_has_its_day_in_words() -> None:
    """SECMP0015's assessment of April 2020 has no accepted day in any source."""
    shown = report("2020-08").show("Each", "assessment.SECMP0015")._repr_mimebundle_()["text/html"]
    assert '<th scope="row">SECMP0015 IA, returned 30 April 2020</th>' in shown
    assert '<p class="reason">Its accepted date isn&#x27;t stated;' in shown


def test_what_is_in_force_in_a_release_is_in_force_in_the_release() -> None:
    changed = report("2020-12").activity.changes().frame["what"]
    assert "In force in the November 2020 SEC Release" in [*changed]
    assert with_releases_in_words("November 2020 SEC Release") == "November 2020 SEC Release"
