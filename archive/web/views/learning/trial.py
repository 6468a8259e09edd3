"""``/chu-de/KEY/thu``: what other words of a topic would change on the last 90 days, before they are saved."""

import asyncio
import copy
from typing import Any

import yaml
from datasette.utils.asgi import NotFound, Response

from archive.cases.trial import MissedWord, TrialReport
from archive.config import ConfigError
from archive.web.crawling import Crawling
from archive.web.forms import values
from archive.web.request import PageRequest
from archive.web.views.settings.form import Form
from archive.web.views.settings.store import TOPICS, opened
from archive.web.views.settings.topics import FIELDS, check_words, typed_of, write

MOST = 100  # articles listed of each kind


async def trial(req: PageRequest) -> Response:
    """The form with the words of today; sent, what others would gain and lose, by name. It saves nothing."""
    key, crawling = req.url_vars["key"], req.site.crawling
    if crawling is None:
        raise NotFound("nothing crawls for this archive")
    file = await opened(req, TOPICS)
    block = (file.data.get("topics") or {}).get(key)
    if not isinstance(block, dict):
        raise NotFound(f"no topic {key}")
    if req.request.method != "POST":
        return await _page(req, key, crawling, Form(FIELDS, typed_of(block), file.version))
    form = Form.sent(FIELDS, await values(req))
    check_words(form)
    if not form.fine:
        return await _page(req, key, crawling, form, status=400)
    try:
        report = await asyncio.to_thread(crawling.try_topics, _with(file.data, key, form), req.words.lang)
    except ConfigError as error:
        form.top = str(error)
        return await _page(req, key, crawling, form, status=400)
    return await _page(req, key, crawling, form, report)


def _with(data: dict[str, Any], key: str, form: Form) -> str:
    """topics.yml as it would be with the form saved, without its comments."""
    other = copy.deepcopy(data)
    write(other["topics"][key], form)
    return yaml.safe_dump(other, allow_unicode=True, sort_keys=False)


async def _page(
    req: PageRequest,
    key: str,
    crawling: Crawling,
    form: Form,
    report: TrialReport | None = None,
    status: int = 200,
) -> Response:
    try:
        missed: list[MissedWord] = await asyncio.to_thread(crawling.missed_words, key)
    except ConfigError as error:
        missed, form.top = [], form.top or str(error)
    names = await req.query(lambda db: {row[0]: row[1:] for row in db.execute(_NAMES)})
    return await req.render(
        "learning/trial.html",
        status=status,
        key=key,
        form=form,
        report=report,
        missed=missed,
        names=names,
        most=MOST,
    )


_NAMES = "select key, name, name_en from topics"
