"""What an edition's numbers and files are called: patterns of alerts.yml, checked when they are read."""

import re

from archive.i18n import current

FILE_NAME = "{name}-{date}"  # unless alerts.yml gives another
LONGEST = 80
_FIELD = re.compile(r"\{([^{}]*)\}")
_SAFE = re.compile(
    r"[\w(][\w ().,-]*", re.ASCII
)  # no folder, no hidden file, nothing that a system reads as more
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # on Windows


def check_fields(pattern: str, known: tuple[str, ...]) -> None:
    """Raise ValueError for a field in braces that is not known, or a brace that belongs to none."""
    names = ", ".join(f"{{{name}}}" for name in known)
    for name in _FIELD.findall(pattern):
        if name not in known:
            raise ValueError(current()("config.pattern.field", name=name, known=names))
    if set("{}") & set(_FIELD.sub("", pattern)):
        raise ValueError(current()("config.pattern.brace", known=names))


def check_file_name(pattern: str) -> None:
    """Raise ValueError unless every edition gets a plain file name of its own by the pattern."""
    check_fields(pattern, ("name", "date", "number"))
    if "{date}" not in pattern:
        raise ValueError(current()("config.file_name.date"))
    plain = _FIELD.sub("1", pattern)
    if len(pattern) > LONGEST or not _SAFE.fullmatch(_ascii(plain)) or plain != plain.strip(" ."):
        raise ValueError(current()("config.file_name.letters", text=pattern[:LONGEST], most=LONGEST))
    if _RESERVED.fullmatch(plain):
        raise ValueError(current()("config.file_name.letters", text=pattern, most=LONGEST))


def fill(pattern: str, **values: object) -> str:
    """The pattern with its fields filled in; no other meaning of braces."""
    return _FIELD.sub(lambda field: str(values.get(field[1], field[0])), pattern)


def file_stem(pattern: str, name: str, edition: str, number: int) -> str:
    """The name of an edition's files without their ending: the same at every try, another for each edition.

    The date is the edition's own; one that a day can have several of has its hour behind it.
    """
    date, _, clock = edition.partition("T")
    stem = fill(pattern or FILE_NAME, name=name, date=date, number=number)
    return f"{stem}-{clock.replace(':', '')}" if clock else stem


def _ascii(text: str) -> str:
    """Letters of any script as one of ours, for asking what else is in a name."""
    return "".join("a" if one.isalnum() else one for one in text)
