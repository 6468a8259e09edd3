"""The house in numbers: ``python -m tests.house`` prints what the architecture tests hold."""

import ast
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("archive", "pipelines", "crawler")


def modules() -> list[Path]:
    """Every Python file of the three rooms."""
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """The file, parsed once."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a file imports, wherever in it the import stands."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def name_of(path: Path) -> str:
    """``archive/search/cursor.py`` is ``archive.search.cursor``."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def arrows() -> dict[str, set[str]]:
    """Which module imports which when it is loaded; imports within functions come later and make no circle."""
    known = {name_of(path) for path in modules()}
    return {name_of(path): set(_leads_to(_at_load(tree(path)), known)) - {name_of(path)} for path in modules()}


def _leads_to(nodes: Iterator[ast.AST], known: set[str]) -> Iterator[str]:
    """The modules meant: ``from room import part`` means the part where it is a module, else the room."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from {name.name for name in node.names} & known
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for name in node.names:
                part = f"{node.module}.{name.name}"
                yield part if part in known else node.module


def _at_load(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        checking = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        if not checking and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from _at_load(child)


def circles() -> list[list[str]]:
    """Groups of modules that import one another (Tarjan's strongly connected components)."""
    graph, index, low, stack, found = (
        arrows(),
        dict[str, int](),
        dict[str, int](),
        list[str](),
        list[list[str]](),
    )

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in sorted(graph):
        if name not in index:
            visit(name)
    return found


def longest_chain() -> list[str]:
    """The longest chain of imports; a circle is walked once."""
    graph = arrows()

    @cache
    def below(name: str) -> tuple[str, ...]:
        return max(((name, *below(other)) for other in sorted(graph[name])), key=len, default=(name,))

    return list(max(map(below, sorted(graph)), key=len)) if not circles() else []


def functions() -> list[int]:
    """The lengths of all functions, in lines."""
    return [
        (node.end_lineno or 0) - node.lineno + 1
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def shared_class_names() -> dict[str, int]:
    """Class names that stand in more than one module."""
    names = Counter(
        node.name for path in modules() for node in tree(path).body if isinstance(node, ast.ClassDef)
    )
    return {name: count for name, count in sorted(names.items()) if count > 1}


def lines(room: str = "") -> int:
    """Lines of Python in a room, or in all three."""
    return sum(
        len(path.read_text(encoding="utf-8").splitlines())
        for path in modules()
        if name_of(path).startswith(room)
    )


def fullest_folder() -> tuple[str, int]:
    """The folder with the most Python files, and how many."""
    folder, count = Counter(path.parent for path in modules()).most_common(1)[0]
    return folder.relative_to(ROOT).as_posix(), count


_PROFILED = """
import atexit, inspect, runpy, sys, threading
seen, out = set(), sys.argv.pop(1)

def note(frame, event, argument):
    if event == "call" and frame.f_code.co_flags & inspect.CO_OPTIMIZED:  # no body of a module or class
        seen.add(frame.f_code.co_filename)

def write():
    sys.setprofile(None)
    with open(out, "w", encoding="utf-8") as file:
        file.write(chr(10).join(seen))

atexit.register(write)
threading.setprofile(note)
sys.setprofile(note)
runpy.run_module("crawler", run_name="__main__", alter_sys=True)
"""


def run_by(*arguments: str, home: Path) -> set[str]:
    """The modules of the three rooms of which a command runs at least one function, in its own process."""
    out = home / "profiled.txt"
    command = [sys.executable, "-c", _PROFILED, str(out), "--home", str(home), *arguments]
    subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    paths = {Path(line) for line in out.read_text(encoding="utf-8").splitlines()}
    return {name_of(path) for path in paths & set(modules())}


def run_by_a_crawl() -> set[str]:
    """Of how many modules one crawl of one source of the sample press runs a function."""
    from archive.clock import utc_now
    from archive.home import Home
    from crawler.demo import DemoPress
    from crawler.demo.run import write_config

    with tempfile.TemporaryDirectory() as folder, DemoPress(utc_now()) as press:
        write_config(Home.at(folder), press)
        return run_by("crawl", next(iter(press.sources())), home=Path(folder))


def main() -> None:
    """Print the table."""
    lengths = functions()
    rows = {
        "modules": len(modules()),
        "lines": {room: lines(room) for room in ROOMS} | {"all": lines()},
        "fullest folder": fullest_folder(),
        "function lines, median and 9th decile": (
            statistics.median(lengths),
            statistics.quantiles(lengths, n=10)[-1],
        ),
        "longest import chain": len(longest_chain()),
        "circles": circles(),
        "class names that stand twice": shared_class_names(),
        "modules run by one crawl of one source": len(run_by_a_crawl()),
    }
    for name, value in rows.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
