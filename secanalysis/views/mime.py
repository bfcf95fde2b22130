"""The types of what notebooks display alongside HTML, as plain data for publishing to gather."""

from __future__ import annotations

OURS = "application/vnd.secanalysis."
FIGURES = OURS + "figure+json"
TABLE = OURS + "table+json"
CASES = OURS + "cases+json"
SOURCES = OURS + "sources+json"
PASSAGE = OURS + "passage+text"
HEAD = OURS + "head+json"
MODIFICATION = OURS + "modification+json"
RELEASE = OURS + "release+json"
REGISTER = OURS + "register+json"
CALENDAR = OURS + "calendar+json"
FOOT = OURS + "provenance+json"

TABLE_NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"
"""What a table may be called, as files and sheets are named after it."""
