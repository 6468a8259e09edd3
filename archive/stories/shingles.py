"""Word shingles: the runs of five syllables by which two texts are known to be one."""

import re
from collections.abc import Set as AbstractSet
from hashlib import blake2b
from itertools import chain
from zlib import crc32

from archive.sentences import folded_sentences
from archive.text import fold

RUN = 5  # syllables in a shingle
COARSE = 16  # every text keeps one shingle in so many
SHORT = 256  # a text of fewer shingles keeps them all, so that short reprints still meet

_SYLLABLE = re.compile(r"[^\W_]+")
_CLOSED = re.compile(r"[.!?…:;]\W*$|[\"”»]\s*$")
_WHOLE = 8  # syllables; what is shorter or has no full stop is a caption, a heading, a signature


def cut(text: str) -> frozenset[str]:
    """All runs of five syllables within the sentences of the folded text.

    Within: sentences moved, cut or put between then cost nothing but themselves. A text without any
    such run is one run.
    """
    plain = _plain(text)
    runs = frozenset(chain.from_iterable(map(_runs, folded_sentences(plain))))
    words = () if runs else _SYLLABLE.findall(plain)
    return runs or frozenset([" ".join(words)] if words else [])


def sentence_runs(text: str) -> list[frozenset[str]]:
    """The runs of each whole sentence, in order; captions, headings and signatures are none."""
    cuts = [_runs(one) for one in folded_sentences(_plain(text)) if _CLOSED.search(one)]
    return [runs for runs in cuts if len(runs) > _WHOLE - RUN]


def _plain(text: str) -> str:
    return fold(text).replace("y", "i")  # kỹ thuật and kĩ thuật are one word to a reader


def _runs(sentence: str) -> frozenset[str]:
    words = _SYLLABLE.findall(sentence)
    return frozenset(map(" ".join, zip(*(words[start:] for start in range(RUN)), strict=False)))


def number(shingle: str) -> int:
    """A signed 64-bit integer, the same on every machine; its low four bits are 0 for a coarse one."""
    data = shingle.encode()
    hashed = int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)
    return hashed - hashed % COARSE + crc32(data) % COARSE


def is_coarse(hashed: int) -> bool:
    """Whether a shingle is of the sixteenth that every text keeps, long or short."""
    return hashed % COARSE == 0


def sample(runs: AbstractSet[str]) -> list[int]:
    """Numbers of the shingles to keep, sorted: of a short text all, of a long one the coarse ones.

    Whether one is kept depends on the shingle, not on its text: two texts keep the same of what they share.
    """
    if len(runs) >= SHORT:  # the checksum is looked at first: it costs a sixth of the hash
        return sorted(number(run) for run in runs if crc32(run.encode()) % COARSE == 0)
    return sorted(map(number, runs))


def containment(one: AbstractSet[str], other: AbstractSet[str]) -> tuple[float, float]:
    """How much of ``one`` is in ``other``, and how much of ``other`` in ``one``, 0 to 1."""
    shared = len(one & other)
    return (shared / len(one) if one else 0.0, shared / len(other) if other else 0.0)
