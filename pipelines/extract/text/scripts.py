"""The text of a page whose markup holds less of it than a script's data: ``__NEXT_DATA__`` and its like."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from lxml import etree
from lxml.etree import _Element

LEAST = 200  # characters of text that a value must hold to be a story's
_DATA = re.compile(r"<script\b([^<>]*)>(.*?)(?:</script>|\Z)", re.IGNORECASE | re.DOTALL)
_ASSIGNED = re.compile(
    r"^\s*(?:(?:window|self|globalThis)\s*\.\s*|(?:var|let|const)\s+)?[\w$.]+\s*=\s*(?=[{\[])"
)
_PUSHED = re.compile(r'self\.__next_f\.push\(\[\d+,("(?:[^"\\]|\\.)*")\]\)')
_STRING = re.compile(r'"((?:[^"\\]++|\\.)*+)("?)', re.DOTALL)
_LEAST_STRING = 200  # characters of one that may be a story
_MARKUP = re.compile(r"</?(?:p|div|br|h[1-6]|li|span|strong)\b[^<>]*>|\\u003c/?p\b", re.IGNORECASE)
_TITLES = ("title", "headline", "name", "newstitle", "post_title", "articletitle")
_TEXT_KEYS = re.compile(
    r"(?:body|content|text|html|detail|noi_?dung|article|paragraphs?|blocks?|value)", re.IGNORECASE
)
_JSON = re.compile(r"type=[\"']?application/json|JSON\.parse\(|\.push\(\s*\{")
_PARSED = re.compile(
    r"""JSON\.parse\(\s*(decodeURIComponent\(\s*)?("(?:[^"\\]|\\.){200,}"|'(?:[^'\\]|\\.){200,}')"""
)
_GIVEN = re.compile(r"[^{}\n]{0,200}?\.push\(\s*(?=[{\[])")  # (window.x = window.x || []).push({…})
_BARE_QUOTE = re.compile(r'(?<!\\)"')
_PLACE = re.compile(r"\$\$\w+\$\$|%%\w+%%|\{\{\s*\w+\s*\}\}")  # where a picture or an advertisement goes
_DEEPEST = 40
_WORDS = re.compile(r"\w+")


@dataclass(slots=True)
class ScriptText:
    """A text found in data, and the headline that stands beside it."""

    title: str
    text: str


def may_hold(raw: str) -> bool:
    """Whether a page has a script's data at all that are worth the reading."""
    return (
        "__NEXT_DATA__" in raw
        or "__NUXT" in raw
        or "__next_f" in raw
        or "_STATE__" in raw
        or bool(_JSON.search(raw))
    )


def article(raw: str, titles: list[str]) -> str:
    """The HTML or plain text of the page's own story in its scripts; empty where none is surely its own."""
    stories = [story for data in _blocks(raw) for story in _stories(data, "", 0)]
    wanted = [words for title in titles if (words := _words(title))]
    own = [story for story in stories if any(_same(_words(story.title), words) for words in wanted)]
    if own:
        return max(own, key=lambda story: len(story.text)).text
    untitled = sorted((story.text for story in stories if not story.title), key=len, reverse=True)
    alone = len(untitled) == 1 or (len(untitled) > 1 and len(untitled[1]) * 3 < len(untitled[0]))
    return untitled[0] if alone and len(stories) == len(untitled) else ""


def box(text: str) -> _Element | None:
    """A text of data as a container: parsed where it is markup, else a paragraph a line."""
    if "<" not in text and "&lt;" in text:
        text = html.unescape(text)
    text = _PLACE.sub("", text)
    if not _MARKUP.search(text):
        text = "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n") if line.strip())
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = etree.fromstring(f"<div>{text}</div>".encode("utf-8", "replace"), parser=parser)
    except etree.XMLSyntaxError:
        return None
    return None if tree is None else tree.find("body")


def _blocks(raw: str) -> Iterator[Any]:
    """The data of a page's scripts, as values; what no reader of JSON takes is read for its strings."""
    pushed = "".join(text for part in _PUSHED.findall(raw) for text in _loaded(part) if isinstance(text, str))
    for line in pushed.split("\n"):
        _, colon, value = line.partition(":")
        if colon and value[:1] in "[{":
            yield from _loaded(value)
    for attributes, script in _DATA.findall(raw):
        if len(script) < LEAST or "ld+json" in attributes or "__next_f" in script:
            continue
        text = _ASSIGNED.sub("", script.strip())
        if "NUXT_DATA" in attributes:
            yield from map(_unfolded, _loaded(text))
        elif text[:1] in "[{":
            yield from _loaded(text)
        elif (given := _GIVEN.match(text)) is not None:
            yield from _loaded(text[given.end() :])
        elif "JSON.parse(" in script:
            yield from _parsed(script)
        elif "__NUXT__" in script or "__INITIAL" in script or "_STATE__" in script:
            yield [{"text": value} for value in _strings(script)]


def _loaded(text: str) -> Iterator[Any]:
    try:
        yield json.JSONDecoder(strict=False).raw_decode(text)[0]
    except (ValueError, RecursionError):
        return


def _parsed(script: str) -> Iterator[Any]:
    """What a script gives to ``JSON.parse`` as a string, in quotes of either kind, perhaps for an address."""
    for encoded, quoted in _PARSED.findall(script):
        inner = quoted[1:-1]
        if quoted[0] == "'":
            inner = _BARE_QUOTE.sub(r"\"", inner.replace("\\'", "'"))
        for text in _loaded(f'"{inner}"'):
            yield from _loaded(unquote(text) if encoded else text)


def _strings(script: str) -> Iterator[str]:
    for value in _quoted(script):
        try:
            yield json.loads(f'"{value}"', strict=False)
        except ValueError:
            continue


def _quoted(script: str) -> Iterator[str]:
    """Long strings, as written; a quote may as well end one, so behind a short one the next is tried."""
    at = script.find('"')
    while at >= 0 and (found := _STRING.match(script, at)) and found[2]:  # behind what is not closed is nothing
        long = len(found[1]) >= _LEAST_STRING
        if long:
            yield found[1]
        at = script.find('"', found.end() if long else at + 1)


def _unfolded(data: Any) -> Any:
    """Nuxt's flat list, whose objects name their values by place, with the values of each object in it."""
    if not isinstance(data, list):
        return data

    def at(value: Any) -> Any:
        whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(data)
        return data[value] if whole and isinstance(data[value], str) else value

    return [
        {key: at(value) for key, value in node.items()} if isinstance(node, dict) else None for node in data
    ]


def _stories(value: Any, title: str, depth: int) -> Iterator[ScriptText]:
    """Texts in a value, each with the headline of the nearest object round it that has one."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _stories(item, title, depth + 1)
    elif isinstance(value, dict):
        title = _title(value) or title
        texts = [text for key, inner in value.items() if _TEXT_KEYS.search(str(key)) and (text := _text(inner))]
        if texts:
            yield ScriptText(title, max(texts, key=len))
        for inner in value.values():
            if isinstance(inner, dict | list):
                yield from _stories(inner, title, depth + 1)


def _title(node: dict[str, Any]) -> str:
    for key, value in node.items():
        if str(key).lower() in _TITLES:
            value = value.get("basic") or value.get("rendered") if isinstance(value, dict) else value
            if isinstance(value, str) and value.strip():
                return value
    return ""


def _text(value: Any) -> str:
    """A value as a story's text: a long string, or a list of blocks with a text each."""
    if isinstance(value, dict):
        value = value.get("rendered") or value.get("html") or ""
    if isinstance(value, list):
        blocks = [_block(item) for item in value]
        value = "\n".join(filter(None, blocks)) if sum(map(bool, blocks)) > 1 else ""
    if not isinstance(value, str) or len(value) < LEAST:
        return ""
    return value if value.count(" ") > len(value) / 20 else ""


def _block(item: Any) -> str:
    if isinstance(item, str):
        return item
    if not isinstance(item, dict) or str(item.get("type", "")).lower() in (
        "image",
        "video",
        "gallery",
        "embed",
    ):
        return ""
    for key in ("content", "text", "html", "value", "data"):
        inner = item.get(key)
        if isinstance(inner, dict):
            inner = inner.get("text") or inner.get("html") or inner.get("content")
        if isinstance(inner, str) and inner.strip():
            return inner if _MARKUP.search(inner) else f"<p>{inner}</p>"
    return ""


def _words(text: str) -> list[str]:
    return _WORDS.findall(html.unescape(text).lower())


def _same(one: list[str], other: list[str]) -> bool:
    """Whether two headlines are one: all words of the shorter, if it has enough, begin the longer."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= 3 and longer[: len(shorter)] == shorter
