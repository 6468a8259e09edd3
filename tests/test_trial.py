"""``reprocess --try``: it equals a full run of the stages, names what it changes, and writes nothing."""

import contextlib
import hashlib
import html
import re
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.cases import Case, CaseBook
from archive.cases.trial import RuleProposal
from archive.clock import HANOI, stamp, utc_now
from archive.db import reading
from archive.home import DEFAULTS, Home
from archive.i18n import choose
from archive.model import Article
from archive.pages import RawPage, keep, open_pages
from archive.places.gazetteer import load_places
from crawler.asked.trial import try_rules
from crawler.cli import main
from crawler.reprocess import reprocess
from crawler.workspace import open_workspace
from pipelines.classify import classify
from pipelines.classify.missed import missed_phrases
from pipelines.classify.topics import load_topics
from pipelines.classify.trial import RuleSet, Trial, TrialText, apply, proposals_between
from pipelines.item import Context, Item, Reject
from tests.commands import diemtin
from tests.relevance_cases import CASES
from tests.relevance_headlines import HEADLINES

NOW = datetime(2026, 11, 29, tzinfo=UTC)
PLACES = load_places(DEFAULTS / "places.yml")
TODAY = load_topics(DEFAULTS / "topics.yml")
TRIED = {
    "a word that is new": [RuleProposal("word", "khcn", "học sinh", "0", "3")],
    "a word that hides a shorter one": [RuleProposal("word", "khcn", "nhà máy luyện", "0", "1")],
    "a word with capitals": [RuleProposal("word", "fdi", "Thủ tướng", "0", "2")],
    "a word that goes": [RuleProposal("word", "cong-nghiep", "sản xuất công nghiệp", "3", "0")],
    "a word of other points": [RuleProposal("word", "cong-nghiep", "công nhân", "1", "3")],
    "a weight": [RuleProposal("weight", "khu-cong-nghiep", "", "1", "0.2")],
    "a query": [RuleProposal("query", "fdi", "", "", '"nhà máy" OR điện')],
    "a query with a filter": [RuleProposal("query", "fdi", "", "", "mức:about nhà máy")],
    "the threshold": [RuleProposal("threshold", "", "", "3.2", "6")],
    "several": [
        RuleProposal("word", "cong-nghiep", "nhà máy", "2", "0"),
        RuleProposal("threshold", "", "", "3.2", "2"),
        RuleProposal("query", "khcn", "", "", "drone OR máy"),
    ],
}  # fmt: skip


def given() -> list[TrialText]:
    """Short texts of the tests, those that mislead too."""
    rows = [(case.title, case.lead, case.body) for case in CASES[::2]]
    rows += [(title, lead, "") for _, title, lead in HEADLINES[::3]]
    articles = [
        Article(f"https://vidu.vn/{number}", "vidu", *row, published_at=NOW - timedelta(days=number))
        for number, row in enumerate(rows)
    ]
    return [TrialText(one, one.published_at.astimezone(HANOI).date()) for one in articles if one.published_at]


def by_stage(text: TrialText, topics: Any) -> tuple[object, ...]:
    """What the stage makes of an article."""
    article = Article(text.article.url, "vidu", text.article.title, text.article.lead, text.article.body)
    article.published_at = text.article.published_at
    with contextlib.suppress(Reject):
        classify(Item(article), Context(PLACES, topics, now=lambda: NOW))
    return article.relevant, article.level, article.score, tuple(article.topics), tuple(article.why)


@pytest.fixture(scope="module")
def before() -> list[tuple[object, ...]]:
    return [by_stage(text, TODAY) for text in given()]


@pytest.mark.parametrize("name", TRIED)
def test_it_equals_a_full_run_of_the_stage(name: str, before: list[tuple[object, ...]]) -> None:
    texts, other = given(), apply(TODAY, TRIED[name])
    after = [by_stage(text, other) for text in texts]
    told = {
        judged.text.article.url: (astuple(judged.before), astuple(judged.after[0]))
        for judged in Trial(PLACES, TODAY, [RuleSet.of(TODAY, other)]).reached(texts)
    }
    for text, one, two in zip(texts, before, after, strict=True):
        assert told.get(text.article.url, (one, one)) == (one, two), text.article.title
    assert before != after, "the proposal should do something here"


def test_a_file_is_taken_apart_into_its_differences() -> None:
    whole = [one for some in TRIED.values() for one in some if one.kind != "rest"]
    other = apply(TODAY, [*whole[:2], *TRIED["a weight"], *TRIED["a query"], *TRIED["the threshold"]])
    found = proposals_between(TODAY, other)
    assert {one.code for one in found} == {"word_new", "query", "weight", "threshold"}
    assert apply(TODAY, found).topics == other.topics
    assert not proposals_between(TODAY, TODAY)


MISSED = (
    "Máy sao chè tự động ở Thái Nguyên. Nhà máy này dùng máy sao chè tự động, hai lần.",
    "Hợp tác xã ở La Bằng mua máy sao chè tự động và máy cắt cỏ mini.",
    "Máy cắt cỏ mini của Đồng Hỷ; công nghiệp chế biến.",
)


def test_words_of_missed_articles_are_counted_and_known_ones_left_out() -> None:
    texts = [TrialText(Article("", "", "", "", body), NOW.date()) for body in MISSED]
    found = missed_phrases(texts, PLACES, TODAY, 20)
    assert ("máy sao chè tự động", 2) in found
    assert ("máy cắt cỏ mini", 2) in found
    words = " | ".join(phrase for phrase, _ in found)
    assert not re.search("thái nguyên|la bằng|nhà máy|công nghiệp|(^|[|] )(ở|của) ", words), words
    assert "máy cắt cỏ |" not in f"{words} |", "it stands nowhere but within a longer one"
    assert missed_phrases([], PLACES, TODAY, 20) == []
    assert ("máy sao chè tự động", 1) in missed_phrases(texts[:1], PLACES, TODAY, 20)


SOURCES = """
sources:
  vidu: {name: Báo Ví Dụ, home: 'https://vidu.vn/', kind: national, article: 'bai', feeds: ['https://vidu.vn/rss']}
"""
PAGES = {
    "bai-1": (
        "Drone dạy học sinh ở Thái Nguyên",
        "Trường ở Tích Lương, Thái Nguyên dùng drone chấm bài.",
    ),
    "bai-2": (
        "Nhà máy mới ở Phổ Yên, Thái Nguyên",
        "Nhà máy linh kiện tại Thái Nguyên tuyển công nhân.",
    ),
    "bai-3": (
        "Drone cùng Thái Nguyên vào hạ",
        "Mùa hoa ở Thái Nguyên, trà và đồi chè xanh, drone lau kính ở một quán.",
    ),
    "bai-4": ("Mưa ở Hà Nội", "Mưa lớn ở Hà Nội, drone không chạy được."),
}
LATE = "bai-3"  # refused when it was crawled; the rules of today would keep it


def page(title: str, text: str, at: datetime) -> bytes:
    body = "".join(f"<p>{text} Câu thứ {number} kể thêm đôi điều về buổi sáng ấy.</p>" for number in range(4))
    return (
        f'<html><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta property="article:published_time" content="{at.isoformat()}"></head>'
        f"<body><article><h1>{html.escape(title)}</h1>{body}</article></body></html>"
    ).encode()


def keep_pages(home: Home, *names: str) -> None:
    pages, now = open_pages(home.pages_db), utc_now()
    for number, name in enumerate(names):
        at = now - timedelta(days=number + 1)
        keep(pages, RawPage(f"https://vidu.vn/{name}", "vidu", at, "text/html", page(*PAGES[name], at)))
        pages.execute(
            """insert into addresses (url, source, found_at, outcome, ended_at, refused_at, names_in)
               values (?, 'vidu', ?, 'irrelevant', ?, ?, 'page')""",
            [f"https://vidu.vn/{name}", *[stamp(at)] * 3],
        )
    pages.close()


def stored(home: Home) -> dict[str, tuple[bool, tuple[str, ...]]]:
    with reading(home.archive_db) as archive:
        rows = archive.execute(
            """select url, relevant, (select group_concat(topic) from article_topics where article_id = id)
               from articles"""
        ).fetchall()
    return {url: (bool(relevant), tuple(sorted((topics or "").split(",")))) for url, relevant, topics in rows}


def reprocessed(home: Home) -> dict[str, tuple[bool, tuple[str, ...]]]:
    with open_workspace(home) as workspace:
        reprocess(workspace)
    return stored(home)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path / "home")
    (home.path / "config").mkdir()
    (home.path / "config" / "sources.yml").write_text(SOURCES, encoding="utf-8")
    keep_pages(home, *(name for name in PAGES if name != LATE))
    return home


def state(home: Home) -> dict[str, str]:
    return {
        str(path.relative_to(home.path)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in home.path.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def test_what_it_says_is_what_reprocessing_does_and_nothing_is_written(home: Home, tmp_path: Path) -> None:
    first = reprocessed(home)
    keep_pages(home, LATE)
    CaseBook.of(home).record(
        Case(id="1", at=stamp(utc_now()), verdict="missing", url="https://vidu.vn/bai-1"),
        Case(id="2", at=stamp(utc_now()), verdict="irrelevant", url=f"https://vidu.vn/{LATE}"),
        Case(id="3", at=stamp(utc_now()), verdict="missing", url="https://vidu.vn/nowhere"),
    )
    text = (DEFAULTS / "topics.yml").read_text(encoding="utf-8")
    new = tmp_path / "new.yml"
    text = text.replace("3: [sản xuất công nghiệp,", "3: [drone, sản xuất công nghiệp,")
    new.write_text(text, encoding="utf-8")
    before = state(home)
    report = try_rules(home, other=load_topics(new), now=utc_now())
    assert state(home) == before
    assert (report.articles, report.refused, report.late) == (2, 2, False)
    assert [one.proposals[0].code for one in report.each] == ["word_new"]

    changes = report.together.changes
    assert {(one.url[-5:], one.gained, one.topic) for one in changes} == {
        (url, True, topic) for url in ("bai-1", LATE) for topic in ("", "cong-nghiep")
    }, "what becomes relevant has the topic of its words"
    one = next(one for one in changes if one.url.endswith("bai-1"))
    assert (one.title, one.outlet, one.words) == (PAGES["bai-1"][0], "Báo Ví Dụ", ["drone"])
    assert one.score > 3.2 > one.score_before
    assert all((change.article_id is None) is change.url.endswith(LATE) for change in changes)
    assert {(one.case.id, one.righted) for one in report.together.cases} == {("1", True), ("2", False)}
    assert (report.cases, report.cases_in_all) == (2, 3)

    (home.path / "config" / "topics.yml").write_text(new.read_text(encoding="utf-8"), encoding="utf-8")
    after = reprocessed(home)
    assert {url for url in after if after[url] != first.get(url)} == {one.url for one in changes}
    assert all(after[one.url][0] for one in changes)


def test_when_the_time_is_used_up_it_says_so(home: Home) -> None:
    reprocessed(home)
    report = try_rules(home, lambda _: TRIED["the threshold"], now=utc_now(), seconds=0)
    assert (report.articles, report.articles_in_all, report.late) == (0, 2, True)


def test_an_empty_home_is_an_honest_nothing(tmp_path: Path) -> None:
    report = try_rules(Home.at(tmp_path), lambda _: TRIED["several"], now=NOW)
    assert (report.articles, report.refused, report.together.changes, report.late) == (0, 0, [], False)


def test_the_command_names_what_is_gained(home: Home) -> None:
    reprocessed(home)
    done = diemtin("--lang", "vi", "reprocess", "--try", "--try-word", "cong-nghiep:drone=3", home=home.path)
    lines = done.stdout.splitlines()
    assert lines[0] == "cong-nghiep: thêm từ «drone», 3 điểm: được 1, mất 0"
    assert lines[1].startswith("  + Drone dạy học sinh ở Thái Nguyên (Báo Ví Dụ, ")
    assert "[drone] về tỉnh, điểm" in lines[1]
    assert lines[2].strip() == "https://vidu.vn/bai-1"
    assert "Đã xem 2 bài" in done.stdout
    assert done.stderr == ""


WRONG = {
    "nothing to try": (["--try"], "--try-word"),
    "no try": (["--try-word", "fdi:drone=1"], "--try"),
    "with source": (["--try", "--try-threshold", "3", "--source", "vidu"], "--source"),
    "no points": (["--try", "--try-word", "fdi:drone"], "fdi:drone"),
    "points": (["--try", "--try-word", "fdi:drone=mười"], "TOPIC:WORD=POINTS"),
    "too many points": (["--try", "--try-word", "fdi:drone=10"], "TOPIC:WORD=POINTS"),
    "no word": (["--try", "--try-word", "fdi:…=1"], "TOPIC:WORD=POINTS"),
    "no topic": (["--try", "--try-word", "fdl:drone=1"], "fdi"),
    "weight": (["--try", "--try-weight", "fdi=nan"], "TOPIC=WEIGHT"),
    "query": (["--try", "--try-query", "fdi="], "TOPIC=QUERY"),
    "odd query": (["--try", "--try-query", "fdi=((("], "no letter or figure"),
    "threshold": (["--try", "--try-threshold", "cao"], "cao"),
    "no file": (["--try", "--topics", "nowhere.yml"], "nowhere.yml"),
    "days": (["--try", "--try-threshold", "3", "--days", "0"], "--days"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_bad_input_is_one_plain_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, hint = WRONG[name]
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(tmp_path), "--lang", "en", "reprocess", *arguments])
    error = capsys.readouterr().err.strip().splitlines()
    assert ended.value.code == 2
    assert hint in error[-1]
    assert error[-1].startswith("diemtin: ")
    choose(None)
