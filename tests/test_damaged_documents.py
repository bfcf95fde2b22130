"""Damaged and hostile documents: a sentence and exit 2, or their lines listed; the tables as they were.

The first part is a corpus of what can be wrong with a document, each with the sentence that it has to give. The
second proves the bounds on time and memory, the third damages sound documents by chance. All go through
``secanalysis ingest``.
"""

from __future__ import annotations

import http.server
import io
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from damage import Blow, Told, blows, command, contents
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from secanalysis.ingest import sandbox
from secanalysis.ingest.importing import read
from secanalysis.ingest.reading import Reading
from secanalysis.statements import storage

FIXTURES = Path(__file__).parent / "fixtures"
TEXT, PDF = FIXTURES / "synthetic-report.txt", FIXTURES / "synthetic-report.pdf"
DAY = ("--published-on", "2027-03-05")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tables, which no test changes."""
    into = tmp_path_factory.mktemp("filled") / "raw"
    assert command("ingest", TEXT, "--into", into, "--source-id", "sound").exit == 0
    return into


def refused(into: Path, sentence: str, *words: str | Path) -> str:
    """Refused with a sentence, and the tables as they were."""
    before = contents(into.parent)
    done = command("ingest", *words, "--into", into)
    assert (done.exit, done.out) == (2, ""), done
    assert done.err.startswith("secanalysis: ")
    assert sentence in done.err
    assert contents(into.parent) == before
    return done.err


# Making documents -------------------------------------------------------------------------------

Make = Callable[[Path], Path]


def holding(name: str, data: bytes | str) -> Make:
    """A file of these bytes."""

    def make(folder: Path) -> Path:
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
        return folder / name

    return make


def report_with(old: str, new: str) -> Make:
    """The made-up report with one text in the place of another."""

    def make(folder: Path) -> Path:
        text = TEXT.read_text(encoding="utf-8")
        assert old in text
        return holding("report.txt", text.replace(old, new, 1))(folder)

    return make


def large(name: str, size: int) -> Make:
    """A file of noughts that takes no room on the disk."""

    def make(folder: Path) -> Path:
        with (folder / name).open("wb") as file:
            file.truncate(size)
        return folder / name

    return make


def pdf_of(*objects: str | bytes, trailer: str = "") -> bytes:
    """A PDF of these objects; the first is the catalogue."""
    out, offsets = b"%PDF-1.4\n", []
    for at, part in enumerate(objects, start=1):
        offsets.append(f"{len(out):010} 00000 n \n")
        body = part.encode("latin-1") if isinstance(part, str) else part
        out += f"{at} 0 obj\n".encode() + body + b"\nendobj\n"
    size = len(objects) + 1
    table = f"xref\n0 {size}\n0000000000 65535 f \n{''.join(offsets)}"
    return (
        out + f"{table}trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{len(out)}\n%%EOF".encode()
    )


def packed(data: bytes) -> bytes:
    """A PDF's stream."""
    small = zlib.compress(data, 9)
    return f"<</Length {len(small)}/Filter/FlateDecode>>\nstream\n".encode() + small + b"\nendstream"


CATALOGUE, ONE_PAGE = "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"
BLANK_PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>"
PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>{}>>"
FONT = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
LOCKED = f"<</Filter/Standard/V 1/R 2/P -4/O<{'41' * 32}>/U<{'42' * 32}>>>"
WORDS = b"BT /F 12 Tf 50 700 Td (Panel paper) Tj ET\n"


def page_of(content: bytes, *more: str | bytes, extra: str = "", catalogue: str = CATALOGUE) -> bytes:
    """A PDF of one page with this content."""
    return pdf_of(catalogue, ONE_PAGE, PAGE.format(extra), packed(content), FONT, *more)


def report_content() -> bytes:
    """The made-up report's lines as what a PDF's page draws."""
    lines = TEXT.read_text(encoding="utf-8").splitlines()
    escaped = [re.sub(r"([()\\])", r"\\\1", line) for line in lines]
    shown = "".join(f"({line}) Tj T*\n" for line in escaped).encode("cp1252")
    return b"BT /F 8 Tf 9 TL 30 1960 Td\n" + shown + b"ET"


CONTENT = report_content()


def with_content(content: bytes, *more: str | bytes, extra: str = "", catalogue: str = CATALOGUE) -> bytes:
    """A PDF of one long page."""
    page = PAGE.replace("612 792", "612 2000").format(extra)
    font = FONT.replace(">>", "/Encoding/WinAnsiEncoding>>")
    return pdf_of(catalogue, ONE_PAGE, page, packed(content), font, *more)


def unpacked(content: bytes, said: int) -> bytes:
    """A PDF of one long page whose content isn't packed, and says how long it is."""
    stream = f"<</Length {said}>>\nstream\n".encode() + content + b"\nendstream"
    return pdf_of(CATALOGUE, ONE_PAGE, PAGE.replace("612 792", "612 2000").format(""), stream, FONT)


def cut(data: bytes, share: float) -> bytes:
    """The first part of a file."""
    return data[: int(len(data) * share)]


def book(*rows: list[Any], sheet: str = "events") -> bytes:
    """A workbook of one sheet."""
    workbook = Workbook()
    workbook.active.title = sheet
    for row in rows or (
        ["ref", "event", "on"],
        ["MP301", "raised", date(2026, 2, 1)],
        ["MP302", "raised", None],
    ):
        workbook.active.append(row)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def edited(edit: Callable[[Any], object]) -> bytes:
    """A workbook after an edit by openpyxl."""
    workbook = load_workbook(io.BytesIO(book()))
    edit(workbook["events"])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def with_parts(parts: dict[str, bytes], data: bytes = b"") -> bytes:
    """A workbook with some parts more, or others in the place of its own."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data or book())) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return out.getvalue()


def part_edited(name: str, old: bytes, new: bytes, data: bytes = b"") -> bytes:
    """A workbook with some bytes of a part in the place of others."""
    with zipfile.ZipFile(io.BytesIO(data or book())) as parts:
        part = parts.read(name)
    assert old in part, part
    return with_parts({name: part.replace(old, new, 1)}, data)


def flipped(data: bytes, after: bytes, distance: int) -> bytes:
    """A file of which one byte is wrong."""
    at = data.index(after) + distance
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def lying(data: bytes) -> bytes:
    """A workbook whose first sheet is said to unpack to less than it does."""
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(SHEET.encode()))
    return data[: at + 24] + struct.pack("<I", 10) + data[at + 28 :]


# The corpus -------------------------------------------------------------------------------------

TEXTS: dict[str, tuple[Make, str]] = {
    "no bytes": (holding("empty.txt", b""), "empty.txt is empty"),
    "nothing but blanks": (holding("blank.txt", b"\n  \n"), "holds nothing but blanks"),
    "a program": (holding("binary.txt", b"\x7fELF\x00\x01\x02" * 99), "isn't text"),
    "a PDF that calls itself text": (holding("report.txt", PDF.read_bytes()), "isn't text"),
    "a letter of Windows": (
        holding("latin.txt", "Change\nStatus – é".encode("cp1252")),
        "latin.txt, line 2: a byte that is no UTF-8 (0x96)",
    ),
    "UTF-16": (holding("wide.txt", "Change Status Report".encode("utf-16")), "UTF-16 text: save it as UTF-8"),
    "a bell": (holding("bell.txt", b"Change Status Report\n\x07"), "line 2: a control character (0x07)"),
    "a control character of Latin-1": (
        holding("c1.txt", "Change Status Report\n\n\x9b31m"),
        "line 3: a control character (0x9b)",
    ),
    "another kind of report": (
        holding("other.txt", b"Panel paper\n\nSomething else.\n"),
        "other.txt isn't a Change Status Report: no such title",
    ),
    "a web page": (
        holding("page.txt", "<!DOCTYPE html>\n<title>Sign in</title>\n"),
        "isn't a Change Status Report: no such title",
    ),
    "the title and nothing of the report": (
        holding("named.txt", b"Change Status Report - August 2020\n\nSome.\n"),
        "not the report's headings",
    ),
    "a month that isn't one": (
        holding("report.txt", TEXT.read_text(encoding="utf-8").replace("March 2027", "Smarch 2027")),
        "its cover names no month, such as 'August 2020'",
    ),
    "a date that isn't one": (
        report_with("5 March 2027", "31 February 2027"),
        "there is no 31 February 2027",
    ),
    "a date of another year": (report_with("5 March 2027", "5 March 2026"), "but dated 5 March 2026"),
    "a line of a page's length": (
        holding("long.txt", b"Change Status Report" + b"x" * 5000),
        "line 1: 5,020 characters",
    ),
    "a book": (
        holding("lines.txt", b"Change Status Report\n" + b"One line.\n" * 30_000),
        "has 30,002 lines: no Change Status Report has more than 20,000",
    ),
    "40 MB of line ends": (
        holding("ends.txt", b"\n" * 40_000_000),
        "has 40 MB: that is no Change Status Report",
    ),
    "200 MB": (large("large.txt", 200_000_000), "large.txt has 200 MB: more than 50 MB is no report"),
    "a kind that isn't read": (
        holding("report.docx", b"PK"),
        "isn't of a kind that can be read: save it as .pdf",
    ),
    "a name without a kind": (holding("report", b"Change Status Report"), "reports are .txt or .pdf"),
    "no file": (lambda folder: folder / "absent.txt", "no file"),
    "a folder": (lambda folder: folder, "isn't a file"),
    "a device": (lambda folder: Path("/dev/zero"), "/dev/zero isn't a file"),
    "a name that can't be shown": (
        holding("a\x1b[31m.txt", b"x"),
        r"can't be seen, 'a\x1b[31m.txt': rename it",
    ),
    "a name that isn't UTF-8": (
        holding(b"\xff.txt".decode("utf-8", "surrogateescape"), b"x"),
        r"can't be seen, '\udcff.txt': rename it",
    ),
}

PDFS: dict[str, tuple[Make, str]] = {
    "no bytes": (holding("empty.pdf", b""), "empty.pdf is empty"),
    "other data": (holding("fake.pdf", b"hello"), "isn't a PDF: its name says so"),
    "only its beginning": (holding("begin.pdf", b"%PDF-1.4\nnothing"), "isn't a PDF that can be read"),
    "a third of it": (
        holding("third.pdf", cut(PDF.read_bytes(), 1 / 3)),
        "third.pdf isn't a PDF that can be read",
    ),
    "all but its end": (
        holding("end.pdf", cut(PDF.read_bytes(), 0.98)),
        "end.pdf isn't a PDF that can be read",
    ),
    "a page's end of which a line is gone, so that no part stands where the list says": (
        holding("shifted.pdf", PDF.read_bytes().replace(b"endstream\nendobj\n10 0 obj", b"endobj\n10 0 obj")),
        "shifted.pdf is damaged: its list of parts can't be read",
    ),
    "what a page shows isn't where the list says": (
        holding("astray.pdf", PDF.read_bytes().replace(b"\n10 0 obj", b"\n10 0 job")),
        "astray.pdf is damaged: what page 3 shows can't be read",
    ),
    "what a page shows doesn't say how long it is": (
        holding("endless.pdf", PDF.read_bytes().replace(b"/Length 3291>>", b"/Length 3291\0>")),
        "endless.pdf is damaged: what page 3 shows can't be read",
    ),
    "what a page shows is longer than it says, and isn't packed": (
        holding("longer.pdf", unpacked(CONTENT, said=len(CONTENT) - 200)),
        "longer.pdf is damaged: what page 1 shows can't be read",
    ),
    "a page of which one byte is wrong": (
        holding("flipped.pdf", flipped(page_of(WORDS), b"stream\n", 20)),
        "flipped.pdf isn't a PDF that can be read",
    ),
    "only a picture": (
        holding("picture.pdf", pdf_of(CATALOGUE, ONE_PAGE, BLANK_PAGE)),
        "has no text, only pictures of pages: make them text first",
    ),
    "a password": (
        holding(
            "locked.pdf",
            pdf_of(CATALOGUE, ONE_PAGE, BLANK_PAGE, LOCKED, trailer="/Encrypt 4 0 R/ID[<41><41>]"),
        ),
        "locked.pdf needs a password: save it without one",
    ),
    "another kind of report": (
        holding("other.pdf", page_of(WORDS)),
        "other.pdf isn't a Change Status Report: no such title",
    ),
    "a book": (
        holding(
            "book.pdf",
            pdf_of(
                CATALOGUE,
                f"<</Type/Pages/Kids[{' '.join(f'{at} 0 R' for at in range(3, 204))}]/Count 201>>",
                *[BLANK_PAGE] * 201,
            ),
        ),
        "has 201 pages: no report has more than 200",
    ),
    "no pages": (
        holding("none.pdf", pdf_of(CATALOGUE, "<</Type/Pages/Kids[]/Count 0>>")),
        "none.pdf has no pages: it is damaged",
    ),
    "a page that is no page": (
        holding(
            "lost.pdf",
            with_content(CONTENT).replace(b"/Kids[3 0 R]/Count 1", b"/Kids[3 0 R 3 7 R]/Count 2", 1),
        ),
        "lost.pdf is damaged: of 2 pages 1 can be read",
    ),
    "pages in a circle": (
        holding("circle.pdf", pdf_of(CATALOGUE, "<</Type/Pages/Kids[2 0 R]/Count 1>>")),
        "circle.pdf has no pages: it is damaged",
    ),
    "parts in parts, fifty thousand deep": (
        holding(
            "deep.pdf",
            pdf_of(CATALOGUE, ONE_PAGE, BLANK_PAGE.replace("[0 0 99 99]", "[" * 50_000 + "]" * 50_000)),
        ),
        "deep.pdf can't be opened: its parts are nested too deep",
    ),
    "pages below pages, five thousand deep": (
        holding(
            "tree.pdf",
            pdf_of(
                CATALOGUE,
                *(f"<</Type/Pages/Kids[{at} 0 R]/Count 1>>" for at in range(3, 5_003)),
                "<</Type/Page/MediaBox[0 0 9 9]>>",
            ),
        ),
        "tree.pdf can't be opened: its parts are nested too deep",
    ),
    "200 MB": (large("large.pdf", 200_000_000), "large.pdf has 200 MB"),
}

BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
LONG_STRING = f"<sst><si><t>{'x' * 30_000}</t></si></sst>".encode()

WORKBOOKS: dict[str, tuple[Make, str]] = {
    "no bytes": (holding("empty.xlsx", b""), "empty.xlsx is empty"),
    "other data": (holding("fake.xlsx", b"hello"), "fake.xlsx isn't a workbook: .xlsx was expected"),
    "an old workbook, or one with a password": (
        holding("old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        "is an old .xls or needs a password",
    ),
    "an archive of something else": (
        holding("parts.xlsx", b"PK\x05\x06" + bytes(18)),
        "isn't a workbook: it has no xl/workbook.xml",
    ),
    "half of it": (
        holding("half.xlsx", cut(book(), 0.5)),
        "half.xlsx isn't a workbook that can be read: it is damaged",
    ),
    "a part of which one byte is wrong": (
        holding("flipped.xlsx", flipped(book(), SHEET.encode(), len(SHEET) + 12)),
        "flipped.xlsx isn't a workbook that can be read",
    ),
    "a sheet that breaks off": (
        holding("broken.xlsx", part_edited(SHEET, b"</sheetData>", b"<row><c>")),
        "broken.xlsx isn't a workbook that can be read",
    ),
    "a formula": (
        holding(
            "formula.xlsx", edited(lambda sheet: sheet.__setitem__("B2", '=HYPERLINK("http://example.org")'))
        ),
        "holds a formula (sheet 'events', cell B2): paste values in its place",
    ),
    "an error": (
        holding(
            "error.xlsx",
            part_edited(
                SHEET,
                b'<c r="B2" t="inlineStr"><is><t>raised</t></is></c>',
                b'<c r="B2" t="e"><v>#REF!</v></c>',
            ),
        ),
        "holds an error (sheet 'events', cell B2)",
    ),
    "merged headings": (
        holding("merged.xlsx", edited(lambda sheet: sheet.merge_cells("A1:B1"))),
        "has merged cells (sheet 'events', A1:B1): each column needs a heading of its own",
    ),
    "macros": (holding("macros.xlsx", with_parts({"xl/vbaProject.bin": b"x"})), "holds macros"),
    "macros of old": (
        holding("xlm.xlsx", with_parts({"xl/macrosheets/sheet1.xml": b"<x/>"})),
        "xlm.xlsx holds macros",
    ),
    "macros by its name": (holding("book.xlsm", b"PK"), "it holds macros: save it as .xlsx"),
    "a cell in the last corner": (
        holding("far.xlsx", edited(lambda sheet: sheet.__setitem__("XFD1048576", 1))),
        "has 17,179,869,184 cells up to its last one (sheet 'events')",
    ),
    "a part that unpacks to fifty times as much": (
        holding("bomb.xlsx", with_parts({"xl/worksheets/bomb.xml": b"0" * 50_000_000})),
        "is packed more than 200 times over",
    ),
    "parts that together unpack to too much": (
        holding("big.xlsx", with_parts({f"xl/media/{at}": os.urandom(6_000) * 2_000 for at in range(26)})),
        "unpacks to 312,",
    ),
    "a part that unpacks to more than it says": (
        holding("lying.xlsx", lying(book())),
        "lying.xlsx isn't a workbook that can be read",
    ),
    "thousands of parts": (
        holding("many.xlsx", with_parts({f"xl/media/{at}": b"" for at in range(2_001)})),
        "parts: it is no register",
    ),
    "one long string in thousands of cells": (
        holding(
            "strings.xlsx",
            with_parts(
                {
                    "xl/sharedStrings.xml": LONG_STRING,
                    SHEET: b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
                    + b"".join(
                        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (at, at)
                        for at in range(1, 1_001)
                    )
                    + b"</sheetData></worksheet>",
                    "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                    b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
                    b'<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/>'
                    b"</Relationships>",
                }
            ),
        ),
        "holds more than 20,000,000 characters",
    ),
    "entities in entities": (
        holding("entities.xlsx", with_parts({"xl/entities.xml": BOMB})),
        "declares entities (xl/entities.xml): no spreadsheet program writes that",
    ),
    "an entity from outside": (
        holding("outside.xlsx", with_parts({"xl/sharedStrings.xml": OUTSIDE})),
        "declares entities (xl/sharedStrings.xml)",
    ),
    "a part in UTF-16": (
        holding("wide.xlsx", with_parts({"xl/wide.xml": "<x/>".encode("utf-16")})),
        "isn't UTF-8",
    ),
    "a number without bound": (
        holding(
            "infinite.xlsx",
            part_edited(
                SHEET,
                b"<v>7</v>",
                b"<v>1E999</v>",
                book(["ref", "title"], ["MP301", 7], sheet="modifications"),
            ),
        ),
        "modifications, row 2, title: found what is no number",
    ),
    "a number that no whole number holds": (
        holding(
            "huge.xlsx",
            part_edited(
                SHEET,
                b"<v>7</v>",
                b"<v>1E300</v>",
                book(["ref", "kind", "target_wd"], ["MP301", "PA", 7], sheet="assessments"),
            ),
        ),
        "assessments, row 2, target_wd: found '1e+300'; expected a whole number from 1 to 999",
    ),
    "a day as a number": (
        holding("serial.xlsx", book(["ref", "event", "on"], ["MP301", "raised", 44050])),
        "events, row 2, on: found the number 44050 (if days are Excel's serial numbers, the mapping must say so",
    ),
    "a day in the order of one country": (
        holding("order.xlsx", book(["ref", "event", "on"], ["MP301", "raised", "07/08/2020"])),
        "events, row 2, on: found '07/08/2020' (the mapping must say which order it is",
    ),
    "a day that isn't one": (
        holding("day.xlsx", book(["ref", "event", "on"], ["MP301", "raised", "2020-02-31"])),
        "events, row 2, on: found '2020-02-31', which is no day",
    ),
    "a heading twice": (
        holding("twice.xlsx", book(["ref", "event", "event"], ["MP301", "raised", "voted"])),
        "found 2 columns 'event'",
    ),
    "a heading misspelt": (
        holding("misspelt.xlsx", book(["ref", "evnt"], ["MP301", "raised"])),
        "misspelt.xlsx, events: no column evnt in events; expected some of ref, event,",
    ),
    "headings of nothing of ours": (
        holding("other.xlsx", book(["Name", "Price"], ["Tea", 2], sheet="Shop")),
        "sheet 'Shop': neither its name nor its headings are those of one table",
    ),
    "a reference with a look-alike letter": (
        holding("alike.xlsx", book(["ref", "event"], ["МP301", "raised"])),
        r"events, row 2, ref: found '\u041cP301'; expected a reference",
    ),
    "no rows": (holding("none.xlsx", book(["ref", "event"])), "none.xlsx holds no rows"),
}

EVENTS = "ref,event,on\nMP301,raised,2026-02-01\n"
REGISTERS: dict[str, tuple[Make, str]] = {
    "no bytes": (holding("events.csv", ""), "events.csv is empty"),
    "a workbook that calls itself CSV": (holding("events.csv", book()), "events.csv"),
    "a quote that is never closed": (
        holding("events.csv", EVENTS + 'MP302,"raised,2026-02-01\n'),
        "events.csv, row 3: found a quote that is never closed",
    ),
    "text after a closing quote": (
        holding("events.csv", EVENTS + 'MP302,"raised" late,2026-02-01\n'),
        "events.csv, row 3: found text after the quote that ends a cell",
    ),
    "a row too long": (
        holding("events.csv", EVENTS + "MP302,raised,2026-02-01,more\n"),
        "row 3: found 4 cells; expected 3, as in the heading",
    ),
    "a row that breaks off": (
        holding("events.csv", EVENTS + "MP302,raised"),
        "row 3: found 2 cells; expected 3, as in the heading",
    ),
    "a cell of a million characters": (
        holding("events.csv", EVENTS + f"MP302,{'x' * 1_000_000},\n"),
        "events.csv, row 3: found a cell of more than 100,000 characters",
    ),
    "40 MB of line ends": (
        holding("events.csv", EVENTS.encode() + b"\n" * 40_000_000),
        "events.csv has more than 200,000 rows: it is no register",
    ),
    "40 MB of commas": (
        holding("events.csv", EVENTS.encode() + b"," * 40_000_000),
        "events.csv, row 3: found 40,000,001 cells; no register has more than 16,384",
    ),
    "a day as a number": (
        holding("events.csv", "ref,event,on\nMP301,raised,44050\n"),
        "row 2, on: found '44050'; expected a day",
    ),
    "a word that isn't ours": (
        holding("events.csv", "ref,event\nMP301,sung\n"),
        "row 2, event: found 'sung'; expected one of raised, converted,",
    ),
    "returned before accepted": (
        holding("assessments.csv", "ref,kind,accepted_on,returned_on\nMP301,PA,2026-02-02,2026-02-01\n"),
        "row 2, returned_on: found '2026-02-01'; expected on or after accepted_on",
    ),
    "a fact of later than its export": (
        holding("events.csv", "ref,event,on\nMP301,raised,2027-03-06\n"),
        "row 2, on: found 2027-03-06; expected a day up to 2027-03-05, its source's own",
    ),
    "an unseen space in a reference": (
        holding("events.csv", "ref,event\nMP3\u200b01,raised\n"),
        r"row 2, ref: found 'MP3\u200b01'; expected a reference",
    ),
    "an unseen turn of direction in a title": (
        holding("modifications.csv", "ref,title\nMP301,Lamps \u202espmaL\n"),
        r"row 2, title: found 'Lamps \u202espmaL'; expected text without line breaks, unseen or lost characters",
    ),
}

LAUGHS = "a0: &a0 [ha, ha]\n" + "".join(f"a{at}: &a{at} [*a{at - 1}, *a{at - 1}]\n" for at in range(1, 60))
MAPPINGS: dict[str, tuple[str, str]] = {
    "lists of lists of lists": (LAUGHS, "map.yaml repeats parts of itself by aliases (*): write them out"),
    "brackets, a hundred thousand deep": (
        "[" * 99_999,
        "map.yaml isn't a mapping: its brackets are nested too deep",
    ),
    "dashes, forty thousand deep": ("- " * 40_000, "map.yaml isn't YAML"),
    "an object of Python": ("read: !!python/object/apply:os.system [echo]", "isn't YAML"),
    "a binary": ("\x00\x01", "isn't YAML"),
    "200 kB": ("# no\n" * 40_000, "map.yaml is no mapping: it has more than 100,000 bytes"),
    "a list for a heading": (
        "read: [{table: events, columns: {ref: [a, b]}}]",
        "found a list; expected a text",
    ),
    "a table of Python's": ("read: [{table: [events]}]", "found table a list; expected one of modifications"),
    "a day that isn't one": (
        "read: [{table: events, columns: {ref: ref}, values: {event: raised, on: soon}}]",
        "the mapping's value of on: found 'soon'; expected a day as YYYY-MM-DD",
    ),
    "a word that isn't ours": (
        "read: [{table: events, columns: {ref: ref}, values: {event: sung}}]",
        "row 2, event: found 'sung'; expected one of raised",
    ),
    "an order of days that nobody uses": (
        "{dates: backwards, read: [1]}",
        "found 'backwards'; expected one of iso",
    ),
}

OPTIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "a source_id that leads elsewhere": (
        ("--source-id", "../x"),
        "--source-id is '../x'; expected lower-case letters, digits and hyphens, up to 120",
    ),
    "a source_id too long": (("--source-id", "x" * 121), "expected lower-case letters, digits and hyphens, up to 120"),
    "no source_id": (("--source-id", ""), "--source-id is ''; expected lower-case letters"),
    "a day that isn't one": (("--published-on", "2027-02-30"), "'2027-02-30' is not a day: expected YYYY-MM-DD"),
    "a day of another form": (("--published-on", "05/03/2027"), "'05/03/2027' is not a day: expected YYYY-MM-DD"),
    "a day of another century": (("--published-on", "1927-03-05"), "--published-on is 1927-03-05; expected a day from 2005 to 2099"),
}  # fmt: skip

CORPUS = {
    **{f"text, {case}": sentence for case, sentence in TEXTS.items()},
    **{f"PDF, {case}": sentence for case, sentence in PDFS.items()},
    **{f"workbook, {case}": sentence for case, sentence in WORKBOOKS.items()},
    **{f"CSV, {case}": sentence for case, sentence in REGISTERS.items()},
}


@pytest.mark.parametrize("case", CORPUS)
def test_damaged_documents_are_refused_with_a_sentence(tmp_path: Path, filled: Path, case: str) -> None:
    make, sentence = CORPUS[case]
    register = case.startswith(("workbook", "CSV"))
    refused(filled, sentence, make(tmp_path), *(DAY if register else ()))


@pytest.mark.parametrize("case", MAPPINGS)
def test_damaged_mappings_are_refused_with_a_sentence(tmp_path: Path, filled: Path, case: str) -> None:
    text, sentence = MAPPINGS[case]
    mapping = holding("map.yaml", text)(tmp_path)
    refused(filled, sentence, holding("events.csv", EVENTS)(tmp_path), *DAY, "--mapping", mapping)


@pytest.mark.parametrize("case", OPTIONS)
@pytest.mark.parametrize("document", ["report.txt", "events.csv"])
def test_wrong_options_are_refused_with_a_sentence(
    tmp_path: Path, filled: Path, document: str, case: str
) -> None:
    words, sentence = OPTIONS[case]
    text = EVENTS if document == "events.csv" else TEXT.read_text(encoding="utf-8")
    given_day = DAY if document == "events.csv" and "--published-on" not in words else ()
    refused(filled, sentence, holding(document, text)(tmp_path), *given_day, *words)


# Read, with what couldn't be listed -------------------------------------------------------------


def listed(folder: Path, document: Path, *words: str) -> Told:
    """Read into a folder of its own."""
    result = command("ingest", document, "--into", folder / "raw", *words)
    assert result.exit == 0, result
    return result


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("MP301 IA 2 Jul 26 0 WD 172 WD", "a target of 0 WD"),
        ("MP301 IA 2 Jul 26 40 WD 999,999,999,999 WD", "found '999999999999'; expected a number from 0 to"),
        ("MP301 IA 2 Jul 26 40 WD 9,999,999,999,999,999,999,999 WD", "; expected a number from 0 to"),
    ],
)
def test_a_line_that_says_what_cannot_be_is_listed(tmp_path: Path, line: str, reason: str) -> None:
    """The rest of the report is read as before."""
    document = report_with("MP301 IA 2 Jul 22 40 WD 1,204 WD", line)(tmp_path)
    result = listed(tmp_path, document)
    listing = result.err.splitlines()
    assert [shown for shown in listing if line in shown] == [f"  line {number_of(document, line)}: {line}"]
    assert reason in result.err
    tables = storage.read_folder(tmp_path / "raw")
    assert tables["assessments"]["ref"].tolist().count("MP301") <= 1
    assert len(tables["events"]) == 10


def number_of(document: Path, line: str) -> int:
    """The number of a line in a file."""
    return document.read_text(encoding="utf-8").splitlines().index(line) + 1


def test_unseen_characters_of_print_are_not_part_of_a_title(tmp_path: Path) -> None:
    """Soft hyphens and zero-width spaces aren't printed; a no-break space is a space."""
    document = report_with("‘Lamps that tell", "‘La\xadmps\u200b that\xa0tell")(tmp_path)
    listed(tmp_path, document)
    titles = storage.read_folder(tmp_path / "raw")["modifications"]["title"].tolist()
    assert titles.count("Lamps that tell their hour") == 1


def test_a_page_that_is_not_packed_is_read(tmp_path: Path) -> None:
    document = holding("plain.pdf", unpacked(CONTENT, said=len(CONTENT)))(tmp_path)
    assert printed_rows(read(document))


def test_glyphs_without_a_letter_are_lost_and_their_lines_listed(tmp_path: Path) -> None:
    """A title isn't stored without them, nor is what a terminal would obey ever shown."""
    content = CONTENT.replace(b"MP301 \x91Lamps", b"MP301 \x91L\x07mps\x1b[31m")
    assert content != CONTENT
    result = listed(tmp_path, holding("report.pdf", with_content(content))(tmp_path))
    assert "\x1b" not in result.err + result.out
    assert "MP301 ‘L\ufffdmps\ufffd[31m that tell" in result.err
    titles = storage.read_folder(tmp_path / "raw")["modifications"]
    assert "MP301" not in titles["ref"].tolist()


# Ignored ----------------------------------------------------------------------------------------


@pytest.fixture
def listening() -> Iterator[tuple[str, list[str]]]:
    """A server of this machine, and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *words: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def rows_reported(document: Path, *words: str) -> dict[str, list[str]]:
    """All rows of a document, its place and source left out."""
    into = document.parent / f"raw-{document.stem}"
    assert command("ingest", document, "--into", into, *words).exit == 0
    return {
        table: sorted(
            frame.drop(columns=["source_id", "locator"], errors="ignore").to_csv(index=False).splitlines()
        )
        for table, frame in storage.read_folder(into).items()
        if table != "sources"
    }


def test_links_and_files_in_a_pdf_are_ignored(tmp_path: Path, listening: tuple[str, list[str]]) -> None:
    """Also what it asks to be run when it is opened."""
    address, asked = listening
    more = (
        f"<</Type/Annot/Subtype/Link/Rect[0 0 612 2000]/A<</S/URI/URI({address}/link)>>>>",
        f"<</S/JavaScript/JS(app.launchURL('{address}/script'))>>",
        "<</Type/Filespec/F(report.txt)/EF<</F 9 0 R>>>>",
        packed(TEXT.read_bytes().replace(b"MP301", b"MP399")),
        f"<</Type/Annot/Subtype/Widget/FT/Btn/T(b)/Rect[0 0 9 9]/A<</S/SubmitForm/F<</FS/URL/F({address}/form)>>>>>>",
        "<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS 8 0 R>>",
        "<</S/Launch/F(/bin/touch)/P(launched)>>",
    )
    catalogue = (
        "<</Type/Catalog/Pages 2 0 R/OpenAction 7 0 R/Names<</EmbeddedFiles<</Names[(report.txt) 8 0 R]>>>>"
        "/AcroForm<</Fields[10 0 R]>>/AA<</WC 12 0 R>>>>"
    )
    plain = holding("plain.pdf", with_content(CONTENT))(tmp_path)
    full = holding(
        "full.pdf", with_content(CONTENT, *more, extra="/Annots[6 0 R 10 0 R 11 0 R]", catalogue=catalogue)
    )(tmp_path)
    result = rows_reported(plain)
    assert len(result["events"]) > 10
    assert rows_reported(full) == result
    assert asked == []


def test_links_and_files_in_a_workbook_are_ignored(tmp_path: Path, listening: tuple[str, list[str]]) -> None:
    """Links to sites, to other workbooks and to queries; pictures and files inside."""
    address, asked = listening
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = '<Relationship Id="r{}" Type="{}/{}" Target="{}/{}" TargetMode="External"/>'
    relations = "".join(
        relation.format(at, kinds, kind, address, kind)
        for at, kind in enumerate(("hyperlink", "externalLinkPath", "image", "oleObject", "attachedTemplate"))
    )
    packaged = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>'
    linked = edited(lambda sheet: setattr(sheet["A2"], "hyperlink", f"{address}/cell"))
    parts = {
        "xl/worksheets/_rels/sheet1.xml.rels": packaged.encode(),
        "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
        "xl/externalLinks/_rels/externalLink1.xml.rels": packaged.encode(),
        "xl/connections.xml": f'<connections><connection id="1"><webPr url="{address}/query"/></connection></connections>'.encode(),
        "xl/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0",
        "xl/media/image1.png": b"\x89PNG",
        "../../outside.txt": b"x",
    }
    plain = holding("plain.xlsx", book())(tmp_path)
    full = holding("full.xlsx", with_parts(parts, linked))(tmp_path)
    assert rows_reported(full, *DAY) == rows_reported(plain, *DAY)
    assert asked == []
    assert not list(tmp_path.parent.glob("outside.txt"))


def test_the_listening_server_hears_requests(listening: tuple[str, list[str]]) -> None:
    """So that being asked for nothing means something."""
    address, asked = listening
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{address}/link")
    assert asked == ["/link"]


# Bounds -----------------------------------------------------------------------------------------

SLOW_PDF = holding("slow.pdf", page_of(WORDS * 400_000))
SLOW_WORKBOOK = holding(
    "slow.xlsx", with_parts({SHEET: b"<c " * 333_000})
)  # each begins a cell that never ends


@pytest.mark.parametrize(("make", "words"), [(SLOW_PDF, ()), (SLOW_WORKBOOK, DAY)], ids=["PDF", "workbook"])
def test_time_to_open_a_document_is_limited(
    tmp_path: Path, filled: Path, monkeypatch: pytest.MonkeyPatch, make: Make, words: tuple[str, ...]
) -> None:
    """Both would take minutes. The bound is shortened here; its own length is for the long tests."""
    monkeypatch.setattr(sandbox, "SECONDS", 2)
    document = make(tmp_path)
    begun = time.monotonic()
    refused(filled, f"{document.name} takes more than 2 seconds to open", document, *words)
    assert time.monotonic() - begun < 12


@pytest.mark.soak
@pytest.mark.parametrize(("make", "words"), [(SLOW_PDF, ()), (SLOW_WORKBOOK, DAY)], ids=["PDF", "workbook"])
def test_a_document_is_refused_after_thirty_seconds(
    tmp_path: Path, filled: Path, monkeypatch: pytest.MonkeyPatch, make: Make, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr(sandbox, "MEMORY", 16 << 30)  # a fast machine gets to that bound first
    document = make(tmp_path)
    begun = time.monotonic()
    refused(filled, f"{document.name} takes more than 30 seconds to open", document, *words)
    assert 29 < time.monotonic() - begun < 45


@pytest.mark.soak
def test_a_document_that_exhausts_python_is_refused(
    tmp_path: Path, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its many small objects leave no memory even for the error."""
    monkeypatch.setattr(sandbox, "SECONDS", 300)
    refused(filled, "slow.pdf takes more than 1 GB of memory to open", SLOW_PDF(tmp_path))


@pytest.mark.parametrize(
    "make",
    [pytest.param(SLOW_PDF, id="PDF"), pytest.param(SLOW_WORKBOOK, id="workbook", marks=pytest.mark.soak)],
)
def test_the_process_stops_by_itself(tmp_path: Path, make: Make) -> None:
    """Even if the one that waits for it was killed."""
    document = make(tmp_path)
    done = subprocess.run(
        [sys.executable, "-P", sandbox.OPENER, document.suffix, document, str(sandbox.MEMORY), "1"],
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == -signal.SIGXCPU


def inflating(size: int) -> bytes:
    """A PDF's stream that unpacks to that many MB: one MB packed once, and repeated."""
    packer = zlib.compressobj(9)
    first = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    data = first + again * (size - 1) + packer.flush()
    return f"<</Length {len(data)}/Filter/FlateDecode>>\nstream\n".encode() + data + b"\nendstream"


BOMB_PDF = pdf_of(CATALOGUE, ONE_PAGE, PAGE.format(""), inflating(3_000), FONT)
PEAK = """
import resource, sys
from secanalysis import cli
try:
    cli.main()
finally:
    # not its ru_maxrss: that begins with the size of the process that started it
    here = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print("peak", here, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""


def test_memory_to_open_a_document_is_limited(tmp_path: Path, filled: Path) -> None:
    """It unpacks to 3 GB; the process that opens it never holds one."""
    document = holding("bomb.pdf", BOMB_PDF)(tmp_path)
    before = contents(filled)
    words = ["ingest", str(document), "--into", str(filled)]
    done = subprocess.run([sys.executable, "-c", PEAK, *words], capture_output=True, text=True, timeout=120)
    sentence, peak = done.stderr.splitlines()
    assert done.returncode == 2
    assert sentence == (
        "secanalysis: bomb.pdf takes more than 1 GB of memory to open: it is no printed report or register"
    )
    here, child = (int(number) * 1024 for number in peak.split()[1:])
    assert max(here, child) < sandbox.MEMORY
    assert contents(filled) == before


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("text.txt", b"Change Status Report\n" + b"\n" * 4_900_000),
        ("events.csv", EVENTS.encode() + b"\n" * 49_000_000),
        pytest.param(
            "modifications.csv",
            b"ref,title\n" + (b"MP301," + b"x" * 240 + b"\n") * 198_000,
            marks=pytest.mark.soak,
        ),
    ],
)
def test_memory_and_time_to_read_text_are_limited(tmp_path: Path, name: str, data: bytes) -> None:
    """It is read in the same process, so its size and its rows are bounded."""
    document = holding(name, data)(tmp_path)
    words = ["ingest", str(document), "--into", str(tmp_path / "raw"), *DAY]
    begun = time.monotonic()
    done = subprocess.run([sys.executable, "-c", PEAK, *words], capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 2)
    assert "Traceback" not in done.stderr
    peak = done.stderr.splitlines()[-1].split()
    assert int(peak[1]) * 1024 < sandbox.MEMORY
    assert time.monotonic() - begun < sandbox.SECONDS + 10


# By chance --------------------------------------------------------------------------------------

ACCOUNT = re.compile(
    r"(?m)^([0-9,]+) lines: ([0-9,]+) read, ([0-9,]+) narrative, ([0-9,]+) not read; ([0-9,]+) repairs$"
)
Struck = list[tuple[Blow, bytes]]


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory, filled: Path) -> Path:
    """A folder for damaged documents."""
    return tmp_path_factory.mktemp("chance")


def struck(data: bytes, blows_: Struck) -> bytes:
    """Data after some blows."""
    for blow, unit in blows_:
        data = blow.strike(data, unit)
    return data


def ingested(yard: Path, filled: Path, name: str, data: bytes, *words: str) -> Told:
    """Ingest a damaged document beside a sound one's rows, and hold what happened against what may."""
    into = yard / "raw"
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(filled, into)
    document = holding(name, data)(yard)
    before = contents(yard)
    result = command("ingest", document, "--into", into, *words)
    event("refused" if result.exit else "read, lines listed" if result.err else "read whole")
    if result.exit == 2:
        first, *more = result.err.splitlines()
        assert re.fullmatch(r"secanalysis: .{10,}", first), result
        assert all(": found " in line or re.match(r"and [0-9,]+ more$", line) for line in more), result
        assert result.out == ""
        assert contents(yard) == before
        return result
    assert result.exit == 0
    tables = storage.read_folder(into)
    own = {table: int((frame["source_id"] != "sound").sum()) for table, frame in tables.items()}
    counts = re.findall(r"(?m)^\S.*? {2,}([0-9,]+) +([0-9,]+)$", result.out)
    assert sum(own.values()) - own["sources"] == sum(int(new.replace(",", "")) for new, _ in counts)
    account = ACCOUNT.search(result.out)
    assert account
    total, read, narrative, unread, repairs = (int(number.replace(",", "")) for number in account.groups())
    assert total == read + narrative + unread
    assert len(re.findall(r"(?m)^  line [0-9]+: ", result.err)) == unread + repairs
    return result


def damaged_text(yard: Path, filled: Path, blows_: Struck) -> None:
    """Every line that isn't blank is accounted for, and those that aren't read are listed as printed."""
    data = struck(TEXT.read_bytes(), blows_)
    result = ingested(yard, filled, "report.txt", data)
    if result.exit == 0:
        lines = re.split(r"\r\n|\r|\n", data.decode("utf-8-sig"))
        account = ACCOUNT.search(result.out)
        assert account
        unprinted = "\xad\u200b\u202e\ufeff"
        shown = [line.translate(dict.fromkeys(map(ord, unprinted))).strip() for line in lines]
        assert int(account[1].replace(",", "")) == sum(map(bool, shown))
        for number, printed_ in re.findall(r"(?m)^  line ([0-9]+): (.*)\n    ", result.err):
            assert printed_.split() == shown[int(number) - 1].split()


REGISTER = book(
    ["ref", "event", "on", "outcome"],
    *(["MP301", "raised", date(2026, 2, day), None] for day in range(1, 15)),
    *([f"MP3{at:02}", "voted", f"2026-03-{at:02}", "approved"] for at in range(10, 25)),
)
PARTS = zipfile.ZipFile(io.BytesIO(REGISTER)).namelist()


def damaged_workbook(yard: Path, filled: Path, part: str, blows_: Struck) -> None:
    """In one of its parts, packed again; or in its bytes as they are."""
    if part:
        with zipfile.ZipFile(io.BytesIO(REGISTER)) as parts:
            data = with_parts({part: struck(parts.read(part), blows_)}, REGISTER)
    else:
        data = struck(REGISTER, blows_)
    ingested(yard, filled, "register.xlsx", data, *DAY)


def damaged_pdf(yard: Path, filled: Path, whole: bool, blows_: Struck) -> None:
    """In its bytes as they are, where damage to what is packed can't be missed; or in a page's content."""
    if not whole:
        content = struck(CONTENT, blows_)
        ingested(yard, filled, "report.pdf", with_content(content))
        return
    data = struck(PDF.read_bytes(), blows_)
    if ingested(yard, filled, "report.pdf", data).exit == 0:
        damaged_rows, sound_rows = printed_rows(read(yard / "report.pdf")), printed_rows(read(PDF))
        event("as before" if damaged_rows == sound_rows else "fewer rows")
        assert damaged_rows <= sound_rows


def printed_rows(reading: Reading) -> set[tuple[str, str]]:
    """All that a document states, without where it states it."""
    return {
        (table, str(sorted((name, str(value)) for name, value in row.items() if name != "locator")))
        for table, rows in reading.rows.items()
        for row in rows
    }


text_damage = st.lists(st.tuples(blows, st.sampled_from((b"", b"\n", b"\n", b" "))), min_size=1, max_size=3)
sheet_damage = st.lists(st.tuples(blows, st.sampled_from((b"", b">", b'"'))), min_size=1, max_size=2)
page_damage = st.lists(st.tuples(blows, st.sampled_from((b"", b"\n", b" "))), min_size=1, max_size=2)
usual = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@given(text_damage)
@settings(usual, max_examples=15)
def test_text_damaged_at_random_is_refused_or_read(yard: Path, filled: Path, blows_: Struck) -> None:
    damaged_text(yard, filled, blows_)


@given(st.sampled_from(("", *PARTS)), sheet_damage)
@settings(usual, max_examples=10)
def test_workbooks_damaged_at_random_are_refused_or_read(
    yard: Path, filled: Path, part: str, blows_: Struck
) -> None:
    damaged_workbook(yard, filled, part, blows_)


@given(st.booleans(), page_damage)
@settings(usual, max_examples=6)
def test_pdfs_damaged_at_random_are_refused_or_read(
    yard: Path, filled: Path, whole: bool, blows_: Struck
) -> None:
    damaged_pdf(yard, filled, whole, blows_)


long = settings(usual, derandomize=False)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@given(text_damage)
@settings(long, max_examples=1_200)
def test_text_damaged_at_random_is_refused_or_read_for_long(yard: Path, filled: Path, blows_: Struck) -> None:
    damaged_text(yard, filled, blows_)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@given(st.sampled_from(("", *PARTS)), sheet_damage)
@settings(long, max_examples=400)
def test_workbooks_damaged_at_random_are_refused_or_read_for_long(
    yard: Path, filled: Path, part: str, blows_: Struck
) -> None:
    damaged_workbook(yard, filled, part, blows_)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@given(st.booleans(), page_damage)
@settings(long, max_examples=400)
def test_pdfs_damaged_at_random_are_refused_or_read_for_long(
    yard: Path, filled: Path, whole: bool, blows_: Struck
) -> None:
    damaged_pdf(yard, filled, whole, blows_)
