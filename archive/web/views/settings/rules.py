"""``/cai-dat/quy-tac``: «Nhận tin này» on any search: tried on the archive, then a rule of a digest."""

import re
from typing import Any

from datasette.utils.asgi import Response

from archive.config import ConfigError
from archive.config_edit import ChangedMeanwhile, open_config
from archive.digests.alerts import try_query
from archive.digests.config import DEFAULTS_BLOCK
from archive.reasons import reason
from archive.search.highlight import as_html, in_one
from archive.search.results import Results
from archive.text import fold
from archive.web.forms import values
from archive.web.request import PageRequest
from archive.web.views.lists import lines_of
from archive.web.views.settings.digests import check_name, check_rule
from archive.web.views.settings.form import Field, Form
from archive.web.views.settings.store import ALERTS, home_of, opened, save

DAYS = ("1", "7", "30", "90")
SHOWN = 10


def name_of(text: str) -> str:
    """A name for a rule, made of its first words."""
    words = re.findall(r"[a-z0-9]+", fold(text).casefold())
    return "-".join(words[:4])[:40].strip("-")


def fields_of(req: PageRequest) -> tuple[Field, ...]:
    """The rule, how far back it is tried, and the digest that is to have it."""
    blocks = open_config(home_of(req), ALERTS).data
    digests = [
        (name, str(block.get("title", name)))
        for name, block in blocks.items()
        if name != DEFAULTS_BLOCK and isinstance(block, dict)
    ]
    return (
        Field("q", "long", most=4000, needed=True, check=check_rule, label="rule"),
        Field("days", "choice", tuple((day, f"set.days.{day}") for day in DAYS)),
        Field("digest", "choice", tuple(digests), label="which_digest"),
        Field("name", needed=True, check=check_name, label="rule_name"),
    )


async def rule(req: PageRequest) -> Response:
    """The trial of a rule; sent, it becomes one of a digest."""
    file, fields = await opened(req, ALERTS), fields_of(req)
    if req.request.method == "POST":
        form = Form.sent(fields, await values(req))
        return await _save(req, form, file.version)
    text = " ".join(req.arg("q")[:4000].split())
    given = {"q": [text], "days": [req.arg("days") or "7"], "digest": [req.arg("digest") or _first(fields)]}
    form = Form.sent(fields, given | {"name": [req.arg("name") or name_of(text)], "ban": [file.version]})
    if not text:
        form.problems = {}
    form.problems.pop("name", None)
    return await _page(req, form)


def _first(fields: tuple[Field, ...]) -> str:
    choices = next(one for one in fields if one.name == "digest").choices
    return choices[0][0] if choices else ""


async def _save(req: PageRequest, form: Form, version: str) -> Response:
    text, name, digest = " ".join(form.text("q").split()), form.text("name"), str(form.typed["digest"])
    block = (await opened(req, ALERTS)).data.get(digest) or {}
    if not form.problems and name in {*(block.get("queries") or {}), *(block.get("topics") or [])}:
        form.problems["name"] = reason("set_known_rule", text=name)
    try:
        if form.fine:
            what = reason("set_rule", digest=digest, rule=name)
            await save(req, ALERTS, form.version, lambda data: _add(data[digest], name, text), what)
            return Response.redirect(req.path(f"/cai-dat/ban-tin/{digest}", {"da": "luu"}) + "#luat", 303)
    except ChangedMeanwhile:
        form.top, form.version = reason("set_changed"), version
    except ConfigError as error:
        form.top = str(error)
    return await _page(req, form, status=400)


def _add(block: dict[str, Any], name: str, text: str) -> None:
    block["queries"] = (block.get("queries") or {}) | {name: text}


async def _page(req: PageRequest, form: Form, status: int = 200) -> Response:
    found: Results | None = None
    lines: dict[int, Any] = {}
    if form.text("q") and "q" not in form.problems:
        days = int(form.typed["days"]) if form.typed["days"] in DAYS else 7
        text = " ".join(form.text("q").split())
        found, lines = await req.query(
            lambda db: _tried(
                try_query(
                    db, text, days, req.now, places=req.site.places, lexicon=req.site.lexicon, limit=SHOWN
                ),
                db,
            )
        )
    return await req.render(
        "settings/rule.html",
        status=status,
        form=form,
        found=found,
        lines=lines,
        understood=found and (found.understood_en if req.words.lang == "en" else found.understood),
        marked=lambda parts: as_html(in_one(parts)),
    )


def _tried(found: Results, db: Any) -> tuple[Results, dict[int, Any]]:
    return found, lines_of(db, [hit.id for hit in found.hits])
