"""Whether a list is complete: what a figure that counts one says of it."""

from __future__ import annotations

ATTESTED = "a source attests the list"
NOT_ATTESTED = "no source attests the whole list"
"""Why a list isn't counted: a count of what happens to be known would be too low, and look right."""
