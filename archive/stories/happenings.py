"""Whether two stories tell one happening, and why: what they share, weighed; and vetoes.

How the weights were found and what they reach is in ``docs/events.md``; ``python -m tests.bench events --fit``
finds them anew.
"""

import math
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property, lru_cache

from archive.db import sort_span
from archive.reasons import reason
from archive.stories.rarity import Rarity, cosine
from archive.stories.tellings import Telling, syllables
from archive.text import fold

WINDOW = timedelta(hours=48)  # later it is another stage of the affair
WINDOW_SORT = sort_span(WINDOW)
SAME = 0.5  # as likely as not
LEAST = 0.04  # of the words: of two stories less alike none was as likely as a founder must be
RUNNING = 12.0  # hours; two counts of one thing so far apart are two reports of it

WEIGHTS = {
    "bias": -4.343, "words": 4.543, "words_squared": 0.478, "title_words": 3.805, "title_squared": -0.954,
    "lead_words": -1.469, "rarest_pairs": 1.714, "least_held": 5.504, "most_held": 0.566, "names": 2.023,
    "names_of_all": -0.663, "name_missing": -0.081, "figures": 1.407, "small_figures": -0.487,
    "other_document": -1.535, "other_province": 0.0, "other_title_province": -1.69, "one_province": -0.561,
    "countries": -0.478, "other_country": -2.582, "dates": -0.899, "other_date": -2.155, "days": -2.493,
    "same_outlet": -1.798, "other_count": -1.25, "other_stage": -0.803, "stages": 0.665, "aid": -1.85,
    "hunt": -4.145, "question": -0.64,
}  # fmt: skip

_NAMED = 4  # phrases told as reasons
_PAIRS = 3  # of the rarest pairs


class Pair:
    """Two tellings side by side; symmetric."""

    def __init__(self, one: Telling, other: Telling, rarity: Rarity) -> None:
        self.one, self.other, self.rarity = one, other, rarity
        self.hours = abs(one.sort - other.sort) / sort_span(timedelta(hours=1))

    def score(self) -> float:
        """How likely it is one happening, 0 to 1, by the weighed evidence; 0 where a veto says no."""
        evidence = self.evidence()
        total = sum(WEIGHTS[name] * value for name, value in evidence.items())
        return 1 / (1 + math.exp(-total)) if evidence else 0.0

    def evidence(self) -> dict[str, float]:
        """The measures that are weighed, by name; none where a veto or too few words in common say no."""
        if self.barred:
            return {}
        likeness = self._likeness()
        if likeness["words"] < LEAST or self._vetoes_of_facts():
            return {}
        return {"bias": 1.0, **likeness, **self._facts(), **self._course()}

    @property
    def vetoes(self) -> list[str]:
        """What makes them two happenings whatever they share, as stored reasons."""
        return [*self.barred, *self._vetoes_of_facts()]

    @cached_property
    def barred(self) -> list[str]:
        """The vetoes that are found without weighing a word or reading a name."""
        one, other = self.one, self.other
        found = []
        if self.hours > WINDOW / timedelta(hours=1):
            found.append(reason("event_late", hours=round(self.hours)))
        another = one.source != other.source or self.hours > RUNNING
        if one.digest != other.digest or (one.digest and another):
            found.append(reason("event_digest"))
        if self._other_day():
            found.append(reason("event_daily"))
        if series := _differing(one.series, other.series):
            found.append(reason("event_series", names=", ".join(series)))
        if places := [*_both(one.provinces, other.provinces), *_both(one.sites, other.sites)]:
            found.append(reason("event_other_place", names=", ".join(places)))
        if countries := self._other_countries():
            found.append(reason("event_other_country", names=", ".join(countries)))
        if goods := _both(one.goods, other.goods):
            found.append(reason("event_other_goods", names=", ".join(goods)))
        return found

    def _other_day(self) -> bool:
        """Whether both are of a kind that comes every day, or titled alike, and of two days."""
        one, other = self.one, self.other
        if one.daily and other.daily and self.hours > RUNNING:
            return True
        days = _both(one.title_days, other.title_days)
        return bool(days) and ((one.daily and other.daily) or _alike(one.title_letters, other.title_letters))

    def _other_countries(self) -> list[str]:
        """The countries of two titles that are alike but for these: two matches, two earthquakes."""
        one, other = self.one, self.other
        return (
            _both(one.title_countries, other.title_countries)
            if _alike(one.title_letters, other.title_letters)
            else []
        )

    def _vetoes_of_facts(self) -> list[str]:
        found = [reason("event_count")] if self.hours > RUNNING and self._other_count() else []
        if documents := _other_documents(self.one, self.other):
            found.append(reason("event_other_document", names=", ".join(documents)))
        return found

    def reasons(self) -> list[str]:
        """What they share and where they differ, as stored reasons."""
        one, other = self.one, self.other
        found = [
            ("event_words", self._phrases()),
            ("event_names", _written(one, "name", sorted(filter(_whole, one.names & other.names)))),
            ("event_figures", _written(one, "figure", sorted(one.figures & other.figures))),
            ("event_documents", sorted(one.documents & other.documents)),
            ("event_places", sorted((one.provinces & other.provinces) | (one.sites & other.sites))),
            ("event_other_country", _both(one.countries, other.countries)),
            ("event_other_date", _both(one.dates, other.dates)),
        ]
        said = [reason(code, names=", ".join(names)) for code, names in found if names]
        said.append(reason("event_hours", hours=round(self.hours)))
        percent = min(max(round(100 * self.score()), 1), 99)  # nothing is certain
        return [*said, reason("event_score", percent=percent)]

    def _phrases(self) -> list[str]:
        """The words they share, whole as one of them writes them; the rarest first, none within another."""
        of, told = self.rarity.of, list[str]()
        runs = self.one.phrases(frozenset(word for word in self._shared if " " in word))
        for text, _ in sorted(runs, key=lambda run: -sum(map(of, run[1]))):
            if not any(text.lower() in other.lower() for other in told):
                told.append(text)
        return told[:_NAMED]

    @cached_property
    def _shared(self) -> list[str]:
        return [word for word in self.one.words if word in self.other.words]

    @cached_property
    def _by_weight(self) -> list[str]:
        return sorted(self._shared, key=lambda word: (-self.rarity.of(word), word))

    def _likeness(self) -> dict[str, float]:
        """How alike the words are."""
        of = self.rarity.of
        one, other = self.rarity.weighed(self.one), self.rarity.weighed(self.other)
        words, title = cosine(one.words, other.words), cosine(one.title, other.title)
        shared = sum(of(word) ** 2 for word in self._shared)
        held = [shared / each.whole for each in (one, other)]
        pairs = [of(word) for word in self._by_weight if " " in word][:_PAIRS]
        return {
            "words": words,
            "words_squared": words * words,
            "title_words": title,
            "title_squared": title * title,
            "lead_words": cosine(one.lead, other.lead),
            "rarest_pairs": sum(pairs) / 20,
            "least_held": min(held),
            "most_held": max(held),
        }

    def _facts(self) -> dict[str, float]:
        """Names, figures, documents, places and dates."""
        one, other = self.one, self.other
        shared = one.names & other.names
        figures = one.figures & other.figures
        large = sum(len(figure) > 2 for figure in figures)
        together = sum(map(self._name_weight, one.names | other.names)) or 1.0
        return {
            "names": len(shared) / max(1, min(len(one.names), len(other.names))),
            "names_of_all": sum(map(self._name_weight, shared)) / together,
            "name_missing": min(self._missing(one, other), self._missing(other, one)),
            "figures": large,
            "small_figures": len(figures) - large,
            "other_document": bool(_both(one.documents, other.documents)),
            "other_province": bool(_both(one.provinces, other.provinces)),
            "other_title_province": bool(_both(one.title_provinces, other.title_provinces)),
            "one_province": bool(one.provinces) != bool(other.provinces),
            "countries": bool(one.countries & other.countries),
            "other_country": bool(_both(one.countries, other.countries)),
            "dates": bool(one.dates & other.dates),
            "other_date": bool(_both(one.dates, other.dates)),
        }

    def _course(self) -> dict[str, float]:
        """When, by whom, and at which stage of the affair."""
        one, other = self.one.stages, self.other.stages
        tried = ("tried" in one) != ("tried" in other) and "arrested" in one | other
        return {
            "days": min(self.hours, 48.0) / 24,
            "same_outlet": self.one.source == self.other.source,
            "other_count": self._other_count(),
            "other_stage": bool(_both(one, other)),
            "stages": len(one & other),
            "aid": ("helped" in one) != ("helped" in other),
            "hunt": tried or _after(one, other) or _after(other, one),
            "question": "?" in self.one.title or "?" in self.other.title,
        }

    def _other_count(self) -> bool:
        """Whether the titles count one thing and come to different numbers."""
        one, other = self.one.counts, self.other.counts
        return bool(_differing(one, other)) and not any(
            one[unit] & other[unit] for unit in one if unit in other
        )

    def _name_weight(self, name: str) -> float:
        return max(map(self.rarity.of, _spelled(name)), default=3.0)

    def _missing(self, one: Telling, other: Telling) -> float:
        """How much the names of a title weigh that the other never says."""
        missing = [name for name in one.title_names if not all(word in other.words for word in _spelled(name))]
        return sum(map(self._name_weight, missing)) / 10


_spelled = lru_cache(maxsize=4096)(syllables)  # names recur


def _written(one: Telling, kind: str, keys: list[str]) -> list[str]:
    written = one.written(kind)
    return [written[key] for key in keys if key in written]


def _whole(name: str) -> bool:
    """Whether a name says something by itself: not the «Công» of «Công ty Thành Đạt»."""
    return " " in name or fold(name) == name


def _after(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether one title tells of the search and the other of the arrest."""
    return "seeking" in one and "arrested" in other and "arrested" not in one


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return 2 * len(one & other) >= len(one | other)


def _both(one: frozenset[str], other: frozenset[str]) -> list[str]:
    """What each of the two names, where both name some and none in common."""
    return sorted(one | other) if one and other and not one & other else []


def _other_documents(one: Telling, other: Telling) -> list[str]:
    """The documents of one kind of which the two name different ones."""
    both = {kind: one.decrees[kind] | other.decrees[kind] for kind in _differing(one.decrees, other.decrees)}
    return [f"{number} {kind.upper()}" for kind, numbers in both.items() for number in sorted(numbers)]


def _differing(one: Mapping[str, set[str]], other: Mapping[str, set[str]]) -> list[str]:
    """The series or units of which the two have different numbers."""
    return sorted(key for key, numbers in one.items() if key in other and not numbers & other[key])
