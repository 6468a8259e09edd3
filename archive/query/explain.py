"""How a query was understood, as a Vietnamese and an English sentence."""

from dataclasses import dataclass
from itertools import groupby

from archive.clock import HANOI
from archive.query.planner import Parsed
from archive.query.tree import And, Filter, Near, Node, Not, Or, Phrase, Place


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language; ``{}`` takes what they speak of."""

    nothing: str
    has: str
    without: str
    both: str
    either: str
    exact: str
    any_marks: str
    mixed: str
    prefix: str
    title: str
    near: str
    place: str
    after: str
    before: str
    date: str
    fields: dict[str, str]
    not_in: str
    or_: str
    problems: dict[str, str]


VI = Wording(
    nothing="Mọi bài",
    has="Bài có {}",
    without="không có {}",
    both=" và ",
    either=" hoặc ",
    exact="đúng dấu",
    any_marks="mọi dấu",
    mixed="đúng dấu ở chữ gõ có dấu",
    prefix="từ bắt đầu bằng {}",
    title="trong tiêu đề",
    near="{} cách nhau không quá {} chữ",
    place="{}, kể cả tên cũ và mới: {}",
    after="từ ngày {}",
    before="trước ngày {}",
    date="{0.day}/{0.month}/{0.year}",
    fields={"source": "nguồn {}", "topic": "chủ đề {}", "place": "nơi {}", "org": "tổ chức {}"},
    not_in="không thuộc {}",
    or_=" hoặc ",
    problems={
        "quote": "Có một dấu ngoặc kép không có dấu đóng; đã coi như không có.",
        "brackets": "Có dấu ngoặc đơn không khớp hoặc lồng quá sâu; đã coi như không có.",
        "long": "Câu tìm quá dài; chỉ dùng {} chữ đầu.",
        "date": "Không hiểu ngày «{}»; hãy viết như sau:2026-01-31. Đã bỏ điều kiện này.",
        "prefix": "«{}» quá ngắn: cần ít nhất hai chữ cái trước dấu *; đã tìm như một chữ.",
        "filter": "Điều kiện như nguồn:, chủ-đề:, sau: không đứng trong HOẶC cùng với chữ được; "
        "đã áp dụng cho cả câu tìm.",
        "alone": "Phần loại trừ (dấu -) phải đứng cạnh một từ cần có; đã bỏ phần đứng một mình.",
        "only_not": "Chỉ có phần loại trừ; hãy thêm ít nhất một từ cần có, "
        "hoặc một điều kiện như nguồn:, sau:.",
        "empty": "Không có chữ hay số nào để tìm.",
    },
)
EN = Wording(
    nothing="All articles",
    has="Articles with {}",
    without="without {}",
    both=" and ",
    either=" or ",
    exact="marks as typed",
    any_marks="any marks",
    mixed="marks as typed where typed",
    prefix="a word that begins with {}",
    title="in the title",
    near="{} at most {} words apart",
    place="{}, old and new names included: {}",
    after="from {}",
    before="before {}",
    date="{0.day}/{0.month}/{0.year}",
    fields={"source": "source {}", "topic": "topic {}", "place": "place {}", "org": "organisation {}"},
    not_in="not {}",
    or_=" or ",
    problems={
        "quote": "A quotation mark has no partner; it was left out.",
        "brackets": "Brackets do not match or stand too deep; they were left out.",
        "long": "The query is too long; only its first {} words are used.",
        "date": "“{}” is no date; write it as in after:2026-01-31. The condition was left out.",
        "prefix": "“{}” is too short: two letters must stand before *; it was taken as a word.",
        "filter": "Conditions such as source:, topic:, after: cannot stand in an OR with words; "
        "they hold for the whole query.",
        "alone": "An exclusion (-) must stand beside a word that has to occur; the one alone was left out.",
        "only_not": "There are only exclusions; add a word that has to occur, "
        "or a condition such as source:, after:.",
        "empty": "There is no letter or figure to look for.",
    },
)


def problem(parsed: Parsed, wording: Wording) -> str:
    """What was wrong in a query, "" when nothing was."""
    return " ".join(wording.problems[key].format(what) for key, what in parsed.problems)


def understood(parsed: Parsed, wording: Wording) -> str:
    """One sentence that says what a query looks for."""
    texts = [wording.has.format(_say(parsed.node, wording))] if parsed.node else [wording.nothing]
    if parsed.without:
        texts.append(wording.without.format(_say(parsed.without, wording)))
    texts += [_filter(one, wording) for one in parsed.filters]
    if parsed.after:
        texts.append(wording.after.format(wording.date.format(parsed.after.astimezone(HANOI))))
    if parsed.before:
        texts.append(wording.before.format(wording.date.format(parsed.before.astimezone(HANOI))))
    return "; ".join(texts) + "."


def _filter(one: Filter, wording: Wording) -> str:
    said = wording.fields[one.field].format(wording.or_.join(f"«{value}»" for value in one.values))
    return wording.not_in.format(said) if one.negated else said


def _say(node: Node, wording: Wording) -> str:
    match node:
        case Phrase():
            return _phrases([node], wording)
        case Near():
            rows = ", ".join(f"«{phrase.shown}»" for phrase in node.phrases)
            said = wording.near.format(rows, node.distance)
            return f"{said} {wording.title}" if node.title else said
        case Place():
            names = ", ".join(f"«{name.shown}»" for name in node.names)
            return wording.place.format(_phrases(list(node.typed), wording), names)
        case Or():
            return wording.either.join(_inner(part, wording) for part in node.parts)
        case And():
            return _together(node, wording)
        case Not():
            return wording.without.format(_inner(node.part, wording))
    raise ValueError(f"{type(node).__name__} is told apart from the text")


def _inner(node: Node, wording: Wording) -> str:
    said = _say(node, wording)
    return f"({said})" if isinstance(node, And | Or) else said


def _together(node: And, wording: Wording) -> str:
    said: list[str] = []
    for sort, group in groupby(node.parts, _sort):
        parts = list(group)
        rows = [part for part in parts if isinstance(part, Phrase)]
        said += [_phrases(rows, wording)] if sort else [_inner(part, wording) for part in parts]
    return wording.both.join(said)


def _sort(node: Node) -> tuple[str, bool] | None:
    """Words of one sort are told together."""
    return (_marks(node), node.title) if isinstance(node, Phrase) and not node.prefix else None


def _marks(phrase: Phrase) -> str:
    if phrase.mixed:
        return "mixed"
    if not all(word.isdecimal() for word in phrase.words):
        return "exact" if phrase.exact else "any_marks"
    return ""


def _phrases(rows: list[Phrase], wording: Wording) -> str:
    quoted = ", ".join(f"«{phrase.shown}»" for phrase in rows)
    said = wording.prefix.format(quoted) if any(phrase.prefix for phrase in rows) else quoted
    notes: dict[str, str] = {"exact": wording.exact, "any_marks": wording.any_marks, "mixed": wording.mixed}
    note = [notes[marks]] if (marks := _marks(rows[0])) else []
    note += [wording.title] if rows[0].title else []
    return f"{said} ({', '.join(note)})" if note else said
