"""What holds on every published page, over all that is published: pages, tables, charts, figures, workbook, feed.

The rules are in `site_rules.py`, and read nothing but the published files.
"""

from __future__ import annotations

import pytest
import site_case_rules  # noqa: F401  (adds its rules)
from published_site import Site
from site_rules import RULES

# Faults that are known and being mended: the rule that finds each. A mark goes with the mend.
TO_MEND = {}


def faults(site: Site, name: str) -> list[str]:
    """What breaks a rule, month by month."""
    return [f"{month.name} {fault}" for month in site.months for fault in RULES[name](month, site)]


def marked(name: str) -> object:
    """A rule, marked while a known fault breaks it."""
    reason = TO_MEND.get(name)
    return pytest.param(name, marks=pytest.mark.xfail(strict=True, reason=reason)) if reason else name


@pytest.mark.parametrize("name", [marked(name) for name in RULES])
def test_a_handful_of_months(some: Site, name: str) -> None:
    """Each rule over months of every kind."""
    assert faults(some, name) == []


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", [marked(name) for name in RULES])
def test_all_months(every: Site, name: str) -> None:
    """Each rule over all months."""
    assert faults(every, name) == []
