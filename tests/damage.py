"""The command line called in this process, on files that were damaged by chance or by hand."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from secanalysis import cli


@dataclass(frozen=True)
class Told:
    """What a command said and how it ended."""

    exit: int
    out: str
    err: str


def command(*words: str | Path) -> Told:
    """Call ``secanalysis`` as its installed script does; what would be a traceback there is raised here."""
    out, err, before = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["secanalysis", *map(str, words)]
    code: object = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            cli.main()
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.argv = before
    assert isinstance(code, int), code
    return Told(code, out.getvalue(), err.getvalue())


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder, by name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# Damage by chance -------------------------------------------------------------------------------

ODD = (
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xe9", b"\xc2\xa0", b"\xe2\x80\x8b", b"\xe2\x80\xae", b"\xc2\xad"),
    *(b'"', b'""', b"'", b",", b",,", b";", b"\t", b"\n", b"\r", b"\r\n", b"\n\n", b" ", b"\x1a", b"\x7f"),
    *(b"-", b"-1", b"0", b"999999999999999999", b"1e9", b"NaN", b"inf", b"null", b"None", b"True", b"=1+1"),
    *(b"2020-02-31", b"31/02/2020", b"0000-00-00", b"9999-12-31", b"44050", b"2020-02-29", b"2020-13-01"),
    *(b"MP100", b"mp100", b"MP1OO", b"\xd0\x9cP100", b"\xef\xbc\x90", b"..", b"/", b"<b>", b"{x}", b"%s"),
)
"""Pieces that programs, scanners and people leave in files."""


@dataclass(frozen=True)
class Blow:
    """One change of some bytes: what is done, where (in ten-thousandths), over how many, and with what."""

    kind: str
    at: int
    length: int
    piece: bytes

    def strike(self, data: bytes, unit: bytes = b"") -> bytes:
        """The data after it; with a ``unit``, such as a line's end, whole units are cut, moved and doubled."""
        parts: Sequence[bytes] = data.split(unit) if unit else [data[i : i + 1] for i in range(len(data))]
        place = self.at * len(parts) // 10_000
        before, struck = parts[:place], parts[place : place + self.length]
        after = parts[place + self.length :]
        match self.kind:
            case "cut":
                kept = [*before, *after]
            case "double":
                kept = [*before, *struck, *struck, *after]
            case "move":
                kept = [*after, *before, *struck]
            case "turn":
                kept = [*before, *reversed(struck), *after]
            case "replace":
                kept = [*before, self.piece, *after]
            case "insert":
                kept = [*before, self.piece, *struck, *after]
            case "end":
                kept = [*before]
            case _:
                flipped = bytes(byte ^ (1 << self.length % 8) for byte in b"".join(struck[:1]))
                kept = [*before, flipped, *parts[place + 1 :]]
        return unit.join(kept)


KINDS = ("cut", "double", "move", "turn", "replace", "insert", "end", "flip")
pieces = st.one_of(st.sampled_from(ODD), st.binary(min_size=1, max_size=6))
blows = st.builds(
    Blow, st.sampled_from(KINDS), st.integers(0, 9_999), st.sampled_from((1, 1, 1, 2, 3, 8, 40)), pieces
)
