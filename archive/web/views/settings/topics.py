"""``/cai-dat/chu-de``: topics, each with its query and the words that count towards relevance."""

from typing import Any

from datasette.utils.asgi import NotFound, Response

from archive.config import ConfigError
from archive.config_edit import ChangedMeanwhile
from archive.reasons import reason
from archive.text import norm
from archive.web.forms import values
from archive.web.request import PageRequest
from archive.web.views.settings.digests import check_rule
from archive.web.views.settings.form import Field, Form, number, put
from archive.web.views.settings.store import TOPICS, opened, save

POINTS = (3, 2, 1)
FIELDS = (
    Field("name", needed=True, label="topic_name"),
    Field("name_en", label="topic_name_en"),
    Field("query", "long", most=20_000, needed=True, check=check_rule, label="topic_query"),
    *(Field(f"words{points}", "long", most=100_000) for points in POINTS),
    Field("weight", "number"),
)


def typed_of(block: dict[str, Any]) -> dict[str, Any]:
    """A topic of topics.yml as the form shows it: a word a line."""
    words = block.get("words") or {}
    return {
        "name": str(block.get("name", "")),
        "name_en": str(block.get("name_en", "")),
        "query": " ".join(str(block.get("query", "")).split()),
        **{f"words{points}": "\n".join(map(str, words.get(points) or ())) for points in POINTS},
        "weight": str(block.get("weight", 1)),
    }


async def topics(req: PageRequest) -> Response:
    """The list of topics."""
    blocks = (await opened(req, TOPICS)).data.get("topics") or {}
    counts = {key: sum(map(len, (block.get("words") or {}).values())) for key, block in blocks.items()}
    return await req.render("settings/topics.html", topics=blocks, counts=counts)


async def topic(req: PageRequest) -> Response:
    """The form of one topic, and its answer."""
    key, file = req.url_vars["key"], await opened(req, TOPICS)
    block = (file.data.get("topics") or {}).get(key)
    if not isinstance(block, dict):
        raise NotFound(f"no topic {key}")
    now = Form(FIELDS, typed_of(block), file.version)
    if req.request.method != "POST":
        return await _page(req, key, now)
    form = Form.sent(FIELDS, await values(req))
    check_words(form)
    try:
        if form.fine:
            what = reason("set_topic", topic=key)
            await save(req, TOPICS, form.version, lambda data: write(data["topics"][key], form), what)
            return Response.redirect(req.path(f"/cai-dat/chu-de/{key}", {"da": "luu"}), 303)
    except ChangedMeanwhile:
        form.compared(now).top = reason("set_changed")
    except ConfigError as error:
        form.top = str(error)
    return await _page(req, key, form, status=400)


def check_words(form: Form) -> None:
    """Note at its field a word that has two numbers of points."""
    seen: set[str] = set()
    for points in POINTS:
        for word in form.lines(f"words{points}"):
            if norm(word) in seen:
                form.problems.setdefault(f"words{points}", reason("set_word_twice", text=word[:60]))
            seen.add(norm(word))


def write(block: dict[str, Any], form: Form) -> None:
    """Make the block of a topic say what the form says."""
    block["name"] = form.text("name")
    put(block, "name_en", form.text("name_en"), "")
    query = " ".join(form.text("query").split())
    if query != " ".join(str(block.get("query", "")).split()):
        block["query"] = query
    put(block, "weight", number(form.text("weight") or "1"), 1)
    given = {points: form.lines(f"words{points}") for points in POINTS}
    words = block.get("words") or {}
    for points, some in given.items():
        put(words, points, some, [])  # type: ignore[arg-type]
        if not some:
            words.pop(points, None)
    put(block, "words", words, {})


async def _page(req: PageRequest, key: str, form: Form, status: int = 200) -> Response:
    return await req.render(
        "settings/topic.html", status=status, key=key, form=form, saved=req.arg("da") == "luu"
    )
