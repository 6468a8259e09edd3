"""Where a text is little beside what a page holds: wider readings, and what was left out all the same."""

from lxml.etree import _Element

from archive.text import composed
from pipelines.extract import boilerplate, charset
from pipelines.extract.density import Weights
from pipelines.extract.text import captions, letters, same

FAR_MORE = 1.5  # a text of the page's data so many times as long as its markup's is the text
TWICE = 2.5  # the same for a long text, which JSON-LD may hold with much that is none of it
LITTLE = 1500  # characters of text below which a page's scripts are asked too
FEW = 600  # characters of text below which pictures may tell the story
_LEFT_OUT = 400  # characters of prose
_SHARE_LEFT_OUT = 0.3  # of prose and text kept: so much of what a reader sees was left out


def fuller(lines: list[str], others: list[str]) -> list[str]:
    """The other lines, where they are far more."""
    return others if sum(map(len, others)) > max(FEW / 4, FAR_MORE * sum(map(len, lines))) else lines


def with_captions(lines: list[str], body: _Element | None, title: str) -> list[str]:
    """The lines of a short text with the captions of its pictures, where these are the greater part."""
    if body is None:
        return lines
    h1 = next((h for h in body.iter("h1", "h2") if same(" ".join("".join(h.itertext()).split()), title)), None)
    told = [line for line in map(composed, captions.of(body, h1)) if not same(line, title) and letters(line)]
    of_pictures = {letters(line) for line in told}
    rest = [line for line in lines if letters(line) not in of_pictures]
    kept = letters(" ".join(rest))
    told = [line for line in told if letters(line)[:60] not in kept]
    return [*rest, *told] if len(told) > 1 and sum(map(len, told)) > sum(map(len, rest)) else lines


def left_out(seen: Weights, kept: str) -> int:
    """Characters of prose that a reader sees on a page and the text lacks, if they are a large part of it."""
    prose = [(block, worth) for block, worth in seen.blocks if worth >= 2 * boilerplate.PROSE]
    least = max(_LEFT_OUT, len(kept) * _SHARE_LEFT_OUT / (1 - _SHARE_LEFT_OUT))
    if sum(worth for _, worth in prose) - len(kept) * 0.7 < least:
        return 0
    known, out = letters(kept), dict[str, int]()
    for block, worth in prose:
        own = composed(charset.mended(" ".join("".join(block.itertext()).split())))
        if (
            letters(own)[:50] not in known
            and boilerplate.ends_sentence(own)
            and not boilerplate.is_of_others(block)
        ):
            out[own] = worth
    return sum(out.values()) if sum(out.values()) >= least else 0
