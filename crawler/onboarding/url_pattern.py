"""Derive the form of a site's article addresses from addresses that are known to be articles."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

ENOUGH = 0.9  # of a feed's articles must match
MOST = 0.6  # of links that are only mostly articles: headlines of a page, a sitemap
FEW = 0.1  # of the menu's links may match
_FORMS = 3  # alternatives at most
_RARE = 0.05  # a form of fewer articles is an exception
_HASHED = re.compile(r".+(?P<sep>[-_.~])(?P<hash>(?=[a-f]*\d)[0-9a-f]{6,40})")
_NUMBERED = re.compile(r".+(?P<sep>[-_.~])(?P<mark>[a-z]{0,6}?)(?P<digits>\d{2,})")
_EXTENSION = re.compile(r"\.[a-z]{2,5}$")
_SYLLABLES = range(3, 8)
_SITE_PREFIX = 3  # VCCorp's addresses: three digits of the site, then 12 to 15 of the time
_LONG = 15


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regex with what it matched when it was derived: known articles, and links of the menu."""

    regex: str
    matched: int
    articles: int
    menu_matched: int
    menu: int

    def takes(self, enough: float = ENOUGH) -> bool:
        """Whether it takes enough of the articles and few links of the menu."""
        return self.matched >= self.articles * enough and self.menu_matched <= self.menu * FEW


@dataclass(frozen=True, slots=True)
class _AddressForm:
    """What addresses of one kind have in common."""

    kind: str  # number, bare, hash, slug
    sep: str = ""
    mark: str = ""
    ending: str = ""


@dataclass(frozen=True, slots=True)
class _Member:
    folders: tuple[str, ...]
    value: str = ""


def derive(articles: Iterable[str], menu: Iterable[str], enough: float = ENOUGH) -> Pattern | None:
    """The form of article addresses, or None where none stands out.

    ``articles`` are addresses of which ``enough`` (a share) are articles, ``menu`` those of navigation; both
    canonical.
    """
    known = list(dict.fromkeys(articles))
    others = list(dict.fromkeys(url for url in menu if url not in known))
    groups = _groups(known)
    tried = [measure(regex, known, others) for regex in _candidates(groups, known, enough)]
    good = [pattern for pattern in tried if pattern.takes(enough)]
    if good:
        return good[0]
    near = [pattern for pattern in tried if pattern.menu_matched <= pattern.menu * FEW]
    return max(near, key=lambda pattern: pattern.matched, default=None)


def measure(regex: str, articles: Sequence[str], menu: Sequence[str]) -> Pattern:
    """A pattern with its counts."""
    found = re.compile(regex)
    hits = [sum(bool(found.search(url)) for url in urls) for urls in (articles, menu)]
    return Pattern(regex, hits[0], len(articles), hits[1], len(menu))


def _groups(known: list[str]) -> list[tuple[_AddressForm, list[_Member]]]:
    """Addresses by form, the most frequent first."""
    found: defaultdict[_AddressForm, list[_Member]] = defaultdict(list)
    for url in known:
        form, member = _form(url)
        found[form].append(member)
    return sorted(found.items(), key=lambda group: -len(group[1]))


def _form(url: str) -> tuple[_AddressForm, _Member]:
    *folders, last = urlsplit(url).path.strip("/").split("/")
    slash = "/" if urlsplit(url).path.endswith("/") else ""
    extension = _EXTENSION.search(last)
    ending = re.escape(extension[0] if extension else "") + slash
    stem = last[: extension.start()] if extension else last
    where = tuple(folders)
    if re.fullmatch(r"\d{3,}", stem):
        return _AddressForm("bare", ending=ending), _Member(where, stem)
    if found := _NUMBERED.fullmatch(stem):
        form = _AddressForm("number", _plain(found["sep"]), found["mark"], ending)
        return form, _Member(where, found["digits"])
    if found := _HASHED.fullmatch(stem):
        form = _AddressForm("hash", _plain(found["sep"]), str(len(found["hash"])), ending)
        return form, _Member(where, found["hash"])
    return _AddressForm("slug", ending=ending), _Member(where, stem)


def _plain(sign: str) -> str:
    return sign if sign in "-_~" or sign.isalnum() else re.escape(sign)


def _candidates(
    groups: list[tuple[_AddressForm, list[_Member]]], known: list[str], enough: float
) -> Iterable[str]:
    """Regexes to try, from the plain to the narrow: the frequent forms together, then by words alone."""
    frequent = [(form, members) for form, members in groups if len(members) >= len(known) * _RARE]
    yield from _joined(frequent, known, enough, narrow=False)
    endings = Counter(form.ending for form, members in groups for _ in members)
    for ending, _ in endings.most_common(1):
        for count in _SYLLABLES:
            yield rf"/(?:[a-z0-9]+-+){{{count},}}[a-z0-9]+{ending}$"
    yield from _joined(frequent, known, enough, narrow=True)


def _joined(
    frequent: list[tuple[_AddressForm, list[_Member]]], known: list[str], enough: float, *, narrow: bool
) -> Iterable[str]:
    """The frequent forms side by side, no more than it takes to have enough of the articles."""
    chosen: list[str] = []
    for form, members in frequent[:_FORMS]:
        regex = _regex(form, members, narrow)
        chosen += [regex] if regex and regex not in chosen else []
        if sum(any(re.search(one, url) for one in chosen) for url in known) >= len(known) * enough:
            break
    if chosen:
        yield "|".join(chosen)


def _regex(form: _AddressForm, members: list[_Member], narrow: bool) -> str:
    """The regex of one form; ``narrow`` adds the folders that its members share. Empty for words alone."""
    before = _folders(members, narrow) if narrow or form.kind in {"slug", "hash"} else ""
    slug = "[^/]+" if before else ""
    if form.kind == "number":
        digits = r"\d+" if form.mark else _digits([member.value for member in members])
        return f"{before}{slug}{form.sep}{form.mark}{digits}{form.ending}$"
    if form.kind == "bare":
        return f"{before or '/'}{_digits([member.value for member in members])}{form.ending}$"
    if form.kind == "hash":
        return f"{before}{slug}{form.sep}[0-9a-f]{{{form.mark}}}{form.ending}$"
    return f"{before}[a-z0-9-]+{form.ending}$" if before else ""


def _digits(values: list[str]) -> str:
    """A run of digits as long as these; the ids of a growing site may get one digit more."""
    counts = Counter(len(value) for value in values)
    lengths = [length for length, count in counts.items() if count >= len(values) * _RARE]
    if counts.most_common(1)[0][0] >= _LONG - 3:  # times, beside which short numbers are those of sections
        lengths = [length for length in lengths if length >= _LONG - 3]
    least, most = min(lengths), max(lengths)
    prefixes = {value[:_SITE_PREFIX] for value in values if len(value) in lengths}
    if least >= _LONG and len(prefixes) == 1 and not next(iter(prefixes)).startswith("20") and len(values) > 2:
        return rf"{prefixes.pop()}\d{{12,15}}"
    if least >= _LONG - 3:
        return rf"\d{{{least}}}" if least == most else rf"\d{{{least - 1},{most + 1}}}"
    return rf"\d{{{max(2, least - 1)},{most + 1}}}"


def _folders(members: list[_Member], narrow: bool) -> str:
    """The folders right before the last part that are dates, as a regex; or, if ``narrow``, the same for all.

    A folder that is the same for all may only be the desk whose feed was read.
    """
    pattern = ""
    for back in range(1, 4):
        names = {member.folders[-back] if len(member.folders) >= back else "" for member in members}
        if "" in names:
            break
        if all(re.fullmatch(r"\d{1,8}", name) for name in names):
            lengths = sorted({len(name) for name in names})
            run = str(lengths[0]) if len(lengths) == 1 else f"{lengths[0]},{lengths[-1]}"
            pattern = rf"\d{{{run}}}/{pattern}"
        elif narrow and len(names) == 1 and len(members) > 2 and "d{" not in pattern:
            pattern = f"{''.join(map(_plain, names.pop()))}/{pattern}"
        else:
            break
    return f"/{pattern}" if pattern else ""
