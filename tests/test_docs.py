"""The docs say what the code has: every command, config file, dependency and stage; both READMEs alike."""

import re
import tomllib
from pathlib import Path

import pytest

from crawler.cli import COMMANDS, HIDDEN
from crawler.sources import load_sources
from pipelines.stages import STAGES
from tests.clocks import CLOCKS, ZONES

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.vi.md")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("readme", READMES)
def test_every_command_is_in_the_readme(readme: str) -> None:
    missing = [name for name in COMMANDS.keys() - HIDDEN if f"`diemtin {name}" not in text(readme)]
    assert not missing


@pytest.mark.parametrize("readme", READMES)
def test_every_config_file_and_stage_is_in_the_readme(readme: str) -> None:
    names = [path.name for path in (ROOT / "config").iterdir()] + [f"`{stage.__name__}`" for stage in STAGES]
    assert not [name for name in names if name not in text(readme)]


@pytest.mark.parametrize("readme", READMES)
def test_links_lead_somewhere(readme: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", text(readme))
    assert not [link for link in links if not link.startswith("http") and not (ROOT / link).exists()]


def test_both_readmes_have_the_same_sections_tables_and_code() -> None:
    english, vietnamese = map(text, READMES)
    for pattern in (r"^#+ ", r"^\|", r"^```"):
        counts = {len(re.findall(pattern, readme, re.MULTILINE)) for readme in (english, vietnamese)}
        assert len(counts) == 1, pattern


def test_the_number_of_outlets_is_the_one_configured() -> None:
    count = len(load_sources(ROOT / "config" / "sources.yml").by_key)
    for readme in READMES:
        assert f"{count} " in text(readme)


def test_every_dependency_is_a_named_choice() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    extras = project["optional-dependencies"]
    names = {
        re.split(r"[<>=;\[ ]", line)[0]
        for line in project["dependencies"] + extras["notify"] + extras["assistants"]
    }
    assert not [name for name in names if name not in text("docs/choices.md")]


@pytest.mark.parametrize("target", ["demo", "run", "test"])
def test_the_make_targets_of_the_readme_exist(target: str) -> None:
    assert re.search(rf"^{target}:", text("Makefile"), re.MULTILINE)
    assert f"make {target}" in text("README.md")


def test_ci_calls_the_readmes_test_command_and_tries_one_other_clock() -> None:
    whole, other = text(".ci/run").splitlines()[-2:]
    assert whole == "make test"
    clock, zone = other.removeprefix("make test-clock CLOCKS=").split("@")
    assert clock in CLOCKS
    assert zone in ZONES


def test_no_lock_names_an_index() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in text(lock)
        assert all("==" in line for line in text(lock).splitlines() if line and not line.startswith("#"))
