"""A register seen as at a day, as of a report month, or over months: by subject, as notebooks show it."""

from __future__ import annotations

from secanalysis.views.day import View
from secanalysis.views.month import MonthlyReport
from secanalysis.views.overview import Overview

__all__ = ["MonthlyReport", "Overview", "View"]
