"""The pages of the sample press: Jinja2 templates by family, filled with an outlet's articles."""

import html
import json
import unicodedata
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from crawler.demo.addresses import american, weekday
from crawler.demo.lists import picture
from crawler.demo.site import Entry, Site
from crawler.demo.stock import SampleArticle

_RELATED = 4


def article_page(site: Site, entry: Entry) -> bytes:
    """The page of one article, or of a tool or topic that stands at an article's address."""
    article = entry.article
    others = [other for other in site.newest() if other is not entry]
    text = _render(
        site,
        f"{article.layout}.html",
        entry=entry,
        article=article,
        url=site.url(entry.path),
        image=site.url(picture(entry)),
        section_path=section_path(site, article.section),
        related=[o for o in others if o.article.section == article.section][:_RELATED],
        origin=site.press.url_of(article.body_of) if article.body_of else "",
        ld=_ld(site, entry),
        twins=[site.url(path) for path in site.twins(entry)],
    )
    return unicodedata.normalize("NFD" if article.decomposed else "NFC", text).encode()


def listing_page(site: Site, section: str, page: int) -> bytes | None:
    """One page of a section's list (all sections for an empty one); None beyond the last."""
    entries = site.newest((section,) if section else ())
    size = site.outlet.page_size if site.outlet.paging else max(len(entries), 1)
    shown = entries[(page - 1) * size : page * size]
    if not shown and page > 1:
        return None
    more = len(entries) > page * size and bool(site.outlet.paging)
    following = section_path(site, section, page + 1) if more else ""
    name = site.outlet.sections.get(section, "Trang chủ")
    return _render(site, "list.html", entries=shown, name=name, section=section, following=following).encode()


def missing_page(site: Site) -> bytes:
    """What stands where nothing stands any more."""
    return _render(
        site, "list.html", entries=[], name="Không tìm thấy trang", section="", following=""
    ).encode()


def section_path(site: Site, section: str, page: int = 1) -> str:
    """The path of a section's list."""
    pattern = site.outlet.paging if page > 1 else site.outlet.section
    return pattern.format(section=section, page=page)


def _render(site: Site, template: str, **values: Any) -> str:
    hot = [entry for entry in site.newest() if "Thái Nguyên" in entry.article.title]
    return (
        _templates()
        .get_template(f"{_folder(site)}/{template}")
        .render(
            site=site,
            outlet=site.outlet,
            hot=hot[:_RELATED],
            section_path=values.pop("section_path", ""),
            **values,
        )
    )


def _folder(site: Site) -> str:
    return site.outlet.family or ("portal" if site.outlet.kind == "portal" else "broadcaster")


@cache
def _templates() -> jinja2.Environment:
    room = jinja2.Environment(
        loader=jinja2.PackageLoader("crawler.demo"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    room.filters.update(american=american, weekday=weekday, picture=picture)
    room.globals["section_of"] = section_path
    return room


def _ld(site: Site, entry: Entry) -> Markup:
    """JSON-LD as the family writes it: VCCorp headlines are escaped twice and the zone's plus once."""
    article, when = entry.article, entry.published.isoformat()
    old = site.outlet.family == "vccorp"
    data = {
        "@context": "http://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": site.url(entry.path)},
        "headline": _escaped_twice(article.title) if old else article.title,
        "description": _escaped_twice(article.lead) if old else article.lead,
        "image": {"@type": "ImageObject", "url": site.url(picture(entry)), "width": 800, "height": 450},
        "datePublished": when.replace("+", "&#x2B;") if old else when,
        "author": _ld_author(site, article),
        "publisher": {"@type": "NewsMediaOrganization", "name": site.outlet.name},
    }
    return Markup(json.dumps(data, ensure_ascii=False, indent=1).replace("</", "<\\/"))  # noqa: S704


def _ld_author(site: Site, article: SampleArticle) -> dict[str, str]:
    if article.author:
        return {"@type": "Person", "name": article.author}
    return {"@type": "Organization", "name": site.outlet.name}


def _escaped_twice(text: str) -> str:
    once = "".join(char if ord(char) < 0x100 else f"&#{ord(char)};" for char in html.escape(text, quote=True))
    return once.replace("&", "&amp;")
