"""What somebody could put into facts, settings and parameters to have it obeyed. Each test is of one defence.

Markup, formulas and links of pages and downloads are attacked in test_pages.py and test_publish.py, documents
in test_damaged_documents.py, an environment's secrets in test_kernels.py, hashes of locks in test_environment.py.
"""

from __future__ import annotations

import ast
import html
import json
import os
import pickle
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import factories as f
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tinyproject import command, outputs, write_notebook, write_project

from secanalysis.domain.figure_keys import KEYS
from secanalysis.domain.figures import key_slug
from secanalysis.domain.months import ReportMonth
from secanalysis.running.executed_months import executed_months
from secanalysis.running.execution import execute
from secanalysis.running.plan import Plan
from secanalysis.running.settings import Settings
from secanalysis.statements import storage
from secanalysis.support.errors import UserError
from secanalysis.support.project import Project

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "secanalysis"
SOAK = pytest.mark.soak

# Names ---------------------------------------------------------------------------------------------

NAMES = [
    "../../up",
    "..",
    "/etc/passwd",
    "C:\\Windows\\system32",
    "\\\\server\\share",
    "a/b",
    "CON",
    "nul.txt",
    "a∕b⁄c／d＼e",
    "．．／up",
    "%2e%2e%2f",
    "~root",
    "$HOME",
    "`id`",
    "-rf",
    "a" * 300,
    "…",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_release_s_slug_is_one_plain_word(name: str) -> None:
    slug = key_slug(name)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) and len(slug) <= 80
    assert any(re.fullmatch(key.pattern, f"release.{slug}.approved.count") for key in KEYS)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, frozen_code: str) -> tuple[Project, Project, Path]:
    """Two projects with the same facts under plain names and under hostile ones, published; what mustn't be there."""
    folder = tmp_path_factory.mktemp("hostile")
    marker = folder / "ran"
    code = [
        f"'); open({str(marker)!r}, 'w') #",
        f"{{{{ open({str(marker)!r}, 'w') }}}}",
        "{% raw %}{{ ''.__class__ }}",
        f'"""\nimport os; os.system("touch {marker}")'.replace("\n", " "),
        f"$(touch {marker}) `touch {marker}`",
        "%run /etc/hosts",
        "!id",
        "{month} {0} {0.__class__} %s %(month)s",
        "$\\href{javascript:alert(1)}{x}$ $$\\require{html}$$",
        "</script><script>document.title='ran'</script>",
    ]
    made = []
    for place, names in (("plain", [f"Release {n}" for n in range(len(NAMES))]), ("hostile", NAMES)):
        titles = code if place == "hostile" else ["A title"] * len(code)
        refs = [f"MP{number}" for number in range(100, 100 + len(names))]
        rows = {
            "modifications": [
                {
                    "ref": ref,
                    "title": titles[n % len(code)],
                    "proposer_organisation": titles[-1 - n % len(code)],
                }
                for n, ref in enumerate(refs)
            ],
            "events": [f.vote(ref, "2020-07-22", source_id="report-2020-08") for ref in refs],
            "releases": [
                {"release": name, "kind": "scheduled", "planned_on": "2020-11-05"} for name in names
            ],
            "release_items": [
                f.item(name, ref, "approved", "2020-07-22", source_id="report-2020-08")
                for name, ref in zip(names, refs, strict=True)
            ],
        }
        source = f.source(
            "report-2020-08", published_on="2020-08-07", published_precision="day", title=titles[0]
        )
        project = Project(write_project(folder / place, {}))
        shutil.rmtree(project.processed)
        (project.notebooks / "index.ipynb").unlink()
        for name in ("releases", "change_status_report"):
            shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", project.notebooks)
        storage.write_raw(f.tables([source], **rows), project.raw)
        for arguments in ("build", "run", "publish"):
            done = command(project.root, arguments, code=frozen_code)
            assert done.returncode == 0, done.stderr
        made.append(project)
    return made[0], made[1], marker


def paths(folder: Path) -> list[str]:
    """All files below a folder, and folders."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_names_of_facts_never_become_paths(hostile: tuple[Project, Project, Path]) -> None:
    """Whatever releases and titles are called, the same files are written, and nowhere else."""
    plain, other, _ = hostile
    assert paths(other.root) == paths(plain.root)
    assert sorted(path.name for path in other.root.parent.iterdir()) == ["hostile", "plain"]
    keys = json.loads((other.site / "2020-08" / "figures.json").read_text())["figures"]
    # two of these names have the slug up: each gets an end of its own
    up = [key for key in keys if re.fullmatch(r"release\.up-[0-9a-f]{8}\.approved\.count", key)]
    assert len(up) == 2 and "release.con.approved.count" in keys
    assert sum(bool(re.fullmatch(r"release\..*\.approved\.count", key)) for key in keys) == len(NAMES)


def test_nothing_of_facts_is_executed(hostile: tuple[Project, Project, Path]) -> None:
    """Not by Python, IPython, Jinja, a shell or a browser: titles stand there as they were written."""
    _, other, marker = hostile
    assert not marker.exists()
    page = "".join(path.read_text() for path in other.site.rglob("*.html"))
    assert "{% raw %}{{ ''.__class__ }}" in html.unescape(page)
    assert "{month} {0} {0.__class__} %s %(month)s" in page
    assert "<script>document.title" not in page
    assert not re.search(r"<[^>]+href=[\"']?\s*javascript:", page)


@pytest.mark.parametrize(
    "month",
    [
        "../../up",
        "２０２０-08",
        *(pytest.param(odd, marks=SOAK) for odd in ("/etc", "2020-08/../../up", "2020‐08", "CON")),
    ],
)
def test_a_month_that_is_a_path_is_refused(tmp_path: Path, month: str) -> None:
    root = write_project(tmp_path / "project", {"a": ["1"]})
    before = paths(tmp_path)
    for arguments in (
        ("run", "--month", month),
        ("run", "--months", f"{month}..2020-08"),
        ("publish", "--months", month),
    ):
        done = command(root, *arguments)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False)
        assert "is not a report month" in done.stderr
    assert paths(tmp_path) == before


@pytest.mark.parametrize(
    "name",
    ["2020-13", "٢٠٢٠-٠٨", *(pytest.param(odd, marks=SOAK) for odd in ("0000-00", "2020-08 copy", "..x"))],
)
def test_a_folder_in_runs_that_is_no_month_is_left_alone(tmp_path: Path, name: str) -> None:
    project = Project(write_project(tmp_path / "project", {"a": ["1"]}))
    write_notebook(project.runs / name / "a.ipynb", "1")
    assert executed_months(project) == []
    done = command(project.root, "run")
    assert done.returncode == 0, done.stderr
    assert executed_months(project) == [ReportMonth(2020, 8)]
    assert (project.runs / name / "a.ipynb").is_file()


# Parameters ----------------------------------------------------------------------------------------


def injections(marker: Path) -> list[str]:
    """Values that would make a file, were any of them taken for code."""
    call = f"open({str(marker)!r}, 'w')"
    double = call.replace("'", '"')
    return [
        f'2020-08"; {call} #',
        f"2020-08'; {double} #",
        f'2020-08"\n{call}\n#',
        f'2020-08\\"; {call} #',
        f'2020-08\\"; {call} #',
        f'"""\n{call}\n"""',
        f"'''\n{double}\n'''",
        f"\\\n{call}",
        f"\u2028{call}\u2028",
        f"\x0c{call}\r{call}\r\n{call}",
        f"{{{call}}}",
        f"\\N{{QUOTATION MARK}}; {call} #",
        f"\\x22; {call} #",
        f"%%bash\ntouch {marker}",
        f"!touch {marker}",
        f"'), {call}, ('",
    ]


def test_a_parameter_s_value_is_never_code(tmp_path: Path) -> None:
    """Papermill writes values as source: in the kernel each is what was told."""
    marker = tmp_path / "ran"
    values = injections(marker)
    names = ["month", "convention", "known_by", *(f"own{number}" for number in range(len(values) - 3))]
    declared = "\n".join(f'{name} = ""' for name in names)
    source = write_notebook(
        tmp_path / "a.ipynb", f"print(*map(ascii, [{', '.join(names)}]))", parameters=declared
    )
    result = execute(source, dict(zip(names, values, strict=True)), "", root=tmp_path)
    assert result.error is None
    kept = tmp_path / "kept.ipynb"
    kept.write_bytes(result.notebook)
    assert outputs(kept) == " ".join(map(ascii, values)) + "\n"
    assert not marker.exists()


@pytest.mark.parametrize("name", ["month", "convention", "known_by"])
def test_a_parameter_is_not_code_in_what_is_prepared_for_it(tmp_path: Path, name: str) -> None:
    """The functions are ours whatever the value is, and it is an argument as it stands; plans refuse it before, too."""
    project = Project(write_project(tmp_path / "project", {"a": ["1"]}))
    august = ReportMonth(2020, 8)
    for value in [*injections(tmp_path / "ran"), f"\ud800\"; open('{tmp_path / 'ran'}', 'w') #"]:
        with pytest.raises(UserError):
            Plan(project, Settings((august,)), {name: value})
        (task,) = Plan(project, Settings((august,)), {}).months([august])
        works = replace(task, parameters={**task.parameters, name: value}).shared_work
        assert [work.function for work in works] == [
            "secanalysis.running.warm_up:prepare_register",
            "secanalysis.running.warm_up:prepare_month",
        ]
        assert works[-1].arguments[name] == value


def test_a_parameter_from_the_command_line_is_never_code(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    root = write_project(tmp_path / "project", {})
    declared = 'month = ""\nconvention = ""\nknown_by = ""\none = ""\ntwo = ""\nthree = ""'
    write_notebook(root / "notebooks" / "a.ipynb", "print(ascii([one, two, three]))", parameters=declared)
    one, two, three = injections(marker)[2], injections(marker)[4], injections(marker)[5]
    for name in ("convention", "known_by", "month"):
        done = command(root, "run", "-p", f"{name}={one}")
        assert done.returncode == 2 and "Traceback" not in done.stderr
    done = command(root, "run", "-p", f"one={one}", "-p", f"two={two}", "-p", f"three={three}")
    assert done.returncode == 0, done.stderr
    assert outputs(root / "runs" / "2020-08" / "a.ipynb") == ascii([one, two, three]) + "\n"
    assert not marker.exists()


@pytest.mark.parametrize("name", ["month = 1; open('{marker}', 'w'); x", "a.b", "a\nb", "import", "", "1"])
def test_a_parameter_s_name_is_never_code(tmp_path: Path, name: str) -> None:
    """Papermill writes names as they are."""
    marker = tmp_path / "ran"
    name = name.format(marker=marker)
    root = write_project(tmp_path / "project", {"a": ["1"]})
    with pytest.raises(ValueError, match="is no name of a parameter"):
        execute(root / "notebooks" / "a.ipynb", {name: "x"}, "", root=root)
    done = command(root, "run", "-p", f"{name}=x")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert not marker.exists()


# Files that could bring code -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "months: !!python/object/apply:os.mkdir ['{marker}']",
        "!!python/object/new:os.mkdir ['{marker}']",
        "months: !!python/name:os.mkdir",
        "months: !!python/module:antigravity",
        "convention: !!python/object/apply:subprocess.getoutput ['mkdir {marker}']",
        "[" * 20_000,
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
            for old, new in zip("abcdefgh", "bcdefghi", strict=True)
        )
        + "months: {{first: *i, last: *i}}",
    ],
    ids=["apply", "new", "name", "module", "getoutput", "deep", "unfolds itself"],
)
def test_settings_bring_no_code(tmp_path: Path, text: str) -> None:
    marker = tmp_path / "ran"
    path = tmp_path / "params.yaml"
    path.write_text(text.format(marker=marker))
    begun = time.monotonic()
    with pytest.raises(UserError):
        Settings.read(path)
    assert not marker.exists()
    assert time.monotonic() - begun < 20


class Payload:
    """What makes a folder when it is unpickled."""

    def __init__(self, marker: str) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.marker,)


def test_tables_bring_no_code(tmp_path: Path) -> None:
    """Parquet can name Python types of its own, and pickles of them."""
    marker = tmp_path / "ran"
    tables = f.tables(events=[f.event("MP100", "raised", "2020-07-10")])
    storage.write_processed(tables, tmp_path / "processed")
    path = tmp_path / "processed" / "events.parquet"
    table = pq.read_table(path)
    pickled = pickle.dumps(Payload(str(marker)))
    arguments = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": pickled}
    fields = [field.with_metadata(arguments) for field in table.schema]
    schema = pa.schema(fields, metadata={**(table.schema.metadata or {}), b"pickle": pickled})
    pq.write_table(table.cast(schema), path)
    written = pq.ParquetFile(path).schema_arrow
    assert written.field("ref").metadata == arguments and written.metadata[b"pickle"] == pickled
    read = storage.read_processed(tmp_path / "processed")
    assert read["events"]["ref"].tolist() == ["MP100"]
    assert not marker.exists()
    pickle.loads(pickled)
    assert marker.exists()  # it would have


FORBIDDEN = {
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "pickle.load", "pickle.loads"),
    *("marshal.loads", "shelve.open", "joblib.load", "yaml.load", "yaml.unsafe_load", "yaml.full_load"),
    *("pd.eval", "pd.read_pickle", "np.load", "df.query", "pd.read_hdf", "pa.deserialize"),
}


def test_the_code_has_no_door_for_code() -> None:
    result = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            if name in FORBIDDEN or name.endswith((".query", ".eval")):
                result.add((path.name, name))
            if any(word.arg == "shell" and ast.unparse(word.value) != "False" for word in node.keywords):
                result.add((path.name, "shell"))
            if any(word.arg == "allow_pickle" for word in node.keywords):
                result.add((path.name, "allow_pickle"))
    assert result == set()


# What else comes from elsewhere --------------------------------------------------------------------


def test_packages_are_installed_by_hash_alone() -> None:
    """tests/test_environment.py holds the locks to a hash an entry; here is who reads them."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in makefile.splitlines() if re.search(r"\bpip install\b", line)]
    assert installs
    for line in installs:
        by_hash = "--require-hashes" in line and "-r $$lock" in line
        ours = "--no-deps" in line and "--no-build-isolation" in line and line.rstrip("; \\").endswith("-e .")
        uv = "uv==$(UV_VERSION)" in line  # in a folder of its own, to write locks
        assert by_hash or ours or uv, line
    assert not re.search(r"--(extra-)?index-url|--trusted-host|--find-links", makefile)


OPENS = r"(token|password|disable_check_xsrf|allow_origin|allow_remote_access|\bip\b|identity_provider)"


def test_the_lab_keeps_its_token() -> None:
    """Neither the command nor the configuration that make writes turns it off, or lets others than this machine in."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lab = makefile[makefile.index("\nlab: ") : makefile.index("export LAB")]
    assert "jupyterlab" in lab and "jupyter_lab_config.json" in lab
    assert not re.search(OPENS, lab, re.IGNORECASE)


def test_a_lab_without_its_token_answers_nobody(tmp_path: Path) -> None:
    """The server itself, started as make lab does."""
    python = ROOT / ".venv-lab" / "bin" / "python"
    if not python.is_file():
        pytest.skip("make lab has not made its environment here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "log"
    line = [python, "-m", "jupyterlab", "--no-browser", f"--ServerApp.root_dir={tmp_path}", f"--port={port}"]
    line += ["--allow-root", "--ServerApp.port_retries=0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    environment |= {"HOME": str(tmp_path)}
    with log.open("w") as words:
        server = subprocess.Popen(line, env=environment, cwd=tmp_path, stdout=words, stderr=words)
    try:
        result = None
        last = time.monotonic() + 120
        while not result:
            assert time.monotonic() < last and server.poll() is None, log.read_text()
            time.sleep(0.2)
            result = re.search(
                rf"http://(?:127\.0\.0\.1|localhost):{port}/\S*\?token=([0-9a-f]{{40,}})", log.read_text()
            )
        for path in ("api/contents", "api/kernels"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=30)
            assert refused.value.code == 403
            asked = urllib.request.Request(
                f"http://127.0.0.1:{port}/{path}", headers={"Authorization": f"token {result[1]}"}
            )
            assert urllib.request.urlopen(asked, timeout=30).status == 200
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc")
@pytest.mark.parametrize("kernels", [(), ("--cold",)])
def test_a_notebook_finds_no_secret_in_the_processes_of_its_run(
    tmp_path: Path, kernels: tuple[str, ...]
) -> None:
    """Those above the run itself, such as a shell, are their user's to start without secrets."""
    secret = "5ecret-4712"
    look = (
        "import os, psutil\n"
        "for process in psutil.Process().parents():\n"
        "    if any('secanalysis' in word for word in process.cmdline()):\n"
        "        try:\n"
        "            print(open(f'/proc/{process.pid}/environ').read())\n"
        "        except OSError:\n"
        "            print('refused')\n"
    )
    root = write_project(tmp_path / "project", {"a": [look]})
    done = command(root, "run", *kernels, MY_TOKEN=secret)
    assert done.returncode == 0, done.stderr
    shown = outputs(root / "runs" / "2020-08" / "a.ipynb")
    assert shown and secret not in shown
    assert "MY_TOKEN" in shown or "refused" in shown  # it was the run's environment that was looked at


def test_a_secret_reaches_neither_notebook_nor_record(tmp_path: Path) -> None:
    """All that a run writes is searched, failures too."""
    secret = "5ecret-4711"
    cells = ["import os; print(dict(os.environ))", "raise ValueError(dict(os.environ))"]
    root = write_project(tmp_path / "project", {"a": cells[:1], "b": cells})
    done = command(root, "run", AWS_SECRET_ACCESS_KEY=secret, DATABASE_URL=f"pg://u:{secret}@h/d")
    assert done.returncode == 1
    written = [path for path in (root / "runs").rglob("*") if path.is_file()]
    assert {"a.ipynb", "b.ipynb", "log.jsonl"} <= {path.name for path in written}
    assert not [path for path in written if secret in path.read_text()]
    assert secret not in done.stdout + done.stderr
