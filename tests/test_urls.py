"""One story, one address: canonical forms, twins, and links that lead elsewhere."""

import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.sources import Source
from crawler.urls import LONGEST, article_address, canonical, own_host


def outlet(home: str = "https://baomau.vn/", hosts: tuple[str, ...] = ()) -> Source:
    return Source(
        "baomau", "Báo Mẫu", home, "national", re.compile(r"-\d+\.htm$"), hosts=frozenset({*hosts, "baomau.vn"})
    )


STORY = "https://baomau.vn/kinh-te/tin-1234.htm"


@pytest.mark.parametrize(
    "seen",
    [
        STORY,
        f"{STORY}#binh-luan",
        f"{STORY}?utm_source=zalo&utm_medium=social",
        f"{STORY}?fbclid=IwAR0abc&gidzl=1",
        f"{STORY}?PHPSESSID=0123456789abcdef",
        f"{STORY};jsessionid=0A1B2C.node1",
        "http://baomau.vn/kinh-te/tin-1234.htm",
        "HTTPS://WWW.BAOMAU.VN/kinh-te/tin-1234.htm",
        "https://m.baomau.vn/kinh-te/tin-1234.htm",
        "https://amp.baomau.vn/kinh-te/tin-1234.htm",
        "https://baomau.vn:443/kinh-te/tin-1234.htm",
        "http://baomau.vn:80/kinh-te/tin-1234.htm",
        "https://baomau.vn/amp/kinh-te/tin-1234.htm",
        "https://baomau.vn/kinh-te/tin-1234.htm/amp/",
        "https://baomau.vn/kinh-te/tin-1234.amp.htm",
        f"{STORY}?amp=1",
        f"  {STORY}\n",
        "https://baomau.vn/kinh-te/\n\ttin-1234.htm",
    ],
)
def test_every_form_of_an_address_is_one_story(seen: str) -> None:
    assert article_address(seen, outlet()) == STORY


def test_parameters_that_name_the_page_stay() -> None:
    source = outlet()
    first = canonical("https://baomau.vn/index.php?id=7&mod=tin&utm_source=x", source)
    assert first == canonical("https://baomau.vn/index.php?mod=tin&id=7", source)
    assert first is not None
    assert "id=7" in first
    assert "mod=tin" in first
    assert first != canonical("https://baomau.vn/index.php?mod=tin&id=8", source)


@pytest.mark.parametrize(
    "address",
    [
        "https://baomau.vn/?p=4711",
        "https://baomau.vn/tin.aspx?newsid=4711",
        "https://baomau.vn/tin.aspx?sid=4711",
        "https://baomau.vn/view.php?from=4711",
        "https://baomau.vn/view.php?cid=5&eid=77",
        "https://baomau.vn/index.php?4711",
        "https://baomau.vn/tin?ItemID=%7B1F2E3D4C-0000-4B5A-9C8D-112233445566%7D",
        "https://baomau.vn/index.php?a=1&id=4711&page=2",
    ],
)
def test_a_parameter_that_alone_names_the_page_stays(address: str) -> None:
    assert canonical(address, outlet()) == address
    assert canonical(f"{address}&utm_source=zalo&fbclid=IwAR0", outlet()) == address


@pytest.mark.parametrize(
    "query",
    ["from=home", "ref=123", "src=rss", "sid=9f8e7d6c5b4a39281706f5e4d3c2b1a0", "cid=5", "source=zalo", "44",
     "redirect=https%3A%2F%2Fkhac.vn%2F", "uid=88"],
)  # fmt: skip
def test_where_a_reader_came_from_names_no_page(query: str) -> None:
    assert canonical(f"{STORY}?{query}", outlet()) == STORY
    slug = "https://baomau.vn/thai-nguyen-mo-rong-khu-cong-nghiep"
    assert canonical(f"{slug}?{query}", outlet()) == slug


def test_a_braced_id_is_kept_and_an_ampersand_escaped_twice_is_one() -> None:
    guid = "1F2E3D4C-0000-4B5A-9C8D-112233445566"
    assert canonical(f"https://baomau.vn/t?id={{{guid}}}", outlet()) == f"https://baomau.vn/t?id=%7B{guid}%7D"
    assert canonical("https://baomau.vn/t?a=1&amp;amp;id=2", outlet()) == "https://baomau.vn/t?a=1&id=2"


@pytest.mark.parametrize(
    "link",
    ["{{ url }}", "{{url}}-12.htm", "%7B%7Burl%7D%7D-12.htm", "{url}-12.htm", "${url}-12.htm", "<?=$u?>-1.htm",
     "<%= url %>.htm"],
)  # fmt: skip
def test_a_template_that_nobody_filled_in_is_no_address(link: str) -> None:
    assert canonical(f"https://baomau.vn/{link}", outlet()) is None


@pytest.mark.parametrize("home", ["https://báomẫu.vn/", "https://xn--bomu-5na2786b.vn/", "https://BáoMẫu.vn/"])
@pytest.mark.parametrize(
    "host", ["báomẫu.vn", "BÁOMẪU.vn", "ba\u0301oma\u0302\u0303u.vn", "www.báomẫu.vn", "xn--bomu-5na2786b.vn"]
)
def test_a_host_with_vietnamese_letters_is_one_host_in_all_its_forms(home: str, host: str) -> None:
    source = Source("baomau", "Báo Mẫu", home, "national", re.compile(r"-\d+\.htm$"))
    own = home.lower().split("/")[2]
    assert article_address(f"https://{host}/tin-1.htm", source) == f"https://{own}/tin-1.htm"


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("/thép-gang-1.htm", "/th%C3%A9p-gang-1.htm"),
        ("/the\u0301p-gang-1.htm", "/the%CC%81p-gang-1.htm"),
        ("/th%c3%a9p-gang-1.htm", "/th%c3%a9p-gang-1.htm"),
        ("/a,b(c)-1.htm", "/a,b%28c%29-1.htm"),
    ],
)
def test_a_path_is_asked_for_as_the_list_writes_it(written: str, asked: str) -> None:
    assert canonical(f"https://baomau.vn{written}", outlet()) == f"https://baomau.vn{asked}"


def test_the_front_page_is_no_article_whatever_the_form() -> None:
    source = Source("baomau", "Báo Mẫu", "https://baomau.vn/", "national", re.compile("/"))
    assert article_address("https://baomau.vn/", source) is None
    assert article_address("https://baomau.vn/?p=4711", source) == "https://baomau.vn/?p=4711"


def test_a_space_in_a_link_stays_a_space() -> None:
    assert canonical("https://baomau.vn/tin moi-1.htm", outlet()) == "https://baomau.vn/tin%20moi-1.htm"


@pytest.mark.parametrize(
    "link",
    [
        "https://khac.vn/tin-1.htm",
        "https://baomau.vn.khac.vn/tin-1.htm",
        "https://baomau.vn@khac.vn/tin-1.htm",
        "https://khac.vn/baomau.vn/tin-1.htm",
        "https://anh.baomau.vn/tin-1.htm",
        "https://baomau.vn:8443/tin-1.htm",
        "http://127.0.0.1/tin-1.htm",
        "http://[::1/tin-1.htm",
        "//baomau.vn/tin-1.htm",
        "/tin-1.htm",
        "tin-1.htm",
        "javascript:void(0)",
        "mailto:toasoan@baomau.vn",
        "tel:02081234567",
        "ftp://baomau.vn/tin-1.htm",
        "data:text/html,tin-1.htm",
        "file:///etc/hostname",
        "",
        "   ",
    ],
)
def test_links_elsewhere_are_not_followed(link: str) -> None:
    assert canonical(link, outlet()) is None


def test_an_address_of_more_than_two_thousand_characters_is_a_trap() -> None:
    start = "https://baomau.vn/"
    assert canonical(start + "a" * (LONGEST - len(start)), outlet()) is not None
    assert canonical(start + "a" * (LONGEST - len(start) + 1), outlet()) is None


def test_only_addresses_of_the_article_form_are_articles() -> None:
    assert article_address("https://baomau.vn/kinh-te/", outlet()) is None
    assert article_address("https://baomau.vn/", outlet()) is None


def test_further_hosts_are_the_outlets_own() -> None:
    source = outlet(hosts=("tienso.baomau.vn",))
    assert canonical("https://tienso.baomau.vn/a-1.htm", source) == "https://tienso.baomau.vn/a-1.htm"
    assert canonical("https://m.tienso.baomau.vn/a-1.htm", source) == "https://tienso.baomau.vn/a-1.htm"


def test_a_home_with_www_keeps_it_and_a_plain_http_home_stays_http() -> None:
    assert canonical("https://baomau.vn/a-1.htm", outlet("https://www.baomau.vn/")) == (
        "https://www.baomau.vn/a-1.htm"
    )
    assert canonical("https://baomau.vn/a-1.htm", outlet("http://baomau.vn/")) == "http://baomau.vn/a-1.htm"


def test_a_port_belongs_to_the_host() -> None:
    source = Source("thu", "Thử", "http://127.0.0.1:8900/", "national", re.compile("."))
    assert own_host("127.0.0.1:8900", source) == "127.0.0.1:8900"
    assert own_host("127.0.0.1:8901", source) is None
    assert own_host("127.0.0.1", source) is None


_PIECES = st.sampled_from(
    ["amp", "/amp/", "/", "//", "..", ".", "?", "&", "=", ";", "#", "tin-1.htm", ".amp", ".html", "%20", "%",
     "+", " ", "\n", "ă", "đ", ";jsessionid=", "utm_x=1", "sid=", "ref", ":", "@", "[", "]", "<", '"', "|"]
)  # fmt: skip


@settings(max_examples=40)
@example(["/amp/", ".."])
@given(st.lists(_PIECES, max_size=12))
def test_the_canonical_address_of_a_canonical_address_is_itself(pieces: list[str]) -> None:
    source = outlet()
    address = canonical("https://baomau.vn/" + "".join(pieces), source)
    if address is not None:
        assert canonical(address, source) == address


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_no_link_however_odd_breaks_a_crawl(link: str) -> None:
    for url in (link, f"https://{link}", f"https://baomau.vn/{link}", f"https://baomau.vn:{link}/"):
        address = canonical(url, outlet())
        assert address is None or address.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "seen", ["https://baomau.vn/202601/tin-6424cc8", "https://www.baomau.vn/202601/tin-6424cc8/"]
)
def test_an_outlet_that_writes_the_last_slash_now_and_then_has_one_address_a_story(seen: str) -> None:
    source = replace(outlet(), article=re.compile(r"/\d{6}/[a-z0-9-]+-[0-9a-f]{7}/?$"))
    assert article_address(seen, source) == "https://baomau.vn/202601/tin-6424cc8/"
    bare = replace(outlet(), article=re.compile(r"/\d{6}/[a-z0-9-]+-[0-9a-f]{7}"))
    assert article_address(seen, bare) == seen.replace("www.", "")
