"""Printing: pages as PDF, by Chromium and the pages' own print style."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from secanalysis.support.errors import UserError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-pdf-header-footer",
)
PATIENCE = 120  # seconds a page
AT_ONCE = 2
_STAMP = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}")


def browser() -> str:
    """The command of an installed Chromium.

    Raises
    ------
    UserError
        If there is none.
    """
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    raise UserError(f"PDFs are printed by Chromium, and none is installed: looked for {', '.join(BROWSERS)}")


def pdfs(sheets: dict[str, tuple[str, str]]) -> dict[str, bytes]:
    """Print pages.

    Parameters
    ----------
    sheets
        By name, a page's HTML and its ISO day, which the PDF states in place of the day on which it was made.

    Raises
    ------
    UserError
        If Chromium is missing or fails.
    """
    if not sheets:
        return {}
    command = browser()
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(AT_ONCE) as pool:
        folders = [Path(scratch) / str(number) for number in range(len(sheets))]
        printed = pool.map(partial(_pdf, command), sheets.values(), folders)
        return dict(zip(sheets, printed, strict=True))


def _pdf(command: str, sheet: tuple[str, str], folder: Path) -> bytes:
    html, day = sheet
    folder.mkdir()
    page, pdf = folder / "page.html", folder / "page.pdf"
    page.write_text(html, encoding="utf-8")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses its sandbox to root
    profile = f"--user-data-dir={folder / 'profile'}"
    call = [command, *FLAGS, *sandbox, profile, f"--print-to-pdf={pdf}", page.as_uri()]
    try:
        errors = subprocess.run(call, capture_output=True, text=True, timeout=PATIENCE, check=False).stderr
    except subprocess.TimeoutExpired:
        raise UserError(f"{command} took more than {PATIENCE} seconds to print a page") from None
    if not pdf.is_file():
        raise UserError(f"{command} printed nothing: {errors.strip()[-300:]}")
    return _STAMP.sub(rb"\g<1>" + day.replace("-", "").encode() + b"000000", pdf.read_bytes())
