"""``python -m tests.bench`` lists the benches, ``python -m tests.bench NAME`` runs one."""

import ast
import runpy
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def benches() -> dict[str, tuple[str, str]]:
    """The benches by name, here and in the folders below: the module, and the first line it says of itself."""
    found = {}
    for path in sorted(FOLDER.rglob("[a-z]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(part, ast.FunctionDef) and part.name == "main" for part in tree.body):
            module = ".".join(("tests", "bench", *path.relative_to(FOLDER).with_suffix("").parts))
            found[path.stem.replace("_", "-")] = module, (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def run(arguments: list[str]) -> int:
    known = benches()
    if not arguments or arguments[0] in {"-h", "--help"}:
        for name, (_, says) in known.items():
            print(f"{name:<16}{says}")
        return 0
    name, *rest = arguments
    if name not in known:
        print(f"bench: no bench `{name}`; known: {', '.join(known)}", file=sys.stderr)
        return 2
    sys.argv = [f"bench {name}", *rest]
    runpy.run_module(known[name][0], run_name="__main__", alter_sys=False)
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
