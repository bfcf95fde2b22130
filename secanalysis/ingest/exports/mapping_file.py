"""A mapping's file: its YAML, what it says of the source and the file, and an entry for each table that is read."""

from __future__ import annotations

import re
from itertools import accumulate
from pathlib import Path
from typing import Any

import yaml

from secanalysis.domain import references
from secanalysis.domain.code import current
from secanalysis.domain.kept import names
from secanalysis.ingest.exports.kept_by_mapping import MAPPED, is_name
from secanalysis.ingest.exports.mapping import CsvForm, DateForm, RegisterMapping, ours_anywhere
from secanalysis.ingest.exports.mapping_entries import ENTRY_DEFAULTS, day_forms, read_entry
from secanalysis.ingest.exports.mapping_values import (
    named_values,
    shown,
    stated_text,
    text_or_none,
    word_list,
)
from secanalysis.support.errors import UserError, ascii_marked

LARGEST = 100_000
DEEPEST = 50  # YAML takes hours over thousands of open brackets
_ENCODINGS = ("utf-8", "cp1252", "utf-16")


class _Loader(yaml.SafeLoader):
    """YAML in which ``No``, ``on``, ``2024`` and ``2024-06-01`` are the texts that they look like."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in keys:
                    raise _Twice(key.value, key.start_mark.line + 1)
                keys.add(key.value)
        return super().construct_mapping(node, deep)


_NULL = "tag:yaml.org,2002:null"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag == _NULL]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Twice(Exception):
    pass


def load(path: Path) -> RegisterMapping:
    """Read a mapping.

    Raises
    ------
    UserError
        If it isn't one; the message says where.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise UserError(f"{path.name} is no mapping: it has more than {LARGEST:,} bytes")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"no mapping {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path.name} can't be read: {error}") from None
    return parse(text, path.name)


def parse(text: str, name: str) -> RegisterMapping:
    """A mapping from its text; ``name`` is its file's, for messages.

    Raises
    ------
    UserError
        If it isn't one; the message says where.
    """
    try:
        if max(accumulate((char in "[{") - (char in "]}") for char in text), default=0) > DEEPEST:
            raise UserError(f"{name} isn't a mapping: its brackets are nested too deep")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_Loader)):
            raise UserError(f"{name} repeats parts of itself by aliases (*): write them out")
        loaded = _Loader(text).get_single_data()
    except _Twice as twice:
        key, line = twice.args
        raise UserError(
            f"{name}, line {line}: found {ascii_marked(key[:60])} twice; expected it once"
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{name}{where} isn't YAML") from None
    return from_object(loaded, name)


# The whole ----------------------------------------------------------------------------------------


_TOP = (
    "source",
    "register",
    "keeps",
    "dates",
    "blank",
    "references",
    "csv",
    "formulas",
    "duplicates",
    "defaults",
    "read",
)


def from_object(loaded: object, name: str) -> RegisterMapping:
    """A mapping from what its YAML holds, or from names and values made in Python.

    Raises
    ------
    UserError
        If it isn't one; the message says where.
    """
    top = named_values(loaded, name, _TOP)
    source = named_values(top.get("source") or {}, f"{name}, source", ("title", "publisher"))
    entries = top.get("read")
    if not isinstance(entries, list) or not entries:
        raise UserError(
            f"{name}: expected a list under 'read', one entry per table (docs/ingest.md shows one)"
        )
    defaults = named_values(top.get("defaults") or {}, f"{name}, defaults", (*ENTRY_DEFAULTS, "columns"))
    for key in ("dates", "duplicates"):
        if key in top:
            defaults.setdefault(key, top[key])
    day_forms(defaults.get("dates", DateForm.ISO), ours_anywhere(), f"{name}, dates")
    everywhere = word_list(top.get("blank", []), f"{name}, blank")
    reads = tuple(
        read_entry(entry, f"{name}, entry {at} of read", defaults, everywhere)
        for at, entry in enumerate(entries, start=1)
    )
    formulas = top.get("formulas", "refuse")
    if formulas not in ("refuse", "cached"):
        raise UserError(f"{name}, formulas: found {shown(formulas)}; expected refuse or cached")
    return RegisterMapping(
        reads,
        text_or_none(source, "title", name),
        text_or_none(source, "publisher", name),
        _register(top, source, name),
        _kept(top["keeps"], f"{name}, keeps") if "keeps" in top else None,
        _references(top.get("references") or {}, f"{name}, references"),
        _csv(top.get("csv") or {}, f"{name}, csv"),
        formulas == "cached",
    )


def _register(top: dict[str, Any], source: dict[str, Any], name: str) -> str:
    """The register's name: its own, its title, or its mapping's."""
    if "register" in top:
        return stated_text(top["register"], f"{name}, register").strip()
    return text_or_none(source, "title", name) or Path(name).stem


def _kept(value: object, where: str) -> tuple[str, ...]:
    listed = word_list(value, where)
    if unknown := [word for word in listed if not is_name(word)]:
        expected = f"{MAPPED} (all that is mapped), or some of {', '.join(name for name in names() if '.' not in name)}"
        raise UserError(f"{where}: found {shown(unknown[0])}; expected {expected}")
    return listed


def _references(value: object, where: str) -> dict[str, re.Pattern[str]]:
    patterns = {}
    for prefix, pattern in named_values(value, where, references.prefixes(current().references)).items():
        text = stated_text(pattern, f"{where}, {prefix}")
        try:
            compiled = re.compile(text, re.IGNORECASE | re.ASCII)
        except (re.error, RecursionError, OverflowError) as error:
            raise UserError(f"{where}, {prefix}: {ascii_marked(text[:60])} is no pattern ({error})") from None
        if compiled.groups not in (1, 2):
            raise UserError(
                f"{where}, {prefix}: expected a pattern with the number in brackets, and a part's letter in a second "
                f"pair if there is one, such as 'P([0-9]+)'; found {ascii_marked(text[:60])}"
            )
        patterns[prefix] = compiled
    return patterns


def _csv(value: object, where: str) -> CsvForm:
    form = named_values(value, where, ("delimiter", "encoding", "short_rows"))
    delimiter = form.get("delimiter")
    if delimiter is not None:
        delimiter = {"tab": "\t", "comma": ",", "semicolon": ";", "bar": "|"}.get(
            str(delimiter), str(delimiter)
        )
        if delimiter not in (",", ";", "\t", "|"):
            raise UserError(f"{where}, delimiter: found {shown(delimiter)}; expected ',', ';', '|' or tab")
    encoding = form.get("encoding")
    if encoding is not None and str(encoding).lower() not in _ENCODINGS:
        raise UserError(
            f"{where}, encoding: found {shown(encoding)}; expected one of {', '.join(_ENCODINGS)}"
        )
    short = form.get("short_rows", "refuse")
    if short not in ("refuse", "blank"):
        raise UserError(f"{where}, short_rows: found {shown(short)}; expected refuse or blank")
    return CsvForm(delimiter, str(encoding).lower() if encoding else None, short == "blank")
