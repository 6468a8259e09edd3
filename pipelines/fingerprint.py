"""Take an article's shingles, by which its reprints are found."""

from archive.comparing.shingles import cut, sample
from pipelines.draft import Desk, Draft


def shingles(text: str) -> list[int]:
    """Signed 64-bit numbers of the text's sampled 5-syllable shingles, sorted; [] for an empty text."""
    return sample(cut(text))


def fingerprint(draft: Draft, desk: Desk) -> None:
    """The stage: fill ``draft.shingles`` from lead and body."""
    draft.shingles = shingles(draft.article.text)
