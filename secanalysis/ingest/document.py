"""From a file to its lines: scanned text and PDF."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from secanalysis.ingest.sandbox import Opening
from secanalysis.support.errors import UserError, ascii_marked

PAGE_BREAK = "\f"
LARGEST = 50_000_000
LONGEST_TEXT = 5_000_000  # bytes: a report of a hundred pages has a twentieth of them
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
_LOST = re.compile(r"\(cid:[0-9]+\)|[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # glyphs for which a PDF names no letter
_NOT_PRINTED = re.compile(  # soft hyphens, zero-width spaces and joiners, marks of direction, tags
    r"[\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_BYTE_ORDER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


@dataclass(frozen=True)
class Document:
    """A file's lines, blank ones too.

    Attributes
    ----------
    lines
        As printed.
    without_text
        Its pages of which there is only a picture.
    doubts
        By the numbers of lines that aren't clear: what is printed, and the reasons.
    unseen
        Text that isn't read as the page doesn't show it: page, text and reason.
    missing_before
        The numbers of lines before which there is a page without text.
    columns
        Its pages that are printed in columns.
    """

    lines: tuple[str, ...]
    without_text: tuple[int, ...] = ()
    doubts: Mapping[int, tuple[str, Sequence[str]]] = field(default_factory=dict)
    unseen: tuple[tuple[int, str, str], ...] = ()
    columns: tuple[int, ...] = ()
    missing_before: tuple[int, ...] = ()


def check_file(file: Path) -> None:
    """Refuse a file that needn't be opened.

    Raises
    ------
    UserError
        If it isn't there, isn't a file, or is empty or too large; or if its name can't be shown.
    """
    if not file.name.isprintable():
        raise UserError(
            f"the file's name holds characters that can't be seen, {ascii_marked(file.name)}: rename it"
        )
    if not file.exists():
        raise UserError(f"no file {file}")
    if not file.is_file():
        raise UserError(f"{file} isn't a file")
    size = file.stat().st_size
    if size == 0:
        raise UserError(f"{file.name} is empty")
    if size > LARGEST:
        raise UserError(
            f"{file.name} has {size / 1e6:,.0f} MB: more than {LARGEST / 1e6:.0f} MB is no report or register"
        )


def read_text(file: Path) -> str:
    """A text file's text.

    Raises
    ------
    UserError
        If it isn't UTF-8 text.
    """
    data = file.read_bytes()
    for mark, name in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            raise UserError(f"{file.name} is {name} text: save it as UTF-8")
    if b"\x00" in data[:4096] or data.startswith(b"%PDF"):
        raise UserError(f"{file.name} isn't text: its name says so, but it holds other data")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{file.name}, line {line}: a byte that is no UTF-8 (0x{data[error.start]:02x}): save it as UTF-8"
        ) from None
    if control := _CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        raise UserError(
            f"{file.name}, line {line}: a control character (0x{ord(control[0]):02x}): it isn't plain text"
        )
    if not text.strip():
        raise UserError(f"{file.name} holds nothing but blanks")
    return text


def read(file: Path, opening: Opening | None) -> Document:
    """Read a ``.txt`` or ``.pdf`` file's lines.

    Parameters
    ----------
    file
        The file.
    opening
        Of a PDF: the process that opens it.

    Raises
    ------
    UserError
        If it can't be read as its name says.
    """
    if opening is None:
        if (size := file.stat().st_size) > LONGEST_TEXT:
            raise UserError(f"{file.name} has {size / 1e6:,.0f} MB: that is no Change Status Report as text")
        # Not splitlines(): a form feed begins a page, and isn't a line's end.
        return Document(tuple(re.split(r"\r\n|\r|\n", _NOT_PRINTED.sub("", read_text(file)))))
    with file.open("rb") as begin:
        if b"%PDF" not in begin.read(1024):
            raise UserError(f"{file.name} isn't a PDF: its name says so, but it holds other data")
    answer = opening.answer()
    pages: list[list[str]] = answer["pages"]
    empty = tuple(number for number, page in enumerate(pages, start=1) if not page)
    if len(empty) == len(pages):
        raise UserError(_without_text(file, answer["unseen"]))
    lines: list[str] = []
    begins = []
    for page in pages:
        begins.append(len(lines) + 1)
        first, *others = list(map(_printable, page)) or [""]
        lines += [PAGE_BREAK + first, *others, ""]
    doubts: dict[int, tuple[str, list[str]]] = {}
    for at, index, printed, why in answer["doubts"]:
        doubts.setdefault(begins[at] + index, (_printable(printed), []))[1].append(why)
    unseen = tuple((at + 1, _printable(text), why) for at, text, why in answer["unseen"])
    columns = tuple(at + 1 for at in answer["columns"])
    after_empty = tuple(begins[number] for number in empty if number < len(pages))
    return Document(tuple(lines), empty, doubts, unseen, columns, after_empty)


def _printable(text: str) -> str:
    return _NOT_PRINTED.sub("", _LOST.sub("\ufffd", text))


def _without_text(file: Path, unseen: Sequence[object]) -> str:
    if unseen:
        return f"{file.name} has text, but its pages don't show it: it is hidden, covered or at an angle"
    return (
        f"{file.name} has no text, only pictures of pages: make them text first (such as by "
        f"`ocrmypdf {file.name} text.pdf`), or give the scanned text as .txt"
    )
