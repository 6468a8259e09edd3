"""``/truong-hop`` Trường hợp: what was said of single articles, and whether today's rules do it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from datasette.utils.asgi import NotFound, Response
from sqlite_utils import Database

from archive.cases import REASONS, Case, CaseBook, Verdict
from archive.cases.articles import case_of
from archive.cases.trial import CaseNow
from archive.config import ConfigError
from archive.home import Home
from archive.refused import MANUAL, BadAddress
from archive.text import composed
from archive.web.forms import fields
from archive.web.request import PageRequest
from archive.web.views.lists import TopicLabel

PAGE = 50
PATIENCE = 4.0  # seconds that cases are judged before a page is shown without the rest
VERDICTS: dict[str, Verdict] = {"khong-lien-quan": "irrelevant", "le-ra": "missing"}
STATES = {"dung": "right", "sai": "wrong", "khong-xet": "unjudged", "chua-ro": "unknown", "chua-xet": "later"}
_KNOWN = """select a.url, a.id, a.source from articles a where a.url in (select value from json_each(?))"""
_MOST = {"dia-chi": 2100, "tieu-de": 300, "noi-dung": 100_000}


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as the page shows it; ``now`` is None where there was no time to judge it."""

    case: Case
    outlet: str
    article_id: int | None
    now: CaseNow | None

    @property
    def state(self) -> str:
        """``right`` or ``wrong`` under today's rules, or why that is not known."""
        if self.now is None:
            return "later"
        if not self.now.known:
            return "unknown"
        return "unjudged" if self.now.right is None else "right" if self.now.right else "wrong"


@dataclass(frozen=True, slots=True)
class _Names:
    """What the archive knows of the cases' articles, outlets and topics."""

    articles: dict[str, int]
    outlets: dict[str, str]
    topics: list[TopicLabel]

    @classmethod
    def load(cls, db: Database, cases: list[Case]) -> "_Names":
        rows = db.execute(_KNOWN, [json.dumps([case.url for case in cases])]).fetchall()
        topics = db.execute("select key, name, name_en from topics order by weight desc, key")
        outlets = dict(db.execute("select key, name from sources").fetchall())
        return cls({url: id_ for url, id_, _ in rows}, outlets, [TopicLabel(*row) for row in topics])

    def outlet(self, case: Case) -> str:
        """The name of the outlet that printed it."""
        return "" if case.source == MANUAL else self.outlets.get(case.source, case.source)


async def cases(req: PageRequest) -> Response:
    """The list; a POST says something of an article, or takes it back."""
    if req.request.method != "POST":
        return await _page(req)
    given = await fields(req)
    try:
        return await (_withdraw if given.get("viec") == "rut" else _record)(req, given)
    except BadAddress as error:
        return await _page(req, given, req.words.reason(error.reason), 400)
    except _Wrong as error:
        return await _page(req, given, req.words(str(error)), 400)
    except ConfigError as error:
        return await _page(req, given, str(error), 409)


class _Wrong(Exception):
    """What was sent makes no case; the message is the key of why."""


async def _record(req: PageRequest, given: dict[str, str]) -> Response:
    book, verdict = CaseBook.of(_home(req)), VERDICTS.get(given.get("loai", ""))
    why, topic = given.get("vi-sao", ""), given.get("chu-de", "")
    topics = await req.query(lambda db: {key for (key,) in db.execute("select key from topics")})
    if verdict is None or why not in ("", *REASONS) or topic not in ("", *topics):
        raise _Wrong("cases.wrong.choice")
    said = {"by": req.user.name, "topic": topic, "why": why}
    number = given.get("bai", "")
    if number.isascii() and number.isdigit() and len(number) < 19:
        case = await req.require(lambda db: case_of(db, int(number), verdict, now=req.now, **said))
    else:
        case = await asyncio.to_thread(_read, req, verdict, given, said)
    recorded = (await asyncio.to_thread(book.record, case))[0]
    return _back(req, number, recorded.id)


def _read(req: PageRequest, verdict: Verdict, given: dict[str, str], said: dict[str, str]) -> Case:
    """The case of an address or text that was typed."""
    if req.site.crawling is None:
        raise NotFound("nothing crawls for this archive")
    address, title, text = (composed(given.get(name, "")).strip() for name in _MOST)
    if not address and not text:
        raise _Wrong("cases.wrong.nothing")
    if any(len(given.get(name, "")) > most for name, most in _MOST.items()):
        raise _Wrong("cases.wrong.long")
    typed = {"title": title or text.partition("\n")[0][:200], "body": text} if text else {"title": title}
    return req.site.crawling.case_of(address, verdict, said | {k: v for k, v in typed.items() if v})


async def _withdraw(req: PageRequest, given: dict[str, str]) -> Response:
    book = CaseBook.of(_home(req))
    await asyncio.to_thread(lambda: book.withdraw(given.get("ma", ""), by=req.user.name, now=req.now))
    return _back(req, given.get("bai", ""), "")


def _back(req: PageRequest, article: str, case: str) -> Response:
    """To the article it was said of, else to the case."""
    if article.isascii() and article.isdigit():
        return Response.redirect(req.path(f"/bai/{article}") + "#truong-hop", status=303)
    return Response.redirect(req.path("/truong-hop", {"ma": case}), status=303)


def _home(req: PageRequest) -> Home:
    if req.site.home is None:
        raise NotFound("no home to keep cases in")
    return req.site.home


async def _page(
    req: PageRequest, typed: dict[str, str] | None = None, problem: str = "", status: int = 200
) -> Response:
    book = CaseBook.of(_home(req))
    try:
        known = await asyncio.to_thread(book.read)
    except ConfigError as error:
        known, problem, status = [], str(error), 409
    lines, names = await _lines(req, known)
    shown = _chosen(req, lines)
    page = req.page_number()
    return await req.render(
        "learning/cases.html",
        status=status,
        lines=shown[(page - 1) * PAGE : page * PAGE],
        total=len(shown),
        count=_counted(lines),
        topics=names.topics,
        named={topic.key: topic for topic in names.topics},
        reasons=REASONS,
        damaged=book.damaged,
        problem=problem,
        typed=typed or {},
        page=page,
        more=len(shown) > page * PAGE,
        address=_addresses(req),
    )


async def _lines(req: PageRequest, known: list[Case]) -> tuple[list[CaseLine], _Names]:
    """Every case, the newest first, with what today's rules make of the open ones."""
    newest = sorted(known, key=lambda case: case.at, reverse=True)
    names = await req.query(lambda db: _Names.load(db, newest))
    crawling, now = req.site.crawling, dict[str, CaseNow]()
    if crawling:
        some = [case for case in newest if case.open]
        now = await asyncio.to_thread(crawling.judge_cases, some, PATIENCE)
    return [
        CaseLine(case, names.outlet(case), names.articles.get(case.url), now.get(case.id)) for case in newest
    ], names


def _chosen(req: PageRequest, lines: list[CaseLine]) -> list[CaseLine]:
    verdict, state, withdrawn = VERDICTS.get(req.arg("loai")), STATES.get(req.arg("nay")), bool(req.arg("rut"))
    topic, one = req.arg("chude"), req.arg("ma")
    if one:
        return [line for line in lines if line.case.id == one]
    return [
        line
        for line in lines
        if line.case.open is not withdrawn
        and verdict in (None, line.case.verdict)
        and (state is None or line.state == state)
        and topic in ("", line.case.topic)
    ]


def _counted(lines: list[CaseLine]) -> Callable[..., int]:
    """How many cases a link leads to."""

    def count(loai: str = "", nay: str = "", rut: str = "") -> int:
        return sum(
            line.case.open is not bool(rut)
            and VERDICTS.get(loai) in (None, line.case.verdict)
            and STATES.get(nay) in (None, line.state)
            for line in lines
        )

    return count


def _addresses(req: PageRequest) -> Callable[..., str]:
    chosen = {name: req.arg(name) for name in ("loai", "nay", "rut", "chude")}

    def address(page: int = 0, **other: Any) -> str:
        return req.path("/truong-hop", chosen | other | ({"trang": page} if page > 1 else {}))

    return address


@dataclass(frozen=True, slots=True)
class CasesHere:
    """What was said of one article, and what an editor may say of it."""

    cases: list[Case]
    reasons: tuple[str, ...] = REASONS


async def cases_here(req: PageRequest, *urls: str) -> CasesHere | None:
    """The open cases of these addresses; None for whoever may make none."""
    home = req.site.home
    if home is None or req.public or not req.may("editor"):
        return None
    try:
        known = await asyncio.to_thread(CaseBook.of(home).read)
    except ConfigError:
        return None
    return CasesHere([case for case in known if case.open and case.url in urls])
