"""The map leads somewhere: every file it links to is there, and holds the name it gives."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STEP = re.compile(r"\]\((\.\./[^)]+)\)(?::`([\w.]+)`)?")


def steps() -> list[tuple[str, str]]:
    return STEP.findall((ROOT / "docs" / "map.md").read_text(encoding="utf-8"))


def names(body: list[ast.stmt]) -> dict[str, list[ast.stmt]]:
    """What a body defines, by name, with the body of each class."""
    found: dict[str, list[ast.stmt]] = {}
    for node in body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = node.body
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = []
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: [] for target in targets if isinstance(target, ast.Name)}
    return found


@pytest.mark.parametrize(("link", "name"), steps())
def test_each_step_leads_to_a_function(link: str, name: str) -> None:
    path = (ROOT / "docs" / link).resolve()
    assert path.exists(), link
    body = ast.parse(path.read_text(encoding="utf-8")).body if path.suffix == ".py" else []
    for part in filter(None, name.split(".")):
        assert part in names(body), f"{link} has no {name}"
        body = names(body)[part]


def test_every_step_in_python_names_a_function() -> None:
    assert not [link for link, name in steps() if link.endswith(".py") and not name]
    assert len(steps()) > 30
