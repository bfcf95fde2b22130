"""What a user can mend: told in a sentence, without a traceback, exit 2."""

from __future__ import annotations


class UserError(Exception):
    """Bad input or a missing file; the message says what was found and what was expected."""
