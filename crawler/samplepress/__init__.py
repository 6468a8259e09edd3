"""A sample press that ships with the product: invented Vietnamese outlets, served from this machine."""

from crawler.samplepress.expect import Listed
from crawler.samplepress.press import SamplePress, Visit
from crawler.samplepress.stock import SampleArticle

__all__ = ["Listed", "SampleArticle", "SamplePress", "Visit"]
