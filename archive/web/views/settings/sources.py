"""``/cai-dat/nguon``: the outlets; a new one from its address, read before it is saved; pause; check now."""

import asyncio
import re
from typing import Any

from datasette.utils.asgi import NotFound, Response

from archive.config import ConfigError
from archive.reasons import reason
from archive.web.crawling import Crawling, Job
from archive.web.forms import fields as given_fields
from archive.web.forms import values
from archive.web.request import PageRequest
from archive.web.views.settings.form import Field, Form, Problem
from archive.web.views.settings.store import SOURCES, note, opened, save

PATIENCE = 12.0  # seconds that a page waits for a visit; then it says that the visit goes on
_KINDS = tuple((name, f"set.kind.{name}") for name in ("", "provincial", "national", "portal", "magazine"))


def _address(text: str) -> Problem:
    bare = text.removeprefix("https://").removeprefix("http://")
    fine = "." in bare.split("/")[0] or ":" in bare.split("/")[0]
    return (
        "" if fine and not any(mark.isspace() for mark in text) else reason("set_no_address", text=text[:100])
    )


def _key(text: str) -> Problem:
    return "" if re.fullmatch(r"[a-z0-9_-]+", text) else reason("set_bad_name", text=text[:60])


ADD = (
    Field("url", needed=True, most=2000, check=_address, label="source_url"),
    Field("name", label="source_name"),
    Field("key", most=60, check=_key, label="source_key"),
    Field("kind", "choice", _KINDS, label="source_kind"),
)


def crawling_of(req: PageRequest) -> Crawling:
    """The crawler; raises NotFound where nothing crawls for this archive."""
    if req.site.crawling is None:
        raise NotFound("nothing crawls for this archive")
    return req.site.crawling


async def sources(req: PageRequest) -> Response:
    """Every source with its state, and the form for a new one; a POST begins to read that."""
    crawling = crawling_of(req)
    form = Form(ADD, {"url": req.arg("url"), "name": "", "key": "", "kind": ""})
    if req.request.method == "POST":
        form = Form.sent(ADD, await values(req))
        if form.fine:
            return await _begin_add(req, crawling, form)
    lines = await asyncio.to_thread(crawling.sources)
    status = 200 if form.fine else 400
    return await req.render(
        "settings/sources.html", status=status, form=form, sources=lines, saved=req.arg("da")
    )


async def _begin_add(req: PageRequest, crawling: Crawling, form: Form) -> Response:
    typed = {one.name: form.text(one.name) for one in ADD}
    if "://" not in typed["url"]:
        typed["url"] = f"https://{typed['url']}"
    job = await asyncio.to_thread(crawling.start_add, typed, req.words.lang)
    return Response.redirect(req.path(f"/cai-dat/nguon/viec/{job.id}"), 303)


async def state(req: PageRequest) -> Response:
    """Pause a source, let it go on, or begin to check it."""
    crawling, given = crawling_of(req), await given_fields(req)
    key, todo = given.get("nguon", ""), given.get("viec", "")
    known = {line.key: line for line in await asyncio.to_thread(crawling.sources)}
    if key not in known:
        raise NotFound(f"no source {key}")
    if todo == "thu":
        job = await asyncio.to_thread(crawling.start_check, key, req.words.lang)
        return Response.redirect(req.path(f"/cai-dat/nguon/viec/{job.id}"), 303)
    pausing = todo == "dung"
    file = await opened(req, SOURCES)
    what = reason("set_source_paused" if pausing else "set_source_resumed", source=key)
    await save(req, SOURCES, file.version, lambda data: _pause(data, key, pausing), what)
    return Response.redirect(req.path("/cai-dat/nguon", {"da": key}) + f"#nguon-{key}", 303)


def _pause(data: dict[str, Any], key: str, pausing: bool) -> None:
    """Write that a source rests; what goes on again needs no word, unless its own block says that it rests."""
    changes = data.get("changes") or {}
    block = dict(changes.get(key) or {})
    if pausing:
        block["state"] = "paused"
    elif block.pop("state", None) is None:
        block["state"] = "live"
    changes = {name: one for name, one in (changes | {key: block}).items() if one}
    if changes:
        data["changes"] = changes
    else:
        data.pop("changes", None)


async def visit(req: PageRequest) -> Response:
    """What came of a visit; a new source is saved from here."""
    crawling = crawling_of(req)
    job = await asyncio.to_thread(crawling.job, req.url_vars["id"], PATIENCE)
    if job is None:
        return await req.render("settings/visit.html", status=404, job=None, problem="", form=None)
    problem = ""
    if req.request.method == "POST":
        try:
            await asyncio.to_thread(_save, req, crawling, job)
            return Response.redirect(req.path("/cai-dat/nguon", {"da": job.about}) + f"#nguon-{job.about}", 303)
        except ConfigError as error:
            problem = str(error)
    form = Form(ADD, dict(job.typed)) if job.kind == "add" else None
    return await req.render(
        "settings/visit.html", status=400 if problem else 200, job=job, problem=problem, form=form
    )


def _save(req: PageRequest, crawling: Crawling, job: Job) -> None:
    if not job.new or job.saved:
        return
    crawling.save(job)
    note(req, reason("set_source_new", source=job.new.key, name=job.new.name), {"home": ["", job.new.home]})
