"""Take an article's shingles, by which its reprints are found."""

from archive.stories.shingles import cut, sample
from pipelines.item import Context, Item


def shingles(text: str) -> list[int]:
    """Signed 64-bit numbers of the text's sampled 5-syllable shingles, sorted; [] for an empty text."""
    return sample(cut(text))


def fingerprint(item: Item, context: Context) -> None:
    """The stage: fill ``item.shingles`` from lead and body."""
    item.shingles = shingles(item.article.text)
