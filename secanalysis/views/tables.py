"""Tables for people: what a notebook shows in a table, and what publishing gathers from it.

`Table` shows a frame; `FigureTable` shows figures with what was published of them and each figure's rows and their
sources; `OpenFigure` shows one. Each displays itself as HTML that needs nothing else and as JSON, from which publishing makes
``figures.json``, CSV and XLSX. Every text is escaped: a title may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import pandas as pd

from secanalysis.domain import figures
from secanalysis.domain.figures import Figure, FigureSet, Verdict
from secanalysis.domain.vocabulary import Convention
from secanalysis.statements.storage import Tables
from secanalysis.support.sentence_case import sentence_case
from secanalysis.views import json_cells, mime, table_files
from secanalysis.views.cases import OPENS, Cases
from secanalysis.views.columns_shown import ShownColumn, shown_columns, varied
from secanalysis.views.evidence import Evidence
from secanalysis.views.exportable import Exportable
from secanalysis.views.formatting import (
    BLANK,
    WORDS,
    count,
    text,
    with_releases_in_words,
)
from secanalysis.views.provenance import Foot, Head, Provenance, convention_in_words

__all__ = ["FigureTable", "Foot", "Head", "OpenFigure", "Provenance", "Table"]

NAME_LIMIT = 60

NONE_KNOWN = "None is known."

WIDE = 8  # columns that need smaller print

SYMBOLS = {
    Verdict.EQUAL: "✓",
    Verdict.SCAN: "≈",
    Verdict.BLANK: "○",
    Verdict.DIFFERS: "≠",
    Verdict.NOT_COMPUTABLE: "–",
}
LEGEND = {
    Verdict.EQUAL: "the report's own rows give the published figure",
    Verdict.SCAN: "one character that is easily misread turns the published figure into what the report's own rows give",
    Verdict.BLANK: "the published figure can't be read",
    Verdict.DIFFERS: "the report's own rows give another figure than the published one",
    Verdict.NOT_COMPUTABLE: "rows or dates are missing",
}


# A frame as a table -------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Table(Exportable):
    """A frame shown as a table, which can be taken out: `to_csv`, `to_excel`, `to_clipboard`, `sortable`.

    Attributes
    ----------
    name
        Its slug, unique in a month: the name of its CSV file and of its sheet.
    caption
        What it shows, in words.
    frame
        The rows, in the order in which they are shown.
    columns
        Titles by column of the frame, in the order shown; all columns under their own names if not given.
        The first column is the rows' heading.
    note
        What a reader should know to read it.
    empty
        What to say where there are no rows.
    most
        How many rows the page shows; the downloads hold all.
    words
        Of columns whose cells people read otherwise than files: how they read each.
    cases
        What its numbers are worked out from, if they open to that.
    """

    name: str
    caption: str
    frame: pd.DataFrame
    columns: Mapping[str, str] | None = None
    note: str = ""
    empty: str = NONE_KNOWN
    most: int = 200
    words: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    cases: Cases | None = None

    def __post_init__(self) -> None:
        if len(self.name) > NAME_LIMIT or not re.fullmatch(mime.TABLE_NAME, self.name):
            raise ValueError(f"{self.name!r} is no name for a table: expected lower-case words with hyphens")
        if missing := [name for name in self._titles if name not in self.frame.columns]:
            raise ValueError(
                f"the table {self.name} names columns that its frame has not: {', '.join(missing)}"
            )

    @property
    def _titles(self) -> Mapping[str, str]:
        return {str(name): str(name) for name in self.frame.columns} if self.columns is None else self.columns

    def to_json(self) -> dict[str, Any]:
        """The table as plain data: days in ISO form, None for blanks."""
        return json_cells.table(self.name, self.caption, self.note, self.frame, self._titles)

    def _data(self) -> dict[str, Any]:
        return self.to_json()

    def _columns(self) -> pd.DataFrame:
        return self.frame[[*self._titles]]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        data = self.to_json()
        read = self._as_read(data)
        bundle = {
            mime.TABLE: data,
            "text/plain": self._as_text(*read),
            "text/html": self._as_html(*read, len(data["rows"])),
        }
        return bundle | ({mime.CASES: self.cases.to_json()} if self.cases else {})

    def _as_read(self, data: dict[str, Any]) -> tuple[list[ShownColumn], str]:
        """The columns as people read them, and a sentence of those that say the same in every row; none without rows."""
        if not data["rows"]:
            return [], ""
        kept = self.cases.columns_that_open() if self.cases else frozenset()
        return varied(shown_columns(data, self.most, self.words), len(data["rows"]), kept)

    def _as_html(self, columns: list[ShownColumn], alike: str, rows: int) -> str:
        if not columns:
            return f"<p><strong>{text(self.caption)}.</strong> {text(self.empty)}</p>"
        head = "".join(f'<th scope="col"{column.css}>{text(column.title)}</th>' for column in columns)
        body = "".join(
            f'<tr><th scope="row"{first}</th>{"".join(f"<td{cell}</td>" for cell in rest)}</tr>'
            for first, *rest in self._cells(columns)
        )
        note = f"{alike} {self.note}"
        if self.cases and self.cases.columns_that_open() & {column.name for column in columns}:
            note = f"{OPENS} {note}"
        if rows > self.most:
            note = f"The first {self.most} of {rows:,} rows; the downloads hold all. {note.strip()}"
        css = "wide" if len(columns) >= WIDE else ""
        table = _region(self.caption, f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>", css)
        return table + _note(note.strip())

    def _cells(self, columns: list[ShownColumn]) -> Iterator[Sequence[str]]:
        """The cells of each row; numbers that open to their cases are buttons."""
        for row, cells in enumerate(zip(*(column.cells() for column in columns), strict=True)):
            yield self._opening(row, cells, columns, self.cases) if self.cases else cells

    @staticmethod
    def _opening(row: int, cells: Sequence[str], columns: list[ShownColumn], cases: Cases) -> list[str]:
        there: set[int] = set()
        opening = []
        for cell, column in zip(cells, columns, strict=True):
            if column.words[row] is not None and cases.opens(row, column.name):
                attributes, _, number = cell.partition(">")
                place = cases.place(row, column.name)
                heading = f"{columns[0].words[row]}: {column.title[:1].lower()}{column.title[1:]}"
                button = cases.button(row, column.name, number, heading=heading, again=place in there)
                cell = f"{attributes}>{button}"
                there.add(place)
            opening.append(cell)
        return opening

    def _as_text(self, columns: list[ShownColumn], alike: str) -> str:
        if not columns:
            return f"{self.caption}: {self.empty}"
        lines = zip(*([column.title, *column.words] for column in columns), strict=True)
        shown_lines = (" | ".join(word or "—" for word in line) for line in lines)
        return "\n".join([self.caption, *shown_lines, *([alike] if alike else [])])

    def __repr__(self) -> str:
        return self._as_text(*self._as_read(self.to_json()))


def _region(caption: str, inner: str, css: str = "") -> str:
    """A table that scrolls inside its own region, which the keyboard reaches."""
    words = text(caption)
    kind = f' class="{css}"' if css else ""
    return (
        f'<div class="scroll" role="region" aria-label="{words}" tabindex="0">'
        f"<table{kind}><caption>{words}</caption>{inner}</table></div>"
    )


def _note(words: str) -> str:
    return f'<p class="note">{text(words)}</p>' if words else ""


# Figures with their rows and sources ----------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class OpenFigure(Figure):
    """A figure that shows itself in a notebook, and opens there to its rows and their sources.

    Attributes
    ----------
    statements
        The tables of statements that hold its rows.
    """

    statements: Tables = field(default_factory=dict)

    @classmethod
    def of(cls, figure: Figure, statements: Tables) -> OpenFigure:
        """A figure together with the tables that hold its rows."""
        return cls(
            **{part.name: getattr(figure, part.name) for part in fields(Figure)}, statements=statements
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        evidence = Evidence(self.statements, [self])
        return {
            mime.FIGURES: self.to_json(),
            mime.SOURCES: evidence.sources,
            "text/plain": repr(self),
            "text/html": self._as_html(evidence),
        }

    def _as_html(self, evidence: Evidence) -> str:
        words = f"{text(with_releases_in_words(self.label))}: <strong>{text(self.shown)}</strong>"
        if self.printed is not None:
            words += f" · published: {text(self.printed or 'illegible')} ({_verdict(self)})"
        return f'<div class="behind"><p>{words}</p>{_evidence(self, evidence)}</div>'


@dataclass(frozen=True, eq=False, repr=False)
class FigureTable(FigureSet, Exportable):
    """Figures, what was published of them, and each figure's rows and their sources.

    Attributes
    ----------
    figures
        The figures, in the order shown.
    statements
        The tables of statements that hold the figures' rows.
    caption
        What to write above the figures.
    """

    statements: Tables = field(default_factory=dict)
    caption: str = "Figures"

    @property
    def frame(self) -> pd.DataFrame:
        """The figures as a frame.

        Returns
        -------
        pandas.DataFrame
            One row per figure: ``key, label, value, unit, convention, printed, reprint, verdict, coverage,
            reason, n``.
        """
        data = self._data()
        names = [column["name"] for column in data["columns"]]
        frame = pd.DataFrame(data["rows"], columns=names)
        return frame.astype({"value": "Float64", "reprint": "Float64", "n": "Int64"})

    def _data(self) -> dict[str, Any]:
        return table_files.figure_table([figure.to_json() for figure in self.figures])

    def _columns(self) -> pd.DataFrame:
        return self.frame

    def __getitem__(self, key: str) -> OpenFigure:
        return OpenFigure.of(super().__getitem__(key), self.statements)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        evidence = Evidence(self.statements, self.figures)
        return {
            mime.FIGURES: [figure.to_json() for figure in self.figures],
            mime.SOURCES: evidence.sources,
            "text/plain": repr(self),
            "text/html": self._as_html(evidence),
        }

    def __repr__(self) -> str:
        return "\n".join([self.caption, *map(repr, self.figures)]) if self.figures else NONE_KNOWN

    def _as_html(self, evidence: Evidence) -> str:
        if not self.figures:
            return f"<p><strong>{text(self.caption)}.</strong> {NONE_KNOWN}</p>"
        printed = any(figure.printed is not None or figure.verdict for figure in self.figures)
        titles = '<th scope="col">Figure</th><th scope="col" class="number">Value</th>'
        if printed:
            titles += '<th scope="col" class="number">Published</th><th scope="col">Result</th>'
        body = "".join(_figure_rows(figure, printed, evidence) for figure in self.figures)
        verdicts = {figure.verdict for figure in self.figures}
        legend = "; ".join(
            f"{WORDS.get(verdict, verdict)}: {LEGEND[verdict]}" for verdict in Verdict if verdict in verdicts
        )
        table = _region(self.caption, f"<thead><tr>{titles}</tr></thead>{body}", "figures")
        return table + _note(f"Result. {sentence_case(legend)}." if legend else "")


def _figure_rows(figure: Figure, printed: bool, evidence: Evidence) -> str:
    css = "number" if figure.value is not None else "number unknown"
    cells = f'<th scope="row">{text(with_releases_in_words(figure.label))}</th><td class="{css}">{text(figure.shown)}</td>'
    if printed:
        print_ = BLANK if figure.printed is None else text(figure.published)
        cells += f'<td class="number">{print_}</td><td class="verdict">{_verdict(figure)}</td>'
    span = 4 if printed else 2
    opens = f'<tr class="behind"><td colspan="{span}">{_evidence(figure, evidence)}</td></tr>'
    return f"<tbody><tr>{cells}</tr>{opens}</tbody>"


def _evidence(figure: Figure, evidence: Evidence) -> str:
    """The reason for a figure's value or verdict, and what the figure opens to."""
    why = f'<p class="reason">{text(sentence_case(figure.reason))}</p>' if figure.reason else ""
    return f"{why}<details><summary>{_summary(figure)}</summary>{_opened(figure, evidence)}</details>"


def _verdict(figure: Figure) -> str:
    if figure.verdict is None:
        return BLANK
    symbol = f'<span aria-hidden="true">{SYMBOLS[figure.verdict]}</span> {text(WORDS.get(figure.verdict, figure.verdict))}'
    if figure.reprint is not None and figure.reprint != figure.value:
        symbol += f" <small>the report's own rows: {text(figures.number(figure.reprint))}</small>"
    return symbol


def _summary(figure: Figure) -> str:
    sources = len({row.source_id for row in figure.rows})
    rows = f"{count(len(figure.rows), 'row')} from {count(sources, 'source')}" if figure.rows else "no rows"
    convention = f"WD {figure.convention}".replace("_", " ") if figure.convention else ""
    return " · ".join(text(part) for part in (figure.coverage, convention, rows) if part)


def opened(figure: Figure, evidence: Evidence) -> str:
    """What a figure in a sentence opens to, as HTML: what it is, why, how it compares, its rows and sources."""
    words = [f"{text(with_releases_in_words(figure.label))}: {text(figure.shown)}."]
    if figure.printed is not None:
        words.append(f"Published: {text(figure.printed) or 'illegible'} ({_verdict(figure)}).")
    words += [f"{text(sentence_case(part))}." for part in (figure.reason, figure.coverage) if part]
    return f"<p>{' '.join(words)}</p>{_opened(figure, evidence)}"


def _opened(figure: Figure, evidence: Evidence) -> str:
    facts = [("Key", f"<code>{text(figure.key)}</code>")]
    if figure.convention:
        facts.append(("Working days", text(convention_in_words(Convention(figure.convention)))))
    if figure.reprint is not None:
        facts.append(("From the report's own rows", text(figures.number(figure.reprint))))
    definitions = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    return f"<dl>{definitions}</dl>{evidence.rows(figure)}"
