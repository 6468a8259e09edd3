"""Write a new source: its block in the home's sources.yml, its page and golden file; all of it or nothing."""

import gzip
import json
import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from archive.clock import HANOI
from archive.config import ConfigError
from archive.home import Home
from crawler.onboarding.golden import golden
from crawler.onboarding.proposal import Proposal, refuse_known
from crawler.sources import load_sources

_WIDEST = 110  # characters of a line


def block_of(found: Proposal, now: datetime) -> list[str]:
    """The lines of a source's block, not indented, its key first."""
    lines = [
        f"{found.key}:",
        f"  name: {_scalar(found.name)}",
        f"  home: {_scalar(found.home)}",
        f"  kind: {found.kind}",
    ]
    lists = {
        "feeds": [feed.url for feed in found.feeds],
        "sitemaps": [sitemap.url for sitemap in found.sitemaps],
        "sections": found.sections,
    }
    for name, urls in lists.items():
        lines += _list(name, urls)
    lines.append(f"  article: {_quoted(found.pattern.regex)}")
    if found.family:
        lines.append(f"  family: {found.family}")
    return [*lines, f'  seen: "found by sources add on {now.astimezone(HANOI):%Y-%m-%d}"']


def _list(name: str, urls: list[str]) -> list[str]:
    if not urls:
        return []
    head = f"  {name}: ["
    whole = head + ", ".join(map(_scalar, urls)) + "]"
    if len(whole) <= _WIDEST:
        return [whole]
    joined = f",\n{' ' * len(head)}".join(map(_scalar, urls))
    return f"{head}{joined}]".split("\n")


def _scalar(text: str) -> str:
    """A YAML scalar that reads back as the text, in a list too."""
    written = yaml.safe_dump([text], allow_unicode=True, default_flow_style=True, width=10_000)
    return str(written.strip()[1:-1])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def write_source(home: Home, found: Proposal, now: datetime) -> list[Path]:
    """Write block, page and golden file; returns their paths.

    Raises ConfigError when the key or host is there by now, or the file cannot take a block.
    """
    with home.lock("sources.yml"):
        shipped = home.config("sources.yml")
        refuse_known(found.key, found.home, load_sources(shipped))
        text = _with_block(shipped, block_of(found, now))
        own = (home.path / "config" / "sources.yml").resolve()
        try:
            own.parent.mkdir(parents=True, exist_ok=True)
            folder = _write_golden(home.path / "pages-golden", found, now)
            try:
                _replace(own, text, found.key)
            except BaseException:
                shutil.rmtree(folder)
                raise
        except OSError as error:
            raise ConfigError(f"{error.filename or own}: cannot be written ({error.strerror})") from error
    return [own, folder / "page.html.gz", folder / "expected.json"]


def _with_block(path: Path, lines: list[str]) -> str:
    """The file's text with a block at the end of ``sources:``, everything else as it was."""
    text = path.read_bytes().decode("utf-8")
    newline = "\r\n" if "\r\n" in text else "\n"
    at, indent, before = _place(path, text)
    if at and text[at - 1] not in "\r\n":
        before = newline + before.replace("\n", newline)
    block = "".join(f"{indent}{line}{newline}" for line in lines)
    return text[:at] + before + block + text[at:]


def _place(path: Path, text: str) -> tuple[int, str, str]:
    """Where a block goes, its indentation, and what must stand before it."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    found = next(((key, value) for key, value in pairs if key.value == "sources"), None)
    if found is None:
        return len(text), "  ", "sources:\n"
    key, blocks = found
    if not isinstance(blocks, yaml.MappingNode):
        return _line_end(text, key.end_mark.index), "  ", ""
    if blocks.flow_style:
        raise ConfigError(f"{path}: sources: is written with braces; write it as `key:` lines first")
    indent = " " * blocks.value[0][0].start_mark.column
    return _line_end(text, _last(blocks).end_mark.index), indent, ""


def _last(node: yaml.Node) -> yaml.Node:
    """The last thing written of a block: its end mark is there, not at the next key."""
    while isinstance(node, yaml.MappingNode | yaml.SequenceNode) and node.value and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return node


def _line_end(text: str, index: int) -> int:
    """The beginning of the line after the one an index is in; a block text ends at its own line's end."""
    if index and text[index - 1] == "\n":
        return index
    end = text.find("\n", index)
    return len(text) if end < 0 else end + 1


def _write_golden(parent: Path, found: Proposal, now: datetime) -> Path:
    """The folder with page and golden file, moved into place as a whole; one without a source is replaced."""
    if found.item is None:
        raise ConfigError(f"{found.key}: no article was read")
    expected: dict[str, Any] = golden(found.item, found.family) | {"fetched": now.astimezone(HANOI).isoformat()}
    parent.mkdir(parents=True, exist_ok=True)
    folder = parent / found.key
    making = Path(tempfile.mkdtemp(prefix=f".{found.key}-", dir=parent))
    try:
        (making / "page.html.gz").write_bytes(gzip.compress(found.page, mtime=0))
        (making / "expected.json").write_text(
            json.dumps(expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
        making.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return folder


def _replace(path: Path, text: str, key: str) -> None:
    """Put a new sources.yml in place once it has been read back with the new source in it."""
    handle, name = tempfile.mkstemp(prefix=".sources-", suffix=".yml", dir=path.parent)
    making = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        if key not in load_sources(making).by_key:
            raise ConfigError(f"{path}: cannot take a new block; add it by hand")
        making.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        making.replace(path)
    except BaseException:
        making.unlink(missing_ok=True)
        raise
