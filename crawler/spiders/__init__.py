"""Three spiders, feed, sitemap and section, and the one made of them that serves every source."""

from crawler.spiders.feed import FeedSpider
from crawler.spiders.section import SectionSpider
from crawler.spiders.sitemap import SitemapSpider


class SourceSpider(FeedSpider, SitemapSpider, SectionSpider):
    """Looks through all lists of one source, then visits what is due."""
