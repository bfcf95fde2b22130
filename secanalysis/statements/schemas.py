"""The tables of statements and the corrections of them, declared once.

`models` makes a Pandera model of each. `validation`, the data dictionary and the empty templates all
come from here. A statement is one fact of one source: every row ends with ``source_id, locator``,
which together are its key. A blank cell means "not stated".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, get_type_hints

import pandas as pd

from secanalysis.domain import vocabulary as words
from secanalysis.domain.months import FIRST_YEAR, LAST_YEAR
from secanalysis.domain.printed_numbers import number_of
from secanalysis.statements import column_types

KEY = ["source_id", "locator"]
MOST = 1e9
"""The largest figure that a source can have published."""


@dataclass(frozen=True)
class Rule:
    """A rule of a whole table: which rows keep to it.

    Attributes
    ----------
    name
        The column in which a fault of it is shown.
    error
        What is expected there, in words.
    kept
        Which rows keep to it, from the model and the frame.
    """

    name: str
    error: str
    kept: Callable[[Any, pd.DataFrame], pd.Series]


def rule(name: str, error: str) -> Callable[[Callable[[Any, pd.DataFrame], pd.Series]], Rule]:
    """Declare a rule of a whole table."""
    return lambda kept: Rule(name, error, kept)


class Table:
    """A table: its columns, no others, in their order.

    Attributes
    ----------
    unique
        The columns that together name a row, if more than one.
    """

    unique: ClassVar[list[str] | None] = None


class Statements(Table):
    """A table of statements: a source, and where in it, name a row."""

    unique = KEY


@rule("precision", "stated where on is, else blank")
def precision_goes_with_day(_: Any, df: pd.DataFrame) -> pd.Series:
    """Say that ``precision`` says how to read ``on``."""
    return df["on"].isna() == df["precision"].isna()


def month_is_first_day(day: str = "on") -> Rule:
    """The rule that a day is a month's first where it stands for the month."""

    def kept(_: Any, df: pd.DataFrame) -> pd.Series:
        return (df["precision"] != words.Precision.MONTH) | (df[day].dt.day == 1)

    return Rule(day, "the first day of the month where precision is month", kept)


class Sources(Table):
    """Where statements come from. One row per snapshot: a page seen twice is two sources."""

    source_id: str = column_types.field(
        "Short name of the source, used by every other table",
        form="lower-case letters, digits and hyphens, up to 120, once in the table",
        stated=True,
        unique=True,
        str_matches=column_types.whole(column_types.SOURCE_ID_PATTERN),
    )
    kind: str = column_types.word(words.SourceKind, "What sort of thing it is", stated=True)
    title: str = column_types.text("What it is called", stated=True)
    publisher: str = column_types.text("Who published it", stated=True)
    published_on: pd.Timestamp = column_types.day("The day it was published, or a lower bound of it")
    published_precision: str = column_types.word(
        words.PublishedPrecision, "Whether published_on is that day or a bound"
    )
    url: str = column_types.field(
        "Where it was found",
        form="an http:// or https:// address",
        str_matches=column_types.whole(column_types.URL_PATTERN),
    )
    register: str = column_types.text(
        "Of an export: the register that it is a snapshot of", absent=column_types.NOT_STATED
    )
    keeps: str = column_types.field(
        "Of an export: what its register keeps; of anything else its exports say nothing. Blank: all of it",
        form="what a register keeps, such as raised or assessments.PA (docs/ingest.md lists it), one space between",
        absent=column_types.NOT_STATED,
        str_matches=column_types.whole(column_types.KEEPS_PATTERN),
    )

    @rule("published_precision", "stated where published_on is, else blank")
    def _precision_goes_with_day(cls, df: pd.DataFrame) -> pd.Series:
        return df["published_on"].isna() == df["published_precision"].isna()


class Modifications(Statements):
    """What a source calls a modification, and whose proposal it says it is."""

    ref: str = column_types.ref("The modification's reference, normalised")
    title: str = column_types.text("Its title as printed")
    proposer_organisation: str = column_types.text("The organisation that raised it; never a person")
    summary: str = column_types.text("Our own words or blank; never filled by ingest")
    source_id: str = column_types.source()
    locator: str = column_types.locator()


class Lineage(Statements):
    """How one reference follows from an earlier one."""

    ref: str = column_types.ref("The later reference")
    earlier_ref: str = column_types.ref("The reference that it follows from")
    kind: str = column_types.word(words.LineageKind, "How it follows", stated=True)
    on: pd.Timestamp = column_types.day("When, read by its precision", past=True)
    precision: str = column_types.word(words.Precision, "How to read on")
    source_id: str = column_types.source()
    locator: str = column_types.locator()

    _precision_goes_with_day = precision_goes_with_day
    _month_is_first_day = month_is_first_day()

    @rule("earlier_ref", "another reference than ref")
    def _not_itself(cls, df: pd.DataFrame) -> pd.Series:
        return df["ref"] != df["earlier_ref"]


class Events(Statements):
    """What happened to a modification, and what it was seen to be."""

    ref: str = column_types.ref("The modification's reference, normalised")
    event: str = column_types.word(words.Event, "What happened", stated=True)
    on: pd.Timestamp = column_types.day("When, read by its precision", past=True)
    precision: str = column_types.word(words.Precision, "How to read on")
    body: str = column_types.word(words.Body, "Who did it, where stated")
    outcome: str = column_types.word(words.Outcome, "How a vote or decision ended; blank is not stated")
    path: str = column_types.word(words.ModificationPath, "Who has the last word, where stated")
    stage: str = column_types.word(words.Stage, "The stage seen; only with observed")
    reason: str = column_types.word(
        words.DeferralReason, "Why it was deferred, where stated", absent=column_types.NOT_STATED
    )
    source_id: str = column_types.source()
    locator: str = column_types.locator()

    _precision_goes_with_day = precision_goes_with_day
    _month_is_first_day = month_is_first_day()

    @rule("stage", "stated where event is observed, else blank")
    def _stage_goes_with_observed(cls, df: pd.DataFrame) -> pd.Series:
        return df["stage"].notna() == (df["event"] == words.Event.OBSERVED)

    @rule("outcome", "blank unless event is voted or decided")
    def _outcome_goes_with_votes(cls, df: pd.DataFrame) -> pd.Series:
        return df["outcome"].isna() | df["event"].isin([words.Event.VOTED, words.Event.DECIDED])

    @rule("reason", "blank unless something was deferred")
    def _reason_goes_with_deferral(cls, df: pd.DataFrame) -> pd.Series:
        deferred = (df["event"] == words.Event.IMPACT_ASSESSMENT_DEFERRED) | (
            df["outcome"] == words.Outcome.DEFERRED
        )
        return df["reason"].isna() | deferred


class Assessments(Statements):
    """The DCC's Preliminary and Impact Assessments, as each source states them."""

    ref: str = column_types.ref("The modification's reference, normalised")
    kind: str = column_types.word(words.AssessmentKind, "Preliminary or Impact Assessment", stated=True)
    requested_on: pd.Timestamp = column_types.day("The day it was requested", past=True)
    accepted_on: pd.Timestamp = column_types.day(
        "The day the DCC accepted it; durations begin here", past=True
    )
    returned_on: pd.Timestamp = column_types.day("The day the DCC returned it; durations end here", past=True)
    target_wd: pd.Int64Dtype = column_types.number(
        "Its target in working days, per row as printed", least=1, most=999
    )
    state: str = column_types.word(
        words.AssessmentState, "What the source says of it on state_on", stated=True
    )
    state_on: pd.Timestamp = column_types.day("The day on which the source says so", past=True)
    source_id: str = column_types.source()
    locator: str = column_types.locator()

    @rule("returned_on", "on or after accepted_on")
    def _returned_after_accepted(cls, df: pd.DataFrame) -> pd.Series:
        return ~(df["returned_on"] < df["accepted_on"])

    @rule("returned_on", "blank where state is open or requested")
    def _open_is_not_returned(cls, df: pd.DataFrame) -> pd.Series:
        return df["returned_on"].isna() | (df["state"] == words.AssessmentState.RETURNED)


class Consultations(Statements):
    """Consultations expected, opened and closed."""

    ref: str = column_types.ref("The modification's reference, normalised")
    kind: str = column_types.word(words.ConsultationKind, "What is consulted on", stated=True)
    round: pd.Int64Dtype = column_types.number("Which of several of its kind, where stated", least=1, most=99)
    expected_week: pd.Timestamp = column_types.day("First day of the week in which it was expected to open")
    opened_on: pd.Timestamp = column_types.day("The day it opened", past=True)
    closed_on: pd.Timestamp = column_types.day("The day it closes or closed")
    source_id: str = column_types.source()
    locator: str = column_types.locator()

    @rule("closed_on", "on or after opened_on")
    def _closed_after_opened(cls, df: pd.DataFrame) -> pd.Series:
        return ~(df["closed_on"] < df["opened_on"])


class Meetings(Statements):
    """Meetings held and scheduled, one row per modification on the agenda."""

    held_on: pd.Timestamp = column_types.day("The day of the meeting, read by its precision", stated=True)
    precision: str = column_types.field(
        "How to read held_on; a blank means day, and so does a table without this column",
        form="one of day, month",
        absent=words.Precision.DAY.value,
        isin=[words.Precision.DAY.value, words.Precision.MONTH.value],
    )
    body: str = column_types.word(words.Body, "Who meets", stated=True)
    kind: str = column_types.word(words.MeetingKind, "Whether it is one of a series, where stated")
    status: str = column_types.word(
        words.MeetingStatus, "Whether the source speaks of it as past", stated=True
    )
    agenda_on: pd.Timestamp = column_types.day("The day its agenda was to be announced")
    ref: str = column_types.ref("A modification on its agenda, where stated", stated=False)
    purpose: str = column_types.word(words.MeetingPurpose, "Why it was on the agenda")
    source_id: str = column_types.source()
    locator: str = column_types.locator()

    _month_is_first_day = month_is_first_day("held_on")


class Releases(Statements):
    """What each source says of a release's own dates."""

    release: str = column_types.text("The release's name as printed", stated=True)
    kind: str = column_types.word(words.ReleaseKind, "Scheduled or standalone", stated=True)
    stated_on: pd.Timestamp = column_types.day("The day on which the source says so", past=True)
    planned_on: pd.Timestamp = column_types.day("The day it was then planned to come into force")
    in_force_on: pd.Timestamp = column_types.day("The day it came into force", past=True)
    source_id: str = column_types.source()
    locator: str = column_types.locator()


class ReleaseItems(Statements):
    """Which modification, or part of one, is in which release."""

    release: str = column_types.text("The release's name as printed; blank where only a date is stated")
    ref: str = column_types.ref("The modification's reference, normalised")
    part: str = column_types.text("Which part of it, where the source names one")
    status: str = column_types.word(words.ReleaseStatus, "What the source says of it", stated=True)
    on: pd.Timestamp = column_types.day("When that was so; the day in force where implemented", past=True)
    precision: str = column_types.word(words.Precision, "How to read on")
    planned_on: pd.Timestamp = column_types.day("The day then planned for it")
    source_id: str = column_types.source()
    locator: str = column_types.locator()

    _precision_goes_with_day = precision_goes_with_day
    _month_is_first_day = month_is_first_day()


class PublishedFigures(Statements):
    """Every figure that a source published, under the key by which we compute it."""

    month: str = column_types.field(
        "The report month it belongs to",
        form=f"a month as YYYY-MM, from {FIRST_YEAR} to {LAST_YEAR}",
        stated=True,
        str_matches=column_types.whole(column_types.MONTH_PATTERN),
    )
    key: str = column_types.field(
        "The figure's key",
        form="a figure key such as vote.count, see docs/figure-keys.md",
        stated=True,
        str_matches=column_types.whole(column_types.KEY_PATTERN),
    )
    printed: str = column_types.text("The figure as printed; blank where nothing of it can be read")
    value: float = column_types.field(
        "The printed figure as a number; blank where it is none, such as c. 90 or 9O",
        form="a number from 0 to 1,000,000,000, in digits",
        in_range={"min_value": 0, "max_value": MOST},
    )
    unit: str = column_types.word(words.Unit, "What it counts", stated=True)
    source_id: str = column_types.source()
    locator: str = column_types.locator()

    @rule("value", "blank where printed is blank")
    def _value_goes_with_print(cls, df: pd.DataFrame) -> pd.Series:
        return df["value"].isna() | df["printed"].notna()

    @rule("value", "the number that printed is, blank where that is none")
    def _value_is_the_print(cls, df: pd.DataFrame) -> pd.Series:
        number = df["printed"].map(number_of, na_action="ignore").astype("float64")
        same = (df["value"] == number) | (df["value"].isna() & number.isna())
        return same | df["printed"].isna() | (df["value"] > MOST)  # its own rule's to report

    @rule("unit", "WD for a key in working days, which ends in _wd, else count")
    def _unit_goes_with_key(cls, df: pd.DataFrame) -> pd.Series:
        in_wd = df["key"].str.contains(r"_wd(?:\.[0-9]+)?$").fillna(False).astype(bool)
        return (df["unit"] == words.Unit.WD) == in_wd


TABLES: dict[str, type[Table]] = {
    "sources": Sources,
    "modifications": Modifications,
    "lineage": Lineage,
    "events": Events,
    "assessments": Assessments,
    "consultations": Consultations,
    "meetings": Meetings,
    "releases": Releases,
    "release_items": ReleaseItems,
    "published_figures": PublishedFigures,
}
"""The tables by name, which is also the name of their CSV file, in the order of the data dictionary."""


def declared(of: type[Table]) -> dict[str, column_types.Declared]:
    """The columns of a table as they are declared, by name, in their order."""
    return {name: value for name, value in vars(of).items() if isinstance(value, column_types.Declared)}


CORRECTED = {table: [*declared(of)] for table, of in TABLES.items() if table != "sources"}
"""The columns of the tables whose rows can be corrected."""

CORRECTION_KEY = ["table", *KEY, "column"]


class Corrections(Table):
    """What we use instead where a source is wrong. A row names one row of a table by its key.

    Build refuses a correction whose row doesn't hold `found` any more: then the source is mended.
    """

    table: str = column_types.field(
        "The table that holds the row",
        form="one of " + ", ".join(CORRECTED),
        stated=True,
        isin=list(CORRECTED),
    )
    source_id: str = column_types.source()
    locator: str = column_types.text("The row's own locator", stated=True)
    column: str = column_types.text(
        "The column that is wrong; with remove, any that shows which row is meant", stated=True
    )
    action: str = column_types.word(
        words.CorrectionAction, "Another value for the cell, or the row taken out", stated=True
    )
    found: str = column_types.text("What the cell holds, as in the file")
    value: str = column_types.text("What is used instead, in the same form; blank for not stated")
    reason: str = column_types.text("How it is known that the source is wrong", stated=True)
    status: str = column_types.word(words.CorrectionStatus, "Whether it is used", stated=True)
    since: pd.Timestamp = column_types.day(
        "The day since which that is known; `known_by` an earlier day leaves it out", stated=True
    )

    @rule("column", "a column of the table other than source_id and locator")
    def _column_of_table(cls, df: pd.DataFrame) -> pd.Series:
        known = {f"{table} {name}" for table, names in CORRECTED.items() for name in names if name not in KEY}
        return (df["table"] + " " + df["column"]).isin(known)

    @rule("value", "blank where action is remove, else something else than found")
    def _value_goes_with_action(cls, df: pd.DataFrame) -> pd.Series:
        removed = df["action"] == words.CorrectionAction.REMOVE
        same = (df["value"] == df["found"]) | (df["value"].isna() & df["found"].isna())
        return df["value"].isna().where(removed, ~same)

    unique = CORRECTION_KEY


FILES: dict[str, type[Table]] = {**TABLES, "corrections": Corrections}
"""All that a folder of tables holds. Only the file of corrections may be missing: there are none then."""


@dataclass(frozen=True)
class Column:
    """One column as a reader of the data dictionary needs it.

    Attributes
    ----------
    type
        ``text``, ``day``, ``whole number`` or ``number``.
    form
        What a value looks like, in words.
    stated
        Whether a blank is refused.
    past
        Whether a day is stated in the past tense, so that it can't be after its source.
    values
        The vocabulary, if the column has one.
    absent
        What a file without the column means, and a blank: a word, or `column_types.NOT_STATED`. None where a file needs
        the column, and a blank is not stated.
    """

    name: str
    type: str
    description: str
    form: str
    stated: bool
    past: bool
    values: tuple[str, ...]
    absent: str | None


_TYPES: dict[Any, str] = {
    str: "text",
    pd.Timestamp: "day",
    pd.Int64Dtype: "whole number",
    float: "number",
}


@cache
def columns(table: str) -> tuple[Column, ...]:
    """The columns of a table, in their order.

    Raises
    ------
    KeyError
        If there is no such table.
    """
    types = types_of(FILES[table])
    return tuple(_column(name, types[name], column) for name, column in declared(FILES[table]).items())


def types_of(of: type[Table]) -> dict[str, Any]:
    """What is annotated of a table's columns, by name."""
    hints = get_type_hints(of)
    return {name: hints[name] for name in declared(of)}


def _column(name: str, annotation: Any, column: column_types.Declared) -> Column:
    return Column(
        name=name,
        type=_TYPES[annotation],
        description=column.description,
        form=column.form,
        stated=column.stated,
        past=column.past,
        values=tuple(map(str, column.rules.get("isin", ()))),
        absent=column.absent,
    )


_DTYPES = {"text": "str", "day": "datetime64[us]", "whole number": "Int64", "number": "float64"}


def has_type(values: pd.Series, table: str, column: str) -> bool:
    """Whether a column has the type that `typed` gives it."""
    return str(values.dtype) == _dtypes(table)[column]


def headings(table: str) -> tuple[list[str], list[str], list[str]]:
    """What a table's file may have as columns: those it usually has, all, and those that it can't do without."""
    every, seldom = columns(table), seldom_filled(table)
    usual = [column for column in every if column.name not in seldom]
    needed = [column for column in usual if column.absent is None]
    return tuple([column.name for column in some] for some in (usual, every, needed))  # type: ignore[return-value]


def seldom_filled(table: str) -> tuple[str, ...]:
    """The columns that are written only where one of them is filled: without them nothing is stated."""
    return tuple(column.name for column in columns(table) if column.absent == column_types.NOT_STATED)


def _dtypes(table: str) -> dict[str, str]:
    return {column.name: _DTYPES[column.type] for column in columns(table)}


def empty(table: str) -> pd.DataFrame:
    """A frame of the table's columns and types without rows."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _dtypes(table).items()})


def plain_number(value: float) -> str:
    """A number as files write it: as many decimals as it has, ten at most."""
    return f"{value:.10f}".rstrip("0").rstrip(".")


def typed(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Give a frame the table's types: ``str``, ``datetime64[us]``, ``Int64`` and ``float64``.

    Parameters
    ----------
    frame
        The table's columns, with or without those that a file may do without; days as ISO text or timestamps; blanks
        missing.
    table
        The table's name.

    Raises
    ------
    ValueError
        If a value has not the form of its column (`csv_reader.read_csv` says which and where).
    """
    whole = with_defaults(frame, table)
    shaped: dict[str, pd.Series] = {
        name: whole[name].astype(dtype)  # type: ignore[call-overload]
        for name, dtype in _dtypes(table).items()
    }
    return pd.DataFrame(shaped, index=frame.index)


def with_defaults(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """A table's frame with every column: those that a file may do without are what their absence means, and so are blanks."""
    filled = {}
    for column in columns(table):
        if column.absent is None:
            continue
        value = pd.NA if column.absent == column_types.NOT_STATED else column.absent
        if column.name not in frame:
            filled[column.name] = pd.Series(value, index=frame.index, dtype="str")
        elif column.absent:
            filled[column.name] = frame[column.name].fillna(value)
    return frame.assign(**filled) if filled else frame
