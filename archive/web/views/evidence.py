"""``/bai/<id>/bang-chung`` Bằng chứng: what a pack of an article can prove; a press makes and downloads it."""

import asyncio
from threading import Lock
from urllib.parse import urlsplit

from datasette.utils.asgi import Response

from archive.config import ConfigError
from archive.evidence.config import EvidenceConfig, load_evidence
from archive.evidence.record import Record, load_record, load_subject
from archive.home import DEFAULTS
from archive.web.forms import fields
from archive.web.request import PageRequest

CONFIG = "evidence.yml"
_ONE_AT_A_TIME = Lock()  # a browser is started for each pack


async def evidence(req: PageRequest) -> Response:
    """What is kept of the article, and the button; or the pack itself."""
    article_id, home = int(req.url_vars["id"]), req.site.home
    subject = await req.require(lambda db: load_subject(db, article_id))
    record = await asyncio.to_thread(load_record, subject, home.pages_db if home else None)
    file = home.config(CONFIG) if home else DEFAULTS / CONFIG
    try:
        config = load_evidence(file)
    except ConfigError as error:
        return await _page(req, record, problem=str(error).replace(str(file), CONFIG))
    given = await fields(req) if req.request.method == "POST" else {}
    if given.get("viec") != "lap" or not subject.versions:
        return await _page(req, record, config.timestamps)
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        return await _page(req, record, config.timestamps, problem=req.words("evidence.busy"), status=503)
    return await asyncio.shield(asyncio.to_thread(_made, req, record, config, with_pdf="pdf" in given))


async def _page(
    req: PageRequest, record: Record, asked: tuple[str, ...] = (), *, problem: str = "", status: int = 200
) -> Response:
    """What is kept; ``problem`` is why there is no pack now, ``asked`` are the authorities of time stamps."""
    hosts = [urlsplit(url).hostname or url for url in asked]
    return await req.render(
        "evidence.html", status=status, record=record, row=record.subject, hosts=hosts, problem=problem
    )


def _made(req: PageRequest, record: Record, config: EvidenceConfig, *, with_pdf: bool) -> Response:
    """The pack as a download; noted in the log."""
    from archive.evidence.pack import log_pack, make_pack, maker

    home = req.site.home
    try:
        by = maker(req.user.name, req.now)
        pack = make_pack(record, home.pages_db if home else None, by, config, with_pdf=with_pdf)
        if home:
            log_pack(home.desk_db, pack, by=req.user.name)
        named = f'attachment; filename="{pack.name}.zip"'
        return Response(pack.zip(), headers={"content-disposition": named}, content_type="application/zip")
    finally:
        _ONE_AT_A_TIME.release()
