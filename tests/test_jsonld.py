"""JSON-LD as real pages have it: several blocks, graphs, escapes, faults."""

from lxml import etree

from pipelines.extract import jsonld


def read(*blocks: str) -> jsonld.Linked:
    scripts = "".join(f'<script type="application/ld+json">{block}</script>' for block in blocks)
    return jsonld.read(etree.fromstring(f"<html><head>{scripts}</head><body/></html>", etree.HTMLParser()))


def test_the_article_is_found_in_a_graph() -> None:
    linked = read(
        '{"@type":"Organization","name":"Báo Mẫu"}',
        '{"@graph":[{"@type":"WebPage","name":"x"},{"@type":["NewsArticle"],"headline":"Tin","datePublished":"2026-01-02",'
        '"author":{"@id":"#p"}},{"@type":"Person","@id":"#p","name":"Minh Hạnh"}]}',
    )
    assert (linked.headline, linked.published, linked.authors) == ("Tin", "2026-01-02", ["Minh Hạnh"])
    assert "Báo Mẫu" in linked.organisations


def test_text_escaped_twice_is_unescaped_twice() -> None:
    assert read('{"@type":"NewsArticle","headline":"Chi&amp;#7871;n s&amp;#7921;"}').headline == "Chiến sự"


def test_organisations_are_no_authors_and_names_may_be_in_two_parts() -> None:
    author = '[{"@type":"Organization","name":"Báo"},{"@type":"Person","givenName":"An","familyName":"Lê"}]'
    assert read(f'{{"@type":"NewsArticle","headline":"x","author":{author}}}').authors == ["An Lê"]


def test_faults_are_mended_or_read_loosely() -> None:
    assert read('{"@type":"NewsArticle","headline":"a",}').headline == "a"
    assert read('<!-- {"@type":"NewsArticle","headline":"b"} -->').headline == "b"
    assert read(
        '{"@type":"NewsArticle","headline":"c" "datePublished":"2026-01-02T03:04:05Z"'
    ).published.startswith("2026")
    assert read("not json") == jsonld.Linked()
