"""JSON in lines, with its keys in order: the bytes of ``json.dumps`` with an indent, which falls back on slow Python for it.

An executed notebook of a large register has millions of lines.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring
from typing import Any


def dumps(value: Any, *, allow_nan: bool = True) -> str:
    """What ``json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=allow_nan)`` gives.

    Parameters
    ----------
    value
        Dictionaries whose keys are texts, lists, texts, numbers, True, False and None.
    allow_nan
        Whether a number may be none that JSON has.

    Raises
    ------
    ValueError
        If one is, and may not be.
    """
    return _text(value, "\n", allow_nan)


def _text(value: Any, line: str, allow_nan: bool) -> str:
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if value is None:
        return "null"
    if kind is int:
        return str(value)
    if isinstance(value, dict):
        inner = f"{line} "
        lines = [
            f"{encode_basestring(key)}: {_text(one, inner, allow_nan)}" for key, one in sorted(value.items())
        ]
        return f"{{{inner}{f',{inner}'.join(lines)}{line}}}" if lines else "{}"
    if isinstance(value, list | tuple):
        inner = f"{line} "
        lines = [_text(one, inner, allow_nan) for one in value]
        return f"[{inner}{f',{inner}'.join(lines)}{line}]" if lines else "[]"
    return json.dumps(value, ensure_ascii=False, allow_nan=allow_nan)
