"""The notebooks in JupyterLab itself, in a Chromium: opened, run by Run All Cells, and looked at in both themes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tinyproject import command, write_notebook

ROOT = Path(__file__).parent.parent
LAB = ROOT / ".venv-lab" / "bin" / "python"
SETTINGS = {  # all cells are there to be looked at, not only those in sight
    "notebook-extension/tracker": {"windowingMode": "none"},
    "docmanager-extension/plugin": {"autosave": False},
}
THEMES = ("JupyterLab Light", "JupyterLab Dark")
LOOK = """() => [...document.querySelectorAll('.jp-OutputArea-output .secanalysis')].flatMap(output => {
    const look = (kind, selector) => [...output.querySelectorAll(selector)].filter(node => node.getClientRects().length)
        .map(node => ({kind, words: node.textContent.slice(0, 60), align: getComputedStyle(node).textAlign,
            lines: node.getClientRects().length, wrap: getComputedStyle(node).whiteSpace,
            paper: getComputedStyle(node).backgroundColor}));
    return [...look('name', 'th[scope=row], caption'), ...look('summary', 'summary'), ...look('row', '.behind li'),
        ...look('opened', '.behind td'), ...look('number', 'td.number'), ...look('day', 'td.short, th.short'),
        ...look('chart', 'figure img')];
})"""
CONTRAST = """selector => {  // of each text to the nearest paper behind it, by the formula of WCAG 2
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
        .reduce((sum, v, place) => sum + v * [.2126, .7152, .0722][place], 0);
    const paper = node => {
        for (; node; node = node.parentElement) {
            const colour = parts(getComputedStyle(node).backgroundColor);
            if (colour.length < 4 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    return [...document.querySelectorAll(selector)]
        .filter(node => node.getClientRects().length && !['STYLE', 'SCRIPT'].includes(node.tagName)
            && [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim()))
        .map(node => {
            const [a, b] = [light(parts(getComputedStyle(node).color)), light(paper(node))];
            return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), node.textContent.slice(0, 60)];
        });
}"""
ERROR = "[data-mime-type='application/vnd.jupyter.stderr'], [data-mime-type='application/vnd.jupyter.error']"
pytestmark = [pytest.mark.browser, pytest.mark.timeout(280)]


@dataclass
class Lab:
    """A running JupyterLab on a project of its own."""

    root: Path
    url: str
    token: str

    def open(self, browser: Browser, notebook: str) -> Page:
        """A notebook, opened and run by the menu's Run All Cells."""
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{self.url}lab/tree/notebooks/{notebook}?token={self.token}&reset")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        run_all(page)
        return page


def run_all(page: Page) -> None:
    """Run > Run All Cells, until each has a number."""
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
    page.wait_for_function(
        """() => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')].every(cell =>
            !cell.querySelector('.cm-content').textContent.trim() ||
            /\\[\\d+\\]/.test(cell.querySelector('.jp-InputPrompt').textContent))""",
        timeout=90_000,
    )


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab as `make lab` starts it, without a browser and with settings of its own."""
    if not LAB.exists():
        if os.environ.get("CI"):
            pytest.fail("CI must look at JupyterLab: make lab-env")
        pytest.skip("JupyterLab was not looked at: make lab-env")
    root, home = tmp_path_factory.mktemp("analyst"), tmp_path_factory.mktemp("home")
    for name in ("data/raw", "notebooks"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(ROOT / name, root / name)
    assert command(root, "build").returncode == 0
    write_notebook(
        root / "notebooks" / "a.ipynb",
        "from secanalysis import Register\n"
        'reg = Register.load()\nview = reg.month("2020-08")\nview.narrative.opening()',
        'view.figures["assessment.ia.open.mean"]',
    )
    for name, value in SETTINGS.items():
        file = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value))
    environment = {
        **{name: value for name, value in os.environ.items() if name != "SECANALYSIS_ROOT"},
        **{f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")},
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    options = [f"--ServerApp.root_dir={root}", "--ServerApp.port=0", "--LabApp.expose_app_in_browser=True"]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            [str(LAB), "-m", "jupyterlab", "--no-browser", "--allow-root", *options],
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        for _ in range(600):
            if files := [*(home / "runtime").glob("jpserver-*.json")]:
                break
            assert server.poll() is None, (home / "log").read_text()
            time.sleep(0.1)
        words = json.loads(files[0].read_text())
        yield Lab(root, words["url"], words["token"])
    finally:
        server.terminate()
        server.wait(30)


def check_looks(page: Page, picture: Path) -> set[str]:
    """What must be so of every output in both themes; the kinds of things that were looked at."""
    assert page.locator(ERROR).count() == 0
    page.evaluate(
        "document.querySelectorAll('.jp-OutputArea-output details').forEach(one => one.open = true)"
    )
    for theme in THEMES:
        page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")
        page.wait_for_timeout(500)  # colours change by a transition
        looks = page.evaluate(LOOK)
        for look in looks:
            if look["kind"] in ("name", "summary", "row", "opened"):
                assert look["align"] in ("left", "start"), look
            if look["kind"] == "number":
                assert look["align"] == "right", look
            if look["kind"] == "day":
                assert look["wrap"] == "nowrap", look
            if look["kind"] == "chart":
                assert look["paper"] == "rgb(255, 255, 255)", look
        height = page.evaluate(
            "Math.max(...[...document.querySelectorAll('.jp-Notebook, .jp-Notebook *')].map(e => e.scrollHeight))"
        )
        page.set_viewport_size({"width": 1400, "height": min(height + 200, 8000)})
        page.evaluate(
            "document.querySelectorAll('.jp-Notebook, .jp-Notebook *').forEach(e => e.scrollTop = 0)"
        )
        page.wait_for_timeout(300)
        ratios = page.evaluate(CONTRAST, ".jp-OutputArea-output .secanalysis *")
        assert len(ratios) > 50
        assert min(ratios)[0] >= 4.5, min(ratios)
        page.screenshot(path=picture.with_stem(f"{picture.stem}-{theme.split()[-1].lower()}"))
        page.set_viewport_size({"width": 1400, "height": 1000})
    return {look["kind"] for look in looks}


@pytest.mark.parametrize(
    "notebook",
    ["explore", *(pytest.param(name, marks=pytest.mark.soak) for name in ("explore_synthetic", "durations"))],
)
def test_run_all_and_look(lab: Lab, browser: Browser, notebook: str, tmp_path: Path) -> None:
    page = lab.open(browser, f"{notebook}.ipynb")
    looked_at = check_looks(page, tmp_path / f"{notebook}.png")
    assert looked_at >= {"name", "summary", "row", "opened", "number", "chart"}
    page.close()


def test_numbers_in_sentences_open_and_errors_are_sentences(
    lab: Lab, browser: Browser, tmp_path: Path
) -> None:
    """A number opens to its rows in the theme's own colours; a wrong key is a sentence"""
    page = lab.open(browser, "a.ipynb")
    fact = page.locator(".jp-OutputArea-output .fact").first
    assert fact.evaluate("node => getComputedStyle(node).backgroundColor") == "rgba(0, 0, 0, 0)"
    assert page.locator(".jp-OutputArea-output .hidden").first.evaluate("node => node.clientWidth") == 1
    for theme in THEMES:
        page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")
        page.wait_for_timeout(500)
        fact.click()
        opened = page.locator("[popover]:popover-open")
        assert opened.locator("li").count() > 0
        assert opened.evaluate("node => getComputedStyle(node).textAlign") == "left"
        ratios = page.evaluate(CONTRAST, "[popover]:popover-open *")
        assert len(ratios) > 5
        assert min(ratios)[0] >= 4.5, min(ratios)
        page.screenshot(path=tmp_path / f"opened-{theme.split()[-1].lower()}.png")
        page.keyboard.press("Escape")
    words = page.locator(ERROR).inner_text()
    assert "assessment.ia.open.mean_wd" in words
    assert "Traceback" not in words
    assert len(words.strip().splitlines()) == 1
    page.close()
