"""The rules by which witnesses of a page's date and title are weighed; what stays in doubt is kept as reasons.

Dates
  1. Witnesses in the order of trust: JSON-LD (of a block that speaks for this page), meta, the printed line,
     the address, the list that named the page, htmldate. JSON-LD and meta are one voice: one program
     wrote both.
  2. A zone is not meant where the same clock in Hà Nội agrees with the printed line of a Vietnamese page, with
     the list or with the address, or where the time would lie in the future: the clock counts, not the zone.
  3. A day alone (or midnight) takes its hour from the next witness that names one of the same day.
  4. The first witness wins, unless it stands alone and two others agree on another day.
     A day that the page's data name without an hour, and nobody bears out, gives way to an earlier one that
     is printed: programs write the day of the last build there.
  5. A time of updating counts where nothing else is known, or where it agrees with address or list.
  6. A time in the future gives way to any other witness; alone it is kept and doubted.
  7. Doubt: another voice is further off than a day, and those who say otherwise are no fewer than those who
     bear the winner out.

Titles
  1. The printed heading that says what the head, JSON-LD or the list claims; else what is printed so elsewhere.
  2. A heading that is the portal's, a section's, hidden or another page's link gives way to the line that
     is marked as a title before the text.
  3. A heading that says nothing of what the head and the list, or the head and the address, agree on is none.
  4. The name of the site behind a title is no part of it.
  5. Doubt: the list calls the page otherwise, and so do all that the page itself claims.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain
from urllib.parse import unquote

from archive.clock import HANOI, stamp
from archive.reasons import reason
from archive.text import fold, nfc

AHEAD = timedelta(minutes=10)  # clocks of outlets may be ahead of ours by so much
SAME = timedelta(minutes=10)  # two witnesses of one moment: a list's time may be that of the list
SAME_SAVED = timedelta(minutes=90)  # an address has the time when the story was begun
DAY = timedelta(days=1)
ALIKE = 0.34  # of the words of two titles of one story
_SITE_TAIL_AT_END = re.compile(r"\s*(?:[|»–—•·]|\s-|::)\s*([^|»–—•·]{2,60}?)\s*$")
_SITE_IN_FRONT = re.compile(r"\s*([^|»–—•·]{2,60}?)\s*(?:[|»–—•·]|\s-|::)\s+(?=\S+\s+\S)")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?::\d+)?", re.IGNORECASE)
_HOST_PART = 5  # letters of a part of a host's name that may be an outlet's
_ADDRESS_WORD = re.compile(r"(?<![a-z0-9])[a-z]{2,}(?![a-z0-9])")
_LEAST_WORDS = 4  # of an address that spells a title
_VOICES = {"jsonld": "page", "meta": "page"}


@dataclass(frozen=True, slots=True)
class Witness:
    """One piece of evidence of the time of publishing; ``updated``: it speaks of an update."""

    source: str
    at: datetime
    updated: bool = False

    @property
    def exact(self) -> bool:
        """Whether it names an hour; midnight is what programs make of a day alone."""
        return (self.at.hour, self.at.minute, self.at.second) != (0, 0, 0)

    @property
    def day(self) -> datetime:
        """The day in Hà Nội, or the one that is written alone, as midnight without a zone."""
        at = self.at.astimezone(HANOI) if self.exact else self.at
        return at.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)

    @property
    def voice(self) -> str:
        return _VOICES.get(self.source, self.source)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An aware time, the kind of evidence it rests on, and what speaks against it."""

    at: datetime
    source: str
    doubt: tuple[str, ...] = ()


def date(witnesses: list[Witness], seen: datetime, vietnamese: bool) -> Verdict | None:
    """The time of publishing by the rules above.

    ``witnesses`` come in the order of trust; ``seen`` is when the page was fetched.
    """
    if not witnesses:
        return None
    plain = [_in_hanoi(one, witnesses, seen, vietnamese) for one in witnesses]
    chosen = _chosen(plain, seen)
    hour = next((one for one in plain if one.exact and one.day == chosen.day and not one.updated), None)
    winner = chosen if chosen.exact or hour is None else hour
    return Verdict(winner.at, winner.source, tuple(_doubts(winner, plain, seen)))


def borne_out(witnesses: list[Witness], listed: datetime) -> bool:
    """Whether the list gives the hour that the page's data give in Hà Nội's zone: nothing more need be asked.

    Of a page that writes another zone, the list may write the same one, and neither mean it.
    """
    local = [one for one in witnesses if one.at.utcoffset() == listed.astimezone(HANOI).utcoffset()]
    return any(one.exact and abs(one.at - listed) <= SAME for one in local)


def _in_hanoi(one: Witness, witnesses: list[Witness], seen: datetime, vietnamese: bool) -> Witness:
    """The witness, its clock read as Hà Nội's where its zone is not meant."""
    local = replace(one, at=one.at.replace(tzinfo=HANOI))
    if one.source in ("byline", "url") or not one.exact or local.at == one.at:
        return one
    for other in witnesses:
        if not other.exact or other.source in ("jsonld", "meta", one.source):
            continue
        if other.source == "byline" and not vietnamese:
            continue
        if not _one_moment(one, other) and _one_moment(local, other):
            return local
    ahead = one.at.utcoffset() == timedelta(0) and one.at > seen + AHEAD >= local.at
    return local if ahead else one


def _one_moment(one: Witness, other: Witness) -> bool:
    return abs(one.at - other.at) <= (SAME_SAVED if other.source == "url" else SAME)


def _chosen(witnesses: list[Witness], seen: datetime) -> Witness:
    timely = [one for one in witnesses if one.at <= seen + AHEAD] or witnesses
    usual = [one for one in timely if not one.updated] or timely
    first = usual[0]
    updated = next((one for one in timely if one.updated), None)
    if updated and first.source in ("url", "feed", "htmldate") and not _apart(first, updated):
        return updated
    against = [one for one in usual if _apart(first, one)]
    if _borne_out(first, usual):
        return first
    printed = next((one for one in against if one.source == "byline" and one.at < first.at), None)
    if printed and first.voice == "page" and not first.exact:
        return printed
    if len(_voices(against) - {first.voice}) < 2:
        return first
    return next((one for one in against if _borne_out(one, against)), first)


def _borne_out(one: Witness, witnesses: Iterable[Witness]) -> int:
    """How many other voices say the same day."""
    return len(_voices(other for other in witnesses if not _apart(one, other)) - {one.voice})


def _voices(witnesses: Iterable[Witness]) -> set[str]:
    return {one.voice for one in witnesses if one.source != "htmldate"}


def _apart(one: Witness, other: Witness) -> bool:
    """Whether two witnesses differ by more than a day."""
    if one.exact and other.exact:
        return abs(one.at - other.at) > DAY
    return abs(one.day - other.day) > DAY


def _doubts(winner: Witness, witnesses: list[Witness], seen: datetime) -> Iterator[str]:
    if winner.at > seen + AHEAD:
        yield reason("date_future", by=winner.source, written=stamp(winner.at))
    against = [one for one in witnesses if not one.updated and _apart(winner, one)]
    if against and len(_voices(against)) >= _borne_out(winner, witnesses):
        other = next((one for one in against if one.source == "feed"), against[0])
        yield reason(
            "date_differs",
            by=winner.source,
            written=stamp(winner.at),
            other=other.source,
            other_written=stamp(other.at),
        )


def title_doubts(title: str, head: Iterable[str], page_title: str, listed: str) -> Iterator[str]:
    """What speaks against a title: the list calls the page otherwise, and nothing in its head bears it out."""
    if listed and not alike(title, listed) and not any(alike(title, other) for other in (*head, page_title)):
        yield reason("title_differs", title=title, listed=listed)


def alike(one: str, other: str) -> bool:
    """Whether two titles are of one story: one is in the other, or a good part of their words is the same."""
    a, b = letters(one), letters(other)
    if not a or not b:
        return False
    return (len(a) > 12 and a in b) or (len(b) > 12 and b in a) or likeness(one, other) >= ALIKE


def likeness(one: str, other: str) -> float:
    """Share of words two titles have in common, 0 to 1."""
    a, b = set(re.findall(r"\w+", one.lower())), set(re.findall(r"\w+", other.lower()))
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


@lru_cache(maxsize=1024)  # one page's titles are compared with each other many times
def letters(text: str) -> str:
    """The letters and digits alone, lower case: what two printings of one sentence have in common."""
    return re.sub(r"[\W_]+", "", nfc(text)).lower()


def without_site(text: str, sites: Iterable[str]) -> str:
    """A title without the name of the site behind or before it: one that is known; behind, also the host's."""
    known = [*sites]
    shut, hosts = set(map(letters, known)), list(map(_host_names, known))
    while cut := _SITE_TAIL_AT_END.search(text):
        name = letters(cut[1])
        if not text[: cut.start()].strip():
            break
        if name not in shut and not any(_names_host(name, host) for host in chain.from_iterable(hosts)):
            break
        text = text[: cut.start()]
    if (cut := _SITE_IN_FRONT.match(text)) and letters(cut[1]) in shut:
        text = text[cut.end() :]
    return text.strip()


@lru_cache(maxsize=256)
def _host_names(site: str) -> tuple[str, ...]:
    """The parts of a host's name that may be an outlet's («baomau» of «tin.baomau.example»)."""
    if not _HOST.fullmatch(site):
        return ()
    return tuple(part.replace("-", "") for part in site.lower().split(".")[:-1] if len(part) >= _HOST_PART)


def _names_host(name: str, host: str) -> bool:
    """Whether a name is a host's with little else: «Bản tin Baomau», «Baomau Online»."""
    if len(name) < _HOST_PART or len(name) > len(host) + 14:
        return False
    return name.startswith(host) or name.endswith(host) or host.startswith(name)


def address_words(url: str) -> frozenset[str]:
    """The words that an address spells («/xuong-nhua-chay-thu-123.html»); none of few."""
    last = url.partition("?")[0].rstrip("/").rpartition("/")[2]
    words = frozenset(_ADDRESS_WORD.findall(fold(unquote(last))))
    return words if len(words) >= _LEAST_WORDS else frozenset()


def has_words(address: frozenset[str], text: str, share: float) -> bool:
    """Whether a text has more than a share of an address's words."""
    return len(address.intersection(re.findall(r"\w+", fold(text)))) > share * len(address)
