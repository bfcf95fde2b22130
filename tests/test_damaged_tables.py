"""Damaged tables: each is told with its file, row, column, what was found and what was expected; nothing is written.

The first part is a corpus of what people, programs and copies do to tables, each with the message that it has to
give. The second damages the real tables by chance. Both go through ``secanalysis build``.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from damage import Blow, Told, blows, command, contents
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from tinyproject import SECANALYSIS

from secanalysis.statements import csv_reader, schemas, storage, table_columns
from secanalysis.views.formatting import count as counted

ROOT = Path(__file__).parent.parent

SOUND = {
    "sources": """\
source_id,kind,title,publisher,published_on,published_precision,url
report,report,The report of March,Nobody,2021-03-05,day,
page,modification_page,A page,Nobody,2021-02-01,not_before,https://example.org/a
""",
    "modifications": """\
ref,title,proposer_organisation,summary,source_id,locator
MP301,Lamps,Example Ltd,,report,line 1
MP302,"Bells, and more",,,report,line 2
""",
    "lineage": """\
ref,earlier_ref,kind,on,precision,source_id,locator
MP301,DP301,converted,2021-01-08,day,page,line 1
MP302A,MP302,split,,,page,line 2
""",
    "events": """\
ref,event,on,precision,body,outcome,path,stage,source_id,locator
MP301,raised,2021-01-04,day,,,,,report,line 1
MP302,voted,2021-02-24,day,change_board,approved,self_governance,,report,line 2
MP303,observed,2021-02-01,by,,,,refinement,page,line 3
""",
    "assessments": """\
ref,kind,requested_on,accepted_on,returned_on,target_wd,state,state_on,source_id,locator
MP301,PA,2021-01-05,2021-01-07,2021-02-01,15,returned,2021-02-01,report,line 1
MP302,IA,,2021-01-11,,40,open,2021-02-28,report,line 2
""",
    "consultations": """\
ref,kind,round,expected_week,opened_on,closed_on,source_id,locator
MP301,refinement,1,2021-01-04,2021-01-06,2021-01-27,report,line 1
MP302,report,,2021-03-08,,,report,line 2
""",
    "meetings": """\
held_on,precision,body,kind,status,agenda_on,ref,purpose,source_id,locator
2021-02-03,day,working_group,monthly,held,2021-01-20,MP301,general,report,line 1
2021-04-07,day,working_group,monthly,scheduled,,,,report,line 2
""",
    "releases": """\
release,kind,stated_on,planned_on,in_force_on,source_id,locator
June 2021 SEC Release,scheduled,2021-03-05,2021-06-24,,report,line 1
Standalone Release 2021-02-26,standalone,2021-03-05,,2021-02-26,report,line 2
""",
    "release_items": """\
release,ref,part,status,on,precision,planned_on,source_id,locator
June 2021 SEC Release,MP302,,approved,2021-02-24,day,2021-06-24,report,line 1
Standalone Release 2021-02-26,MP303,part 1,implemented,2021-02-26,day,,report,line 2
""",
    "published_figures": """\
month,key,printed,value,unit,source_id,locator
2021-03,vote.count,one,1,count,report,line 1
2021-03,assessment.pa.open.mean_wd,36,36,WD,report,line 2
""",
}


def heading(table: str) -> str:
    """A table's first line."""
    return ",".join(table_columns.headings(table)[0])


FEW = ("sources", "modifications", "lineage", "events", "assessments", "published_figures")
"""The tables that have rows where whole files are damaged: the fewer, the quicker."""


def sound(folder: Path, filled: Iterable[str]) -> Path:
    """A folder with sound tables in ``raw``, some with rows, and what was built of them in ``processed``."""
    (folder / "raw").mkdir(parents=True)
    for table in schemas.TABLES:
        text = SOUND[table] if table in filled else heading(table) + "\n"
        (folder / "raw" / f"{table}.csv").write_bytes(text.encode())
    assert build(folder).exit == 0
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sound tables, all with rows."""
    return sound(tmp_path_factory.mktemp("sound") / "all", SOUND)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sound tables, few with rows."""
    return sound(tmp_path_factory.mktemp("sound") / "few", FEW)


@pytest.fixture
def project(few: Path, tmp_path: Path) -> Path:
    """A copy of a folder, to damage."""
    return Path(shutil.copytree(few, tmp_path / "project"))


def build(folder: Path) -> Told:
    """``secanalysis build`` on a folder's ``raw`` and ``processed``."""
    return command("build", "--raw", folder / "raw", "--processed", folder / "processed")


# The corpus -------------------------------------------------------------------------------------

Damage = Callable[[Path], object]
"""What is done to the folder of tables."""
Fault = tuple[str, str, str]
"""Where (file, row, column), what was found there, and how what was expected begins."""

DAY = "a day as YYYY-MM-DD, from 2005 to 2099"
REF = "a reference such as SECMP0007, MP102A or DP136"
TEXT = "text without line breaks, unseen or lost characters, or spaces around it"
SOURCE = "a source_id of sources.csv"
MONTH = "a month as YYYY-MM, from 2005 to 2099"
KEY = "a figure key such as vote.count"
VALUE = "a number from 0 to 1,000,000,000, in digits"
TARGET = "a whole number from 1 to 999"
ROUND = "a whole number from 1 to 99"
UTF8 = "UTF-8 text"


def cell(table: str, row: int, column: str, text: str) -> Damage:
    """Put a text into a cell as it is, without quoting it; the heading is row 1."""

    def damage(raw: Path) -> None:
        path = raw / f"{table}.csv"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        cells = next(csv.reader([lines[row - 1]]))
        shown = [f'"{each}"' if "," in each else each for each in cells]
        shown[heading(table).split(",").index(column)] = text
        lines[row - 1] = ",".join(shown) + "\n"
        path.write_bytes("".join(lines).encode())

    return damage


def swap(table: str, old: bytes, new: bytes) -> Damage:
    """Put some bytes in the place of others."""

    def damage(raw: Path) -> None:
        data = (raw / f"{table}.csv").read_bytes()
        assert old in data, old
        (raw / f"{table}.csv").write_bytes(data.replace(old, new, 1))

    return damage


def whole(table: str, edit: Callable[[bytes], bytes]) -> Damage:
    """Rewrite a whole file."""

    def damage(raw: Path) -> None:
        path = raw / f"{table}.csv"
        path.write_bytes(edit(path.read_bytes()))

    return damage


def both(*damages: Damage) -> Damage:
    """One damage after another."""

    def damage(raw: Path) -> None:
        for each in damages:
            each(raw)

    return damage


def instead(table: str, make: Callable[[Path], object]) -> Damage:
    """Something else in the place of a file."""

    def damage(raw: Path) -> None:
        (raw / f"{table}.csv").unlink()
        make(raw / f"{table}.csv")

    return damage


def swapped(one: str, other: str) -> Damage:
    """Two files under each other's names."""

    def damage(raw: Path) -> None:
        first, second = raw / f"{one}.csv", raw / f"{other}.csv"
        first.rename(raw / "aside")
        second.rename(first)
        (raw / "aside").rename(second)

    return damage


def at(table: str, row: int, column: str = "") -> str:
    """A place as messages name it."""
    return f"{table}.csv" + (f", row {row}" if row else "") + (f", column {column}" if column else "")


ENCODINGS: dict[str, tuple[Damage, list[Fault]]] = {
    "a byte order mark": (
        whole("events", lambda data: codecs.BOM_UTF8 + data),
        [(at("events", 1), "a byte order mark", UTF8)],
    ),
    "UTF-16": (
        whole("events", lambda data: data.decode().encode("utf-16")),
        [(at("events", 1), "UTF-16", UTF8)],
    ),
    "UTF-16, the other way round": (
        whole("events", lambda data: codecs.BOM_UTF16_BE + data.decode().encode("utf-16-be")),
        [(at("events", 1), "UTF-16", UTF8)],
    ),
    "UTF-16 without its mark": (
        whole("events", lambda data: data.decode().encode("utf-16-le")),
        [(at("events", 1), "a NUL character", UTF8)],
    ),
    "Latin-1 in a title": (
        swap("modifications", b"Bells, and", "Bells, é".encode("latin-1")),
        [(at("modifications", 3, "title"), "a byte that is no UTF-8 (0xe9)", UTF8)],
    ),
    "a dash of Windows": (
        swap("sources", b"The report of", b"Report \x96"),
        [(at("sources", 2, "title"), "a byte that is no UTF-8 (0x96)", UTF8)],
    ),
    "half a letter at the end": (
        whole("modifications", lambda data: data.rstrip() + "–".encode()[:2]),
        [(at("modifications", 3, "locator"), "a byte that is no UTF-8 (0xe2)", UTF8)],
    ),
    "half a pair of UTF-16 in UTF-8": (
        swap("modifications", b"Lamps", b"Lamps\xed\xa0\x80"),
        [(at("modifications", 2, "title"), "a byte that is no UTF-8 (0xed)", UTF8)],
    ),
    "a wrong byte below a cell of two lines": (
        both(swap("modifications", b"Lamps", b'"La\nmps"'), swap("modifications", b"Bells", b"B\xff")),
        [(at("modifications", 4, "title"), "a byte that is no UTF-8 (0xff)", UTF8)],
    ),
    "a NUL": (
        swap("events", b"line 2", b"line\x002"),
        [(at("events", 3, "locator"), "a NUL character", UTF8)],
    ),
    "a workbook under a table's name": (
        instead("events", lambda path: path.write_bytes(b"PK\x03\x04\x14\x00\x06\x00\x08\x00")),
        [(at("events", 1), "a NUL character", UTF8)],
    ),
    "a web page under a table's name": (
        instead("events", lambda path: path.write_text("<!DOCTYPE html>\n<title>Sign in</title>\n")),
        [(at("events", 1), "'<!DOCTYPE html>'", "a heading ref,event,on,")],
    ),
    "a bad byte in a heading": (
        swap("events", b"outcome", b"outc\xf6me"),
        [(at("events", 1), "a byte that is no UTF-8 (0xf6)", UTF8)],
    ),
}

FORM: dict[str, tuple[Damage, list[Fault]]] = {
    "a quote that is never closed": (
        swap("modifications", b'and more"', b"and more"),
        [(at("modifications", 3, "title"), "a quote that is never closed", "a quote at the cell's end")],
    ),
    "a quote before a cell, early in the file": (
        swap("events", b"change_board", b'"change_board'),
        [(at("events", 3, "body"), "a quote that is never closed", "a quote at the cell's end")],
    ),
    "a quote that only the next row's closes": (
        swap("modifications", b"Lamps", b'"Lamps'),
        [(at("modifications", 2, "title"), "text after the quote that ends a cell (on line 3)", "a comma")],
    ),
    "text after a closing quote": (
        swap("modifications", b'and more"', b'and more" still'),
        [(at("modifications", 3, "title"), "text after the quote that ends a cell", "a comma")],
    ),
    "quotes inside a quoted cell that aren't doubled": (
        swap("modifications", b"Bells, and", b'Bells, "and"'),
        [(at("modifications", 3, "title"), "text after the quote that ends a cell", "a comma")],
    ),
    "single quotes": (
        cell("events", 2, "ref", "'MP301'"),
        [(at("events", 2, "ref"), "\"'MP301'\"", REF)],
    ),
    "typographic quotes": (
        cell("events", 2, "ref", "“MP301”"),
        [(at("events", 2, "ref"), "'“MP301”'", REF)],
    ),
    "a line break in a reference": (
        cell("events", 2, "ref", '"MP301\n"'),
        [(at("events", 2, "ref"), r"'MP301\n'", REF)],
    ),
    "a line break in a title": (
        cell("modifications", 2, "title", '"Lamps\r\nthat tell"'),
        [(at("modifications", 2, "title"), r"'Lamps\r\nthat tell'", TEXT)],
    ),
    "rows below a cell of two lines": (
        both(cell("events", 2, "ref", '"MP\n301"'), swap("events", b"MP303", b"MP3")),
        [(at("events", 2, "ref"), r"'MP\n301'", REF), (at("events", 5, "ref"), "'MP3'", REF)],
    ),
    "a row too short": (
        swap("assessments", b",report,line 2", b",report"),
        [(at("assessments", 3), "9 cells", "10 cells")],
    ),
    "a row too long": (
        swap("assessments", b"15,returned", b"15,,returned"),
        [(at("assessments", 2), "11 cells", "10 cells")],
    ),
    "a comma in a title without quotes": (
        swap("modifications", b"Lamps", b"Lamps, Kites"),
        [(at("modifications", 2), "7 cells", "6 cells")],
    ),
    "a comma for a decimal point": (
        swap("published_figures", b"36,36,", b"36,36,5,"),
        [(at("published_figures", 3), "8 cells", "7 cells")],
    ),
    "an empty line": (
        swap("events", b"MP302", b"\nMP302"),
        [(at("events", 3), "an empty line", "10 cells")],
    ),
    "a line of one word": (
        swap("events", b"MP302", b"Total\nMP302"),
        [(at("events", 3), "1 cell", "10 cells")],
    ),
    "the last byte of an old editor": (
        whole("events", lambda data: data + b"\x1a"),
        [(at("events", 5), "1 cell", "10 cells")],
    ),
    "half a row, as a copy that broke off leaves it": (
        whole("events", lambda data: data[: data.index(b"refinement")]),
        [(at("events", 4), "8 cells", "10 cells")],
    ),
    "a line break without quotes in a row": (
        swap("events", b"change_board", b"change\rboard"),
        [(at("events", 3), "5 cells", "10 cells"), (at("events", 4), "6 cells", "10 cells")],
    ),
    "a cell of a million characters": (
        swap("modifications", b"Lamps", b"L" * 1_000_000),
        [(at("modifications", 2, "title"), "a cell of more than 100,000 characters", "at most 100,000")],
    ),
    "a million characters in quotes": (
        swap("events", b"line 3", b'"' + b"l," * 500_000 + b'"'),
        [(at("events", 4, "locator"), "a cell of more than 100,000 characters", "at most 100,000")],
    ),
    "a heading of a million characters": (
        whole("events", lambda data: b"r" * 1_000_000 + data),
        [(at("events", 1), "a cell of more than 100,000 characters", "at most 100,000")],
    ),
}

HEADINGS: dict[str, tuple[Damage, list[Fault]]] = {
    "a column gone": (
        whole("releases", lambda data: b"\n".join(line.partition(b",")[2] for line in data.split(b"\n"))),
        [(at("releases", 1, "release"), "no column release", "a heading release,kind,")],
    ),
    "a column twice": (
        swap("events", b"ref,event", b"ref,ref,event"),
        [(at("events", 1, "ref"), "the column ref 2 times", "each column once")],
    ),
    "a column misspelt": (
        swap("events", b"outcome", b"outcom"),
        [
            (at("events", 1, "outcom"), "an unknown column 'outcom'", "one of ref, event, on,"),
            (at("events", 1, "outcome"), "no column outcome", "a heading ref,event,on,"),
        ],
    ),
    "a column in capitals": (
        swap("events", b"ref,", b"Ref,"),
        [
            (at("events", 1, "Ref"), "an unknown column 'Ref'", "one of ref, event, on,"),
            (at("events", 1, "ref"), "no column ref", "a heading ref,event,on,"),
        ],
    ),
    "a column with a space": (
        swap("meetings", b"body", b" body"),
        [
            (at("meetings", 1, " body"), "an unknown column ' body'", "one of held_on, precision, body,"),
            (at("meetings", 1, "body"), "no column body", "a heading held_on,precision,body,"),
        ],
    ),
    "a column with a look-alike letter": (
        swap("meetings", b"body", "bоdy".encode()),
        [
            (at("meetings", 1, "body"), "no column body", "a heading held_on,precision,body,"),
            (
                at("meetings", 1, r"b\u043edy"),
                r"an unknown column 'b\u043edy'",
                "one of held_on, precision, body,",
            ),
        ],
    ),
    "a column more": (
        whole("releases", lambda data: data.replace(b"\n", b",\n")),
        [(at("releases", 1), "an unknown column ''", "one of release, kind,")],
    ),
    "columns in another order": (
        swap("events", b"ref,event", b"event,ref"),
        [(at("events", 1), "columns in another order", "a heading ref,event,on,")],
    ),
    "no heading": (
        whole("events", lambda data: data.partition(b"\n")[2]),
        [
            (
                at("events", 1),
                "'MP301,raised,2021-01-04,day,,,,,report,line 1'",
                "a heading ref,event,on,",
            )
        ],
    ),
    "an empty line above the heading": (
        whole("events", lambda data: b"\n" + data),
        [(at("events", 1), "an empty line", "a heading ref,event,on,")],
    ),
    "semicolons between cells": (
        whole("events", lambda data: data.replace(b",", b";")),
        [(at("events", 1), "cells divided by ';'", "a heading ref,event,on,")],
    ),
    "tabs between cells": (
        whole("events", lambda data: data.replace(b",", b"\t")),
        [(at("events", 1), r"cells divided by '\t'", "a heading ref,event,on,")],
    ),
    "two files under each other's names": (
        swapped("events", "releases"),
        [
            (at("events", 1), "the heading of releases.csv", "a heading ref,event,on,"),
            (at("releases", 1), "the heading of events.csv", "a heading release,kind,"),
        ],
    ),
    "another file under the name of sources": (
        swapped("sources", "lineage"),
        [
            (at("lineage", 1), "the heading of sources.csv", "a heading ref,earlier_ref,"),
            (at("sources", 1), "the heading of lineage.csv", "a heading source_id,kind,"),
        ],
    ),
}

FILES: dict[str, tuple[Damage, list[Fault]]] = {
    "no bytes": (
        whole("events", lambda data: b""),
        [(at("events", 0), "an empty file", "a heading ref,event,on,")],
    ),
    "nothing but line ends": (
        whole("events", lambda data: b"\n\n\n"),
        [(at("events", 1), "an empty line", "a heading ref,event,on,")],
    ),
    "a table gone": (
        lambda raw: (raw / "lineage.csv").unlink(),
        [(at("lineage", 0), "no such file", "a file ")],
    ),
    "the sources gone": (
        lambda raw: (raw / "sources.csv").unlink(),
        [(at("sources", 0), "no such file", "a file ")],
    ),
    "all tables gone": (
        lambda raw: [path.unlink() for path in raw.iterdir()],
        [(at(table, 0), "no such file", "a file ") for table in sorted(schemas.TABLES)],
    ),
    "a row of sources that can't be read": (
        swap("sources", b"report,report,", b"report,report"),
        [(at("sources", 2), "6 cells", "7 cells")],
    ),
    "sources without a row": (
        whole("sources", lambda data: data.partition(b"\n")[0] + b"\n"),
        [
            (at(table, row, "source_id"), f"'{line.split(',')[-2]}'", SOURCE)
            for table in sorted(set(FEW) - {"sources"})
            for row, line in enumerate(SOUND[table].splitlines()[1:], start=2)
        ],
    ),
    "a folder in place of a file": (
        instead("events", lambda path: path.mkdir()),
        [(at("events", 0), "a folder", "a file")],
    ),
    "a link to nothing": (
        instead("events", lambda path: path.symlink_to("nowhere.csv")),
        [(at("events", 0), "no such file", "a file ")],
    ),
    "a link to itself": (
        instead("events", lambda path: path.symlink_to(path)),
        [(at("events", 0), "a file that can't be read", "a readable file")],
    ),
    "a pipe that nobody writes to": (
        instead("events", os.mkfifo),
        [(at("events", 0), "a pipe or device", "a file")],
    ),
    "a table that isn't ours": (
        lambda raw: (raw / "event.csv").write_text("ref\n"),
        [(at("event", 0), "a file that isn't a table", "one of sources.csv, ")],
    ),
    "a second copy of a table": (
        lambda raw: shutil.copy(raw / "events.csv", raw / "events (1).csv"),
        [(at("events (1)", 0), "a file that isn't a table", "one of sources.csv, ")],
    ),
    "a table's name in capitals": (
        lambda raw: (raw / "events.csv").rename(raw / "EVENTS.csv"),
        [
            (at("EVENTS", 0), "a file that isn't a table", "one of sources.csv, "),
            (at("events", 0), "no such file", "a file "),
        ],
    ),
}

TWICE = "each source_id and locator once"
KEYS: dict[str, tuple[Damage, list[Fault]]] = {
    "a key twice": (
        cell("events", 3, "locator", "line 1"),
        [
            (at("events", row, "source_id, locator"), "'report', 'line 1' more than once", TWICE)
            for row in (2, 3)
        ],
    ),
    "a row copied twice": (
        whole("lineage", lambda data: data + data.splitlines(keepends=True)[1] * 2),
        [
            (at("lineage", row, "source_id, locator"), "'page', 'line 1' more than once", TWICE)
            for row in (2, 4, 5)
        ],
    ),
    "a source twice": (
        whole("sources", lambda data: data + data.splitlines(keepends=True)[1]),
        [
            (at("sources", row, "source_id"), "'report' more than once", "each source_id once")
            for row in (2, 4)
        ],
    ),
    "a source that isn't there": (
        cell("events", 2, "source_id", "reports"),
        [(at("events", 2, "source_id"), "'reports'", SOURCE)],
    ),
    "a source in capitals": (
        cell("events", 2, "source_id", "Report"),
        [(at("events", 2, "source_id"), "'Report'", SOURCE)],
    ),
    "a source with a look-alike letter": (
        cell("events", 2, "source_id", "rеport"),
        [(at("events", 2, "source_id"), r"'r\u0435port'", SOURCE)],
    ),
    "a source with a space": (
        cell("events", 2, "source_id", "report "),
        [(at("events", 2, "source_id"), "'report '", SOURCE)],
    ),
    "no source": (
        cell("events", 2, "source_id", ""),
        [(at("events", 2, "source_id"), "a blank", SOURCE)],
    ),
    "no locator": (
        cell("events", 2, "locator", ""),
        [(at("events", 2, "locator"), "a blank", TEXT)],
    ),
    "a source's name as a path": (
        cell("sources", 3, "source_id", "../page"),
        [
            (at("lineage", 2, "source_id"), "'page'", SOURCE),
            (at("lineage", 3, "source_id"), "'page'", SOURCE),
            (at("events", 4, "source_id"), "'page'", SOURCE),
            (at("sources", 3, "source_id"), "'../page'", "lower-case letters, digits and hyphens"),
        ],
    ),
    "its own parent": (
        cell("lineage", 2, "earlier_ref", "MP301"),
        [
            (at("lineage", 2, "earlier_ref"), "'MP301'", "another reference than ref"),
            (at("lineage", 2, "ref"), "'MP301'", "a reference that doesn't descend from itself"),
        ],
    ),
    "each the other's parent": (
        both(cell("lineage", 3, "ref", "DP301"), cell("lineage", 3, "earlier_ref", "MP301")),
        [
            (at("lineage", 2, "ref"), "'MP301'", "a reference that doesn't descend from itself"),
            (at("lineage", 3, "ref"), "'DP301'", "a reference that doesn't descend from itself"),
        ],
    ),
    "a circle of three, with elders and heirs that aren't in it": (
        whole(
            "lineage",
            lambda data: (
                data
                + b"MP310,MP311,split,,,page,a\nMP311,MP312,split,,,page,b\nMP312,MP310,split,,,page,c\n"
                + b"MP311,MP320,split,,,page,d\nMP320,MP321,split,,,page,e\nMP330,MP310,split,,,page,f\n"
            ),
        ),
        [
            (at("lineage", row, "ref"), f"'{ref}'", "a reference that doesn't descend from itself")
            for row, ref in ((4, "MP310"), (5, "MP311"), (6, "MP312"))
        ],
    ),
    "two circles and what lies between them": (
        whole(
            "lineage",
            lambda data: (
                data
                + b"MP310,MP311,split,,,page,a\nMP311,MP310,split,,,page,b\nMP311,MP320,split,,,page,c\n"
                + b"MP320,MP330,split,,,page,d\nMP330,MP331,split,,,page,e\nMP331,MP330,split,,,page,f\n"
            ),
        ),
        [
            (at("lineage", row, "ref"), f"'{ref}'", "a reference that doesn't descend from itself")
            for row, ref in ((4, "MP310"), (5, "MP311"), (8, "MP330"), (9, "MP331"))
        ],
    ),
}

SEVERAL: dict[str, tuple[Damage, list[Fault]]] = {
    "faults in several tables, told in the order of rows": (
        both(
            cell("events", 4, "stage", "refine"),
            cell("events", 2, "ref", "301"),
            cell("events", 2, "on", "soon"),
            cell("assessments", 3, "target_wd", "many"),
        ),
        [
            (at("assessments", 3, "target_wd"), "'many'", TARGET),
            (at("events", 2, "on"), "'soon'", DAY),
            (at("events", 2, "ref"), "'301'", REF),
            (at("events", 4, "stage"), "'refine'", "one of development, refinement,"),
        ],
    ),
    "a word whose row also contradicts it": (
        cell("assessments", 2, "state", "closed"),
        [
            (at("assessments", 2, "returned_on"), "'2021-02-01'", "blank where state is open or requested"),
            (at("assessments", 2, "state"), "'closed'", "one of requested, open, returned"),
        ],
    ),
    "a day that can't be read, in a row that needs it": (
        cell("events", 4, "on", "1 Feb"),
        [(at("events", 4, "on"), "'1 Feb'", DAY)],
    ),
    "a source that can't be named, and its rows": (
        cell("sources", 3, "kind", "web page"),
        [(at("sources", 3, "kind"), "'web page'", "one of report, register, ")],
    ),
}
CORPUS = {**ENCODINGS, **FORM, **HEADINGS, **FILES, **KEYS, **SEVERAL}


def check(reported: Told, expected: list[Fault]) -> None:
    """The faults expected and no others, each told once."""
    lines = reported.err.splitlines()
    faults = "1 fault" if len(expected) == 1 else f"{len(expected)} faults"
    assert lines[0] == f"secanalysis: {faults} in the tables; nothing was written", reported.err
    assert len(lines) == 1 + len(expected), reported.err
    for line, fault in zip(lines[1:], sorted(expected), strict=True):
        check_line(line, fault)
    assert (reported.exit, reported.out) == (2, "")


def check_line(line: str, fault: Fault) -> None:
    """A line that tells a fault."""
    place, result, wanted = fault
    where, _, rest = line.partition(": found ")
    assert where == place
    assert rest.startswith((f"{result}; expected {wanted}", f"{result} (")), line
    assert f"; expected {wanted}" in rest, line


@pytest.mark.parametrize("case", CORPUS)
def test_damage_is_reported_and_nothing_is_written(project: Path, case: str) -> None:
    damage, expected = CORPUS[case]
    damage(project / "raw")
    before = contents(project / "processed")
    check(build(project), expected)
    assert contents(project / "processed") == before
    assert sorted(path.name for path in project.iterdir()) == ["processed", "raw"]


# Single cells -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A cell of a row of its own: a copy of a sound row (numbered as in its file) but for this cell.

    ``found`` is how the message shows it, if not as it is; ``other`` is the column that the message names
    instead of this one.
    """

    table: str
    row: int
    column: str
    text: str
    wanted: str
    found: str = ""
    other: str = ""

    def fault(self, row: int) -> Fault:
        """What has to be told of it, if it stands in that row."""
        result = self.found or (ascii(self.text) if self.text else "a blank")
        return at(self.table, row, self.other or self.column), result, self.wanted


OTHER_WORDS = {  # a plausible word that isn't in the column's vocabulary, and a row where the column is filled
    ("sources", "kind"): (2, "Report"),
    ("sources", "published_precision"): (2, "exact"),
    ("lineage", "kind"): (2, "conversion"),
    ("lineage", "precision"): (2, "Day"),
    ("events", "event"): (2, "implemented"),
    ("events", "precision"): (2, "week"),
    ("events", "body"): (3, "Change Board"),
    ("events", "outcome"): (3, "accepted"),
    ("events", "path"): (3, "path 3"),
    ("events", "stage"): (4, "refine"),
    ("assessments", "kind"): (2, "FA"),
    ("assessments", "state"): (3, "closed"),
    ("consultations", "kind"): (2, "Refinement Consultation"),
    ("meetings", "precision"): (2, "by"),
    ("meetings", "body"): (2, "workinggroup"),
    ("meetings", "kind"): (2, "ad-hoc"),
    ("meetings", "status"): (2, "held "),
    ("meetings", "purpose"): (2, "solutions"),
    ("releases", "kind"): (2, "major"),
    ("release_items", "status"): (2, "included"),
    ("release_items", "precision"): (2, "approximate"),
    ("published_figures", "unit"): (2, "days"),
}

BAD_DAYS = {
    "31 February": "2021-02-31",
    "29 February of a common year": "2021-02-29",
    "a thirteenth month": "2021-13-01",
    "month 0": "2021-00-10",
    "day 0": "2021-01-00",
    "either 1 February or 2 January": "01/02/2021",
    "a day in words": "7 Aug 2020",
    "a spreadsheet's serial number": "44050",
    "two digits of a year": "21-01-04",
    "no noughts": "2021-1-4",
    "slashes": "2021/01/04",
    "a time of day": "2021-01-04T00:00:00",
    "a time zone": "2021-01-04Z",
    "a week": "2021-W01-1",
    "a month": "2021-01",
    "a year long past": "1921-01-04",
    "a year far off": "9999-12-31",
    "year 0": "0000-00-00",
    "a word": "today",
    "not a time": "NaT",
    "a formula": "=TODAY()",
    "a space before it": " 2021-01-04",
    "digits of full width": "２０２１-01-04",
    "a number too long": "9" * 40,
}

BAD_NUMBERS = {
    ("assessments", 2, "target_wd", TARGET): ["0", "-15", "15.5", "1000", "9" * 20, "fifteen", "15 WD", "٣"],
    ("consultations", 2, "round", ROUND): ["0", "100", "1st", "II", "1e1", "0x1"],
    ("published_figures", 3, "value", VALUE): [
        *("-36", "1000000001", "9" * 30, "36%", "1,204", "NaN", "inf", "-inf", "1e3", "½", "36 ", "1/3"),
        *("TRUE", "#DIV/0!", "36.12345678901"),
    ],
}

BAD_REFERENCES = {
    "small letters": "mp301",
    "one small letter": "Mp301",
    "a Cyrillic М": "МP301",
    "a Cyrillic Р": "MР301",
    "a Greek Μ": "ΜP301",
    "digits of full width": "MP３０１",
    "an O for a nought": "MP3O1",
    "an l for a one": "MP30l",
    "a space after it": "MP301 ",
    "a space inside": "MP 301",
    "a no-break space": "MP301\u00a0",
    "a zero-width space": "MP\u200b301",
    "an unseen mark before it": "\ufeffMP301",
    "a hyphen": "MP-301",
    "too few digits": "MP30",
    "four digits of which the first is 0": "MP0301",
    "three digits under the old prefix": "SECMP301",
    "only a number": "301",
    "a small part letter": "MP301a",
    "two part letters": "MP301AB",
    "another beside it": "MP301, MP302",
    "an address": "https://example.org/MP301",
    "nothing": "",
}

UNSEEN = {
    "a bell": "La\amps",
    "a tab": "La\tmps",
    "an escape": "\x1b[31mLamps",
    "a delete": "Lamp\x7fs",
    "a control character of Latin-1": "La\x85mps",
    "a no-break space inside": "La\xa0mps",
    "a no-break space at the end": "Lamps\xa0",
    "a thin space": "La\u2009mps",
    "a soft hyphen": "La\xadmps",
    "a zero-width space": "La\u200bmps",
    "a turn of direction": "La\u202emps",
    "a line separator": "La\u2028mps",
    "a mark of byte order inside": "\ufeffLamps",
    "letters that can't be seen": "Lamps\U000e0041",
    "a letter lost in decoding": "L\ufffdmps",
    "a space before it": " Lamps",
    "nothing but a space": " ",
}

BAD_ADDRESSES = (
    "javascript:alert(1)",
    "file:///etc/passwd",
    "www.example.org",
    "https://example.org/a b",
    "https://example.org/<b>",
    "https://example.org/\x01",
    "https://example.org/\u202egpj.exe",
)
BAD_MONTHS = ("2021-13", "2021-00", "2021-3", "2021-03-01", "March 2021", "1999-12", "../2021")
BAD_KEYS = ("votes", "Vote.count", "vote.count ", "stage.refine.count", "release.June 2021.approved.count")

FIRST_OF_MONTH = "the first day of the month where precision is month"
WITH_DAY = "stated where on is, else blank"
PUBLISHED = "a day up to 2021-03-05, its source's own"

CELLS = {
    **{
        f"{table}.{column} {word!r}": Cell(table, row, column, word, "one of ")
        for (table, column), (row, word) in OTHER_WORDS.items()
    },
    **{f"a day with {name}": Cell("events", 2, "on", text, DAY) for name, text in BAD_DAYS.items()},
    "a day with dashes that aren't hyphens": Cell(
        "events", 2, "on", "2021–01–04", DAY, found="'2021–01–04'"
    ),
    "a day that is nothing": Cell("meetings", 2, "held_on", "", DAY),
    **{
        f"{column} {text!r}": Cell(table, row, column, text, form)
        for (table, row, column, form), texts in BAD_NUMBERS.items()
        for text in texts
    },
    **{f"a reference with {name}": Cell("events", 2, "ref", text, REF) for name, text in BAD_REFERENCES.items()},
    "an earlier reference in small letters": Cell("lineage", 2, "earlier_ref", "dp301", REF),
    "a meeting's reference in small letters": Cell("meetings", 2, "ref", "mp301", REF),
    **{f"a title with {name}": Cell("modifications", 2, "title", text, TEXT) for name, text in UNSEEN.items()},
    "a release with a no-break space": Cell("releases", 2, "release", "June\xa02021 SEC Release", TEXT),
    "an organisation with a zero-width joiner": Cell(
        "modifications", 2, "proposer_organisation", "Example\u200d Ltd", TEXT
    ),
    **{f"an address {text!r}": Cell("sources", 3, "url", text, "an http:// or https:// address") for text in BAD_ADDRESSES},
    **{f"a month {text!r}": Cell("published_figures", 2, "month", text, MONTH) for text in BAD_MONTHS},
    **{f"a key {text!r}": Cell("published_figures", 2, "key", text, KEY) for text in BAD_KEYS},
    "returned before accepted": Cell("assessments", 2, "returned_on", "2021-01-06", "on or after accepted_on"),
    "returned and open": Cell(
        "assessments", 3, "returned_on", "2021-02-28", "blank where state is open or requested"
    ),
    "closed before opened": Cell("consultations", 2, "closed_on", "2021-01-05", "on or after opened_on"),
    "a precision without its day": Cell("events", 2, "on", "", WITH_DAY, found="'day'", other="precision"),
    "a day without its precision": Cell("lineage", 2, "precision", "", WITH_DAY),
    "an item's day without its precision": Cell("release_items", 2, "precision", "", WITH_DAY),
    "a source's precision without its day": Cell(
        "sources", 3, "published_on", "", "stated where published_on is",
        found="'not_before'", other="published_precision",
    ),
    "an event's month that begins late": Cell(
        "events", 2, "precision", "month", FIRST_OF_MONTH, found="'2021-01-04'", other="on"
    ),
    "a conversion's month that begins late": Cell(
        "lineage", 2, "precision", "month", FIRST_OF_MONTH, found="'2021-01-08'", other="on"
    ),
    "an item's month that begins late": Cell(
        "release_items", 2, "precision", "month", FIRST_OF_MONTH, found="'2021-02-24'", other="on"
    ),
    "an outcome of what has none": Cell("events", 2, "outcome", "approved", "blank unless event is voted"),
    "a stage of what isn't seen": Cell("events", 2, "stage", "report", "stated where event is observed"),
    "seen, but not in which stage": Cell("events", 4, "stage", "", "stated where event is observed"),
    "a value without its print": Cell(
        "published_figures", 3, "printed", "", "blank where printed is blank", found="'36'", other="value"
    ),
    "raised after its report": Cell("events", 2, "on", "2021-03-06", PUBLISHED, found="2021-03-06"),
    "held after its report": Cell(
        "meetings", 3, "status", "held", PUBLISHED, found="2021-04-07", other="held_on"
    ),
    "requested after its report": Cell(
        "assessments", 3, "requested_on", "2021-03-06", PUBLISHED, found="2021-03-06"
    ),
    "accepted after its report": Cell(
        "assessments", 3, "accepted_on", "2021-03-08", PUBLISHED, found="2021-03-08"
    ),
    "open after its report": Cell("assessments", 3, "state_on", "2021-03-31", PUBLISHED, found="2021-03-31"),
    "opened after its report": Cell(
        "consultations", 3, "opened_on", "2021-03-08", PUBLISHED, found="2021-03-08"
    ),
    "in force after its report": Cell(
        "releases", 3, "in_force_on", "2021-06-24", PUBLISHED, found="2021-06-24"
    ),
    "planned after its report, stated later still": Cell(
        "releases", 2, "stated_on", "2021-03-08", PUBLISHED, found="2021-03-08"
    ),
    "implemented after its report": Cell(
        "release_items", 3, "on", "2021-06-24", PUBLISHED, found="2021-06-24"
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def reported_cells(
    built: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Told, dict[str, tuple[str, int]]]:
    """What one build says of all bad cells, and in which row of which file each stands."""
    folder = Path(shutil.copytree(built, tmp_path_factory.mktemp("cells") / "project"))
    rows = {table: list(csv.reader(io.StringIO(text))) for table, text in SOUND.items()}
    places = {}
    for number, (case, bad) in enumerate(CELLS.items()):
        row = list(rows[bad.table][bad.row - 1])
        row[0 if bad.table == "sources" else -1] = f"case-{number}"
        row[rows[bad.table][0].index(bad.column)] = bad.text
        rows[bad.table].append(row)
        places[case] = bad.table, len(rows[bad.table])
    for table, cells in rows.items():
        with (folder / "raw" / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(cells)
    before = contents(folder / "processed")
    reported = build(folder)
    assert (reported.exit, reported.out) == (2, "")
    assert contents(folder / "processed") == before
    return reported, places


@pytest.mark.parametrize("case", CELLS)
def test_each_bad_cell_is_listed(reported_cells: tuple[Told, dict[str, tuple[str, int]]], case: str) -> None:
    reported, places = reported_cells
    table, row = places[case]
    lines = [
        line
        for line in reported.err.splitlines()
        if line.startswith((at(table, row) + ",", at(table, row) + ":"))
    ]
    assert len(lines) == 1, lines
    check_line(lines[0], CELLS[case].fault(row))


def test_of_bad_cells_nothing_else_is_listed(reported_cells: tuple[Told, object]) -> None:
    """One fault each, in the order of tables and rows."""
    lines = reported_cells[0].err.splitlines()
    assert lines[0] == f"secanalysis: {len(CELLS)} faults in the tables; nothing was written"
    assert len(lines) == 1 + len(CELLS)
    places = [re.match(r"(\w+)\.csv, row ([0-9]+),", line) for line in lines[1:]]
    order = [(place[1], int(place[2])) for place in places if place]
    assert order == sorted(order)
    assert len(order) == len(CELLS)


# Sound after all --------------------------------------------------------------------------------

ACCEPTED: dict[str, tuple[Damage, dict[str, int]]] = {  # and how many rows there are then, where not as before
    "line ends of Windows": (whole("events", lambda data: data.replace(b"\n", b"\r\n")), {}),
    "line ends of old Macs": (whole("events", lambda data: data.replace(b"\n", b"\r")), {}),
    "line ends of all kinds": (swap("events", b"line 1\n", b"line 1\r\n"), {}),
    "no line end at the end": (whole("events", bytes.rstrip), {}),
    "all cells in quotes": (
        whole("events", lambda data: b'"' + data.rstrip().replace(b",", b'","').replace(b"\n", b'"\n"') + b'"'),
        {},
    ),
    "a heading and no rows": (whole("events", lambda data: data.partition(b"\n")[0]), {"events": 0}),
    "the same fact at two places": (
        whole("lineage", lambda data: data + data.splitlines()[1] + b" again\n"),
        {"lineage": 3},
    ),
    "the same fact from two sources": (
        whole("lineage", lambda data: data + data.splitlines()[1].replace(b"page", b"report")),
        {"lineage": 3},
    ),
    "an earlier reference that nothing else names": (cell("lineage", 3, "earlier_ref", "MP999"), {}),
    "words that mean nothing elsewhere": (cell("modifications", 2, "title", "NaN"), {}),
    "a title of a word for nothing": (cell("modifications", 2, "title", "null"), {}),
    "a title like a formula": (cell("modifications", 2, "title", "=1+1"), {}),
    "a title like a path": (cell("modifications", 2, "title", "../../etc/passwd"), {}),
    "letters of other alphabets": (cell("modifications", 2, "title", "Лампы – ランプ é"), {}),
    "quotes inside an unquoted title": (cell("modifications", 2, "title", 'Lamps "that tell"'), {}),
    "as many characters as a cell may have": (cell("modifications", 2, "title", "L" * 100_000), {}),
    "29 February of a leap year": (cell("events", 2, "on", "2020-02-29"), {}),
    "the first day and the last": (
        both(cell("events", 2, "on", "2005-01-01"), cell("meetings", 3, "held_on", "2099-12-31")),
        {},
    ),
    "a fact after its source's lower bound": (cell("events", 4, "on", "2021-02-02"), {}),
    "another kind of file beside the tables": (lambda raw: (raw / "README.md").write_text("mine"), {}),
    "an editor's lock beside the tables": (lambda raw: (raw / ".~lock.events.csv").write_text("x"), {}),
}  # fmt: skip


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_is_sound_is_taken_whole(built: Path, tmp_path: Path, case: str) -> None:
    """Cell by cell as another reader of CSV finds them in the files."""
    project = Path(shutil.copytree(built, tmp_path / "project"))
    damage, rows = ACCEPTED[case]
    damage(project / "raw")
    reported = build(project)
    assert (reported.exit, reported.err) == (0, "")
    taken = compare(project)
    usual = {table: text.count("\n") - 1 for table, text in SOUND.items()}
    assert {table: taken[table] for table in SOUND} == usual | rows


def compare(folder: Path) -> dict[str, int]:
    """Hold what was built against its files, cell by cell, and against what would be written again; rows by table."""
    tables = storage.read_processed(folder / "processed")
    taken = {}
    for table, frame in tables.items():
        path = folder / "raw" / f"{table}.csv"
        if table not in schemas.TABLES and not path.exists():
            assert frame.empty
            continue
        cells = pd.read_csv(path, dtype="str", keep_default_na=False, skip_blank_lines=False)
        usual, every, _ = table_columns.headings(table)
        seldom = [*table_columns.seldom_filled(table)]
        # a file may have the columns that are seldom filled or do without, but not where one of them is filled
        assert list(cells) == every or (list(cells) == usual and frame[seldom].isna().all(axis=None))
        assert len(cells) == len(frame)
        for name in cells:
            for text, value in zip(cells[name], frame[name], strict=True):
                assert as_written(value, text) == text, (table, name, text, value)
        again, faults = csv_reader.read_csv(written(frame, folder / "again.csv", table), table)
        assert not faults
        assert again.drop(columns="line").equals(frame), table
        taken[table] = len(frame)
    return taken


def written(frame: pd.DataFrame, path: Path, table: str) -> Path:
    """A table written as a file."""
    path.write_text(storage.csv_text(frame, table), encoding="utf-8", newline="")
    return path


def as_written(value: Any, text: str) -> str:
    """A typed value as its file has it, if a number then however that is written there."""
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, str):
        return value
    return text if abs(Decimal(text) - Decimal(float(value))) < Decimal("1e-9") else repr(value)


# As a process -----------------------------------------------------------------------------------


def installed(folder: Path, *before: str) -> subprocess.CompletedProcess[str]:
    """The same command as a process of its own."""
    words = ["build", "--raw", str(folder / "raw"), "--processed", str(folder / "processed")]
    return subprocess.run([*before, *SECANALYSIS, *words], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "case",
    [
        "Latin-1 in a title",
        "a pipe that nobody writes to",
    ],
)
def test_a_process_says_the_same(project: Path, case: str) -> None:
    damage, expected = CORPUS[case]
    damage(project / "raw")
    before = contents(project / "processed")
    done = installed(project)
    check(Told(done.returncode, done.stdout, done.stderr), expected)
    assert contents(project / "processed") == before


def test_a_file_that_may_not_be_read(project: Path) -> None:
    """Root may read everything, so it gives up what it can do."""
    ordinary = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    (project / "raw" / "events.csv").chmod(0)
    done = installed(project, *ordinary)
    check(
        Told(done.returncode, done.stdout, done.stderr),
        [(at("events", 0), "a file that can't be read (Permission denied)", "a readable file")],
    )


# By chance --------------------------------------------------------------------------------------

RAW = ROOT / "data" / "raw"
REAL = sorted(path.stem for path in RAW.glob("*.csv"))
FAULT = re.compile(
    r"(?P<table>[a-z_]+)\.csv(?:, row (?P<row>[0-9]+))?(?:, column (?P<column>.+?))?: found .+; expected .+"
)


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for damaged copies of the real tables, with what was built of sound ones."""
    folder = tmp_path_factory.mktemp("chance")
    shutil.copytree(RAW, folder / "raw")
    assert build(folder).exit == 0
    return folder


def damaged(folder: Path, table: str, struck: list[tuple[Blow, bytes]], alone: bool) -> Told:
    """Damage one of the real tables, build, and hold what happened against what may."""
    for name in REAL:
        data = (RAW / f"{name}.csv").read_bytes()
        if alone and name not in (table, "sources"):
            data = data.partition(b"\n")[0] + b"\n"
        if name == table:
            for blow, unit in struck:
                data = blow.strike(data, unit)
        (folder / "raw" / f"{name}.csv").write_bytes(data)
    before = contents(folder / "processed")
    reported = build(folder)
    event("refused" if reported.exit else "taken")
    if reported.exit == 0:
        assert reported.err == ""
        taken = compare(folder)
        rows, sources = sum(taken.values()) - taken["sources"], taken["sources"]
        words = f"{counted(rows, 'statement')} of {counted(sources, 'source')}, all sound: "
        assert reported.out.startswith(words)
        return reported
    assert (reported.exit, reported.out) == (2, "")
    assert contents(folder / "processed") == before
    first, *faults = reported.err.splitlines()
    count = int(
        re.fullmatch(r"secanalysis: ([0-9,]+) faults? in the tables; nothing was written", first)[1].replace(
            ",", ""
        )
    )  # type: ignore[index]
    assert len(faults) == count > 0
    for line in faults:
        result = FAULT.fullmatch(line)
        assert result, line
        data = (folder / "raw" / f"{result['table']}.csv").read_bytes()
        assert int(result["row"] or 0) <= len(re.findall(rb"\r\n|\r|\n", data)) + 1, line
    return reported


cases = st.tuples(
    st.sampled_from(REAL),
    st.lists(st.tuples(blows, st.sampled_from((b"", b"", b"\n", b","))), min_size=1, max_size=3),
)
usual = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@given(cases)
@settings(usual, max_examples=50)
def test_damage_by_chance(yard: Path, case: tuple[str, list[tuple[Blow, bytes]]]) -> None:
    """To one of the real tables, with the sources beside it."""
    damaged(yard, *case, alone=True)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@given(cases, st.sampled_from((True,) * 9 + (False,)))
@settings(usual, max_examples=10_000, derandomize=False)
def test_damage_by_chance_for_long(
    yard: Path, case: tuple[str, list[tuple[Blow, bytes]]], alone: bool
) -> None:
    """Also with all the other tables beside it."""
    damaged(yard, *case, alone=alone)
