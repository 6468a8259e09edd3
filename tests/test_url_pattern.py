"""Forms of article addresses are derived from addresses alone."""

import random
import re
from collections.abc import Callable

import pytest

from crawler.onboarding.url_pattern import MOST, derive

HOME = "https://bao.example"
WORDS = [
    "khu",
    "cong",
    "nghiep",
    "thu",
    "hut",
    "von",
    "moi",
    "nha",
    "may",
    "dien",
    "tu",
    "chuyen",
    "doi",
    "so",
    "cho",
    "nong",
    "dan",
    "ba",
    "con",
    "xom",
    "nui",
]
MENU = [
    f"{HOME}/{path}"
    for path in (
        "kinh-te",
        "kinh-te/",
        "thoi-su.htm",
        "chuyen-doi-so-12.html",
        "lien-he.html",
        "rss",
        "video-c3.htm",
    )
]
CHANCE = random.Random(20261122)


def slug(least: int = 7, most: int = 11) -> str:
    return "-".join(CHANCE.choice(WORDS) for _ in range(CHANCE.randint(least, most)))


def number(digits: int) -> int:
    return CHANCE.randrange(10 ** (digits - 1), 10**digits)


FORMS: dict[str, tuple[Callable[[], str], str]] = {
    "ePi": (lambda: f"/{slug()}-post{number(6)}.html", r"-post\d+\.html$"),
    "time in full": (lambda: f"/kinh-te/{slug()}-20261122{number(9)}.htm", r"-\d{17}\.htm$"),
    "VCCorp": (lambda: f"/{slug()}-102261122{number(CHANCE.choice([6, 9]))}.htm", r"-102\d{12,15}\.htm$"),
    "month and hash": (
        lambda: f"/kinh-te/20261{number(1) % 2}/{slug()}-{CHANCE.randrange(16**7):07x}/",
        r"/\d{6}/[^/]+-[0-9a-f]{7}/$",
    ),
    "words alone": (lambda: f"/{slug(6, 13)}.htm", r"/(?:[a-z0-9]+-+){4,}[a-z0-9]+\.htm$"),
    "day in folders": (lambda: f"/2026/11/{number(2)}/{slug()}/", r"/\d{4}/\d{2}/\d{2}/[a-z0-9-]+/$"),
    "number alone": (lambda: f"/{slug()}/{number(6)}.html", r"/\d{5,7}\.html$"),
    "portal": (
        lambda: f"/-/asset_publisher/L0n17V/content/{slug()}",
        r"/-/asset_publisher/L0n17V/content/[a-z0-9-]+$",
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_found_and_takes_new_articles_not_the_menu(name: str) -> None:
    make, regex = FORMS[name]
    found = derive([HOME + make() for _ in range(30)], MENU)
    assert found is not None
    assert found.takes()
    assert found.menu_matched == 0
    later = [HOME + make() for _ in range(200)]
    assert sum(bool(re.search(found.regex, url)) for url in later) >= 190
    if name not in {"words alone", "portal"}:
        assert found.regex == regex


def test_two_forms_of_one_site_stand_side_by_side() -> None:
    articles = [f"{HOME}/{slug()}-d{number(6)}.html" for _ in range(15)]
    articles += [f"{HOME}/{slug()}-ar{number(5)}.html" for _ in range(15)]
    found = derive(articles, MENU)
    assert found is not None
    assert (found.matched, found.menu_matched) == (30, 0)


def test_a_few_strangers_in_a_feed_do_not_widen_the_form() -> None:
    articles = [f"{HOME}/{slug()}-d{number(6)}.html" for _ in range(29)]
    found = derive([*articles, f"{HOME}/video/{slug()}-v{number(3)}.html"], MENU)
    assert found is not None
    assert found.regex == r"-d\d+\.html$"
    assert (found.matched, found.articles) == (29, 30)


def test_headlines_of_a_page_may_hold_other_links() -> None:
    articles = [f"{HOME}/{slug()}-102261122{number(9)}.htm" for _ in range(16)]
    others = [f"{HOME}/{slug()}-{number(3)}.htm" for _ in range(3)] + [f"{HOME}/{slug()}.htm" for _ in range(3)]
    found = derive([*articles, *others], MENU, MOST)
    assert found is not None
    assert (found.regex, found.matched) == (r"-102\d{12,15}\.htm$", 16)


def test_nothing_comes_of_nothing() -> None:
    assert derive([], MENU) is None
