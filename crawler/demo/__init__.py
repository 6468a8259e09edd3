"""A sample press that ships with the product: invented Vietnamese outlets, served from this machine."""

from crawler.demo.press import DemoPress, Visit
from crawler.demo.stock import SampleArticle

__all__ = ["DemoPress", "Listed", "SampleArticle", "Visit"]
