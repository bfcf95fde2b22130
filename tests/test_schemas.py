"""The tables as declared: every column described, vocabularies with their sources."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys

import pandas as pd
import pytest

from secanalysis.domain import vocabulary
from secanalysis.statements import schemas, storage, table_columns, validation

ALL = [(table, column) for table in schemas.FILES for column in table_columns.columns(table)]


def test_the_tables() -> None:
    assert list(schemas.TABLES) == [
        *("sources", "modifications", "lineage", "events", "assessments"),
        *("consultations", "meetings", "releases", "release_items", "published_figures"),
    ]
    columns = [column.name for column in table_columns.columns("assessments")]
    assert columns == [
        *("ref", "kind", "requested_on", "accepted_on", "returned_on", "target_wd", "state", "state_on"),
        *("source_id", "locator"),
    ]


@pytest.mark.parametrize(("table", "column"), ALL, ids=lambda value: getattr(value, "name", value))
def test_every_column_is_described(table: str, column: table_columns.Column) -> None:
    """For the data dictionary, the templates and the messages."""
    assert column.description
    assert column.description[0].isupper()
    assert column.form
    assert column.type in ("text", "day", "whole number", "number")


@pytest.mark.parametrize("table", schemas.TABLES)
def test_every_table_is_described_and_ends_with_its_key(table: str) -> None:
    assert inspect.getdoc(schemas.TABLES[table])
    last = table_columns.headings(table)[0][-2:]
    assert last == (["published_precision", "url"] if table == "sources" else ["source_id", "locator"])


def test_past_days_are_those_stated_in_the_past_tense() -> None:
    assert {f"{table}.{column.name}" for table, column in ALL if column.past} == {
        *("events.on", "lineage.on", "release_items.on", "releases.stated_on", "releases.in_force_on"),
        *(
            "assessments.requested_on",
            "assessments.accepted_on",
            "assessments.returned_on",
            "assessments.state_on",
        ),
        "consultations.opened_on",
    }


def test_every_word_says_where_it_comes_from() -> None:
    """Each value of a vocabulary has a comment."""
    for line in inspect.getsource(vocabulary).splitlines():
        if re.match(r"    [A-Z_]+ = \"", line):
            assert re.search(r'"  # \S', line), line


@pytest.mark.parametrize("table", schemas.FILES)
def test_an_empty_table_is_sound(table: str) -> None:
    frames = {name: table_columns.empty(name) for name in schemas.FILES}
    assert validation.check(frames) == []
    assert storage.csv_text(frames[table], table).count("\n") == 1
    types = {str(dtype) for dtype in frames[table].dtypes}
    assert types <= {"str", "datetime64[us]", "Int64", "float64"}


def test_a_figure_needs_no_pandera() -> None:
    """Nothing is validated in a session that reads what is built: who waits for its first figure doesn't import it."""
    code = "import sys; from secanalysis import Register; sys.exit('pandera' in sys.modules or 'matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_typed_refuses_what_has_not_the_form() -> None:
    blank = {
        column.name: pd.Series([None], dtype="object") for column in table_columns.columns("assessments")
    }
    frame = pd.DataFrame(blank).assign(target_wd="many")
    with pytest.raises(ValueError):
        table_columns.typed(frame, "assessments")


def test_what_a_file_without_a_column_means_is_declared_with_the_column() -> None:
    """A word, or that nothing is stated; of all others a file needs its column."""
    absent = {
        (table, column.name): column.absent
        for table in schemas.FILES
        for column in table_columns.columns(table)
        if column.absent is not None
    }
    assert absent == {
        ("meetings", "precision"): "day",
        ("sources", "register"): "",
        ("sources", "keeps"): "",
        ("events", "reason"): "",
    }
    usual, every, needed = table_columns.headings("sources")
    assert (
        [name for name in every if name not in usual]
        == ["register", "keeps"]
        == [*table_columns.seldom_filled("sources")]
    )
    assert needed == usual
    frame = table_columns.with_defaults(pd.DataFrame({"source_id": ["a"]}), "sources")
    assert frame[["register", "keeps"]].isna().all(axis=None)
