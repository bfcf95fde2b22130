"""How long documents take to come in, printed as a table (make bench)."""

from __future__ import annotations

import resource
import shutil
import subprocess
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import made_up_register
import pytest
from documents import Assessment, Facts, Modification, as_html, example, write
from measuring import Line, timed
from openpyxl import Workbook
from scanning import clean
from tinyproject import SECANALYSIS, with_root

from secanalysis.ingest import importing
from secanalysis.ingest.merge import merge
from secanalysis.running import subjects

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

ROOT = Path(__file__).parent.parent
REGISTER_ROWS = 50_000
MAPPING = """
dates: day-month-year
source: {title: A made-up register, publisher: Nobody}
read:
  - {table: modifications, sheet: Register, columns: {ref: Reference, title: Title}}
  - {table: events, sheet: Register, columns: {ref: Reference, on: Raised on}, values: {event: raised}}
"""


def long_report() -> Facts:
    """A made-up report of some twelve pages."""
    title = "Made-up change number {} of a name so long that it goes on over two more lines of the report, or three"
    many = tuple(Modification(f"MP{number}", title.format(number)) for number in range(300, 420))
    few, day = many[:9], date(2027, 2, 1)
    rows = tuple(Assessment(of, "PA", day - timedelta(days=n), 15, 20 + n) for n, of in enumerate(many))
    # other durations than the open ones': two pages of the same rows would be one page twice
    returned = tuple(Assessment(of, "PA", day - timedelta(days=n), 15, 21 + n) for n, of in enumerate(many))
    return replace(
        example(),
        to_refinement=few,
        to_report=few,
        approved=few,
        requests=few,
        open=rows,
        returned=returned,
        scope=("June 2027 SEC Release", date(2027, 6, 24), tuple((of, None) for of in few)),
    )


def test_time_of_a_text_report(tmp_path: Path, table: list[Line]) -> None:
    """Read, checked together with all of data/raw, and written."""
    text = tmp_path / "report.txt"
    text.write_text(clean(write(long_report())).text, encoding="utf-8")
    into = Path(shutil.copytree(ROOT / "data" / "raw", tmp_path / "raw"))
    merge(importing.read(text), into)
    seconds, _ = timed(lambda: merge(importing.read(text), into))
    count = len(text.read_text(encoding="utf-8").splitlines())
    table.append(
        (f"a report of {count} lines, read and merged into data/raw", f"{seconds:.2f} s", "< 1 s", "")
    )
    command = [*SECANALYSIS, "ingest", str(text), "--into", str(into)]
    whole, _ = timed(lambda: subprocess.run(command, check=True, capture_output=True))
    table.append(("the same by the command, imports included", f"{whole:.2f} s", "", ""))
    assert seconds < 1


@pytest.mark.skipif(not shutil.which("chromium"), reason="makes its PDF with chromium")
def test_time_of_a_pdf_report(tmp_path: Path, table: list[Line]) -> None:
    page, pdf = tmp_path / "report.html", tmp_path / "report.pdf"
    page.write_text(as_html(write(long_report())), encoding="utf-8")
    made = ["chromium", "--headless", "--no-sandbox", "--no-pdf-header-footer", f"--print-to-pdf={pdf}"]
    subprocess.run([*made, str(page)], check=True, capture_output=True)
    command = [*SECANALYSIS, "ingest", str(pdf), "--into", str(tmp_path / "raw")]
    seconds, _ = timed(lambda: subprocess.run(command, check=True, capture_output=True))
    import pdfplumber

    with pdfplumber.open(pdf) as opened:
        pages = len(opened.pages)
    table.append((f"a report of {pages} pages as PDF, by the command", f"{seconds:.2f} s", "< 5 s", ""))
    assert pages >= 12
    assert seconds < 5


def test_time_of_a_month_of_five_thousand_modifications(
    tmp_path: Path, frozen_code: str, table: list[Line]
) -> None:
    """The month's notebooks; pages of modifications are measured in test_bench_subjects."""
    root = tmp_path / "project"
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    for name in subjects.NAMES:
        (root / "notebooks" / f"{name}.ipynb").unlink()
    shutil.copy(ROOT / "dvc.yaml", root)
    (root / "params.yaml").write_text('months:\n  first: "2024-06"\n  last: "2024-06"\n')
    (root / "mapping.yaml").write_text(made_up_register.MAPPING)
    (root / "data").mkdir()
    file = made_up_register.export(
        made_up_register.truth(1, 5_000), made_up_register.JULY, root / "export.csv"
    )
    assert len(file.read_text(encoding="utf-8").splitlines()) > 4_900

    def taken(*commands: list[str]) -> tuple[float, float]:
        """Seconds on the clock, and of the processor."""
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        for command in commands:
            environment = with_root(root, PYTHONPATH=frozen_code)
            done = subprocess.run(
                [*SECANALYSIS, *command], cwd=root, env=environment, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr
        seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    options = ["--into", "data/raw", "--mapping", "mapping.yaml", "--published-on", "2024-07-05"]
    read, processor = taken(["ingest", "export.csv", *options])
    of_processor = f"{processor:.1f} s of the processor"
    table.append(("an export of 5,000 modifications, by the command", f"{read:.2f} s", "< 5 s", of_processor))
    taken(["build"])
    made, processor = taken(["run"], ["publish"])
    of_processor = f"{processor:.1f} s of the processor"
    table.append(("a month of them, run and published", f"{made:.1f} s", "< 15 s", of_processor))
    assert read < 5
    assert made < 15


def test_time_of_a_register(tmp_path: Path, table: list[Line]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Register")
    sheet.append(["Reference", "Title", "Raised on"])
    for number in range(REGISTER_ROWS):
        day = date(2015, 1, 1) + timedelta(days=number % 3000)
        part = chr(65 + number // 9_999)  # each reference once
        sheet.append([f"SECMP{number % 9_999 + 1:04}{part}", f"Change {number}", day])
    book.save(tmp_path / "register.xlsx")
    (tmp_path / "map.yaml").write_text(MAPPING, encoding="utf-8")
    command = [*SECANALYSIS, "ingest", str(tmp_path / "register.xlsx"), "--into", str(tmp_path / "raw")]
    options = ["--mapping", str(tmp_path / "map.yaml"), "--published-on", "2027-03-05"]
    seconds, done = timed(lambda: subprocess.run([*command, *options], capture_output=True, text=True))
    assert done.returncode == 0, done.stderr
    table.append(
        (f"a register of {REGISTER_ROWS:,} rows as XLSX, by the command", f"{seconds:.2f} s", "< 5 s", "")
    )
    assert seconds < 5
