"""Edits made in real texts: is each told with the right headline, and no change of furniture told at all?

    python -m tests.bench.changes [--pairs 2400]

Needs the articles of ``$DIEMTIN_SHARED/corpus/vietnews-20k.jsonl.xz``. The edits are made with
patterns of their own, not with those of the code that is measured.
"""

import argparse
import json
import lzma
import os
import random
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tabulate import tabulate

from archive.articles import store
from archive.model import Article
from archive.revisions.changes import Texts, compare, headline
from archive.schema import open_archive
from archive.text import nfc

Edit = tuple[Texts, str, str]  # the text after, what stood there and what stands there now
Maker = Callable[[Texts, random.Random], Edit | None]

NAMES = ("Hưng", "Thắng", "Loan", "Quyết", "Diệp", "Khoa", "Trâm", "Vịnh")
VERBS = {
    "tăng": "giảm", "cho biết": "phủ nhận", "đã": "chưa", "nhiều": "ít", "phải": "nên", "trước": "sau",
    "có thể": "không thể", "yêu cầu": "đề nghị", "khẳng định": "nghi ngờ",
}  # fmt: skip
LINKS = (
    "Giá thép trong nước tăng 7,8% so với tháng trước",
    "Khởi công tuyến đường nối hai khu công nghiệp",
    "Chủ tịch tỉnh làm việc với nhà đầu tư",
    "5 lưu ý khi nộp hồ sơ trực tuyến",
)


def put(texts: Texts, start: int, end: int, new: str) -> Texts:
    return texts._replace(body=texts.body[:start] + new + texts.body[end:])


def one_of(pattern: str, texts: Texts, rng: random.Random) -> re.Match[str] | None:
    """A place in the story itself, not in a line of related links."""
    found = [
        match
        for match in re.finditer(pattern, texts.body)
        if texts.body.rfind("\n", 0, match.start()) + 1 not in links_of(texts.body)
    ]
    return rng.choice(found) if found else None


def links_of(body: str) -> set[int]:
    """Where lines begin that the texts bring along as links."""
    return {match.start() for match in re.finditer(r"^(?:Xem thêm|Đọc thêm|>).*", body, re.MULTILINE)}


def figure(texts: Texts, rng: random.Random) -> Edit | None:
    match = one_of(
        r"(?<![\w.,/:-])(\d{1,3}(?:\.\d{3})*(?:,\d+)?)(?= (?:tỉ|tỷ|triệu|người|m|ha|km|USD|đồng)\b|%)",
        texts,
        rng,
    )
    if not match:
        return None
    old = match[1]
    at = rng.choice([index for index, letter in enumerate(old) if letter.isdigit()])
    new = old[:at] + rng.choice([digit for digit in "123456789" if digit != old[at]]) + old[at + 1 :]
    return put(texts, match.start(1), match.end(1), new), old, new


def date(texts: Texts, rng: random.Random) -> Edit | None:
    match = one_of(r"(?:ngày|sáng|chiều|tối|Ngày|Sáng|Chiều) (\d{1,2})[/-](\d{1,2})(?![\d/-])", texts, rng)
    if not match:
        return None
    new = str(int(match[1]) % 28 + 1)
    start = match.start(1)
    mark = texts.body[match.end(1)]
    return put(texts, start, match.end(1), new), f"{match[1]}{mark}{match[2]}", f"{new}{mark}{match[2]}"


def name(texts: Texts, rng: random.Random) -> Edit | None:
    capital = r"[A-ZĐÁÀÂĂÊÔƠƯ][a-zđà-ỹ]+"
    match = one_of(rf"(?:ông|bà|anh|chị) ((?:{capital} )+)({capital})(?! ?{capital}|[\w-])", texts, rng)
    if not match:
        return None
    new = rng.choice([one for one in NAMES if one != match[2]])
    return put(texts, match.start(2), match.end(2), new), match[2], new


def decree(texts: Texts, rng: random.Random) -> Edit | None:
    """A sentence that cites a decree stands in both; its number differs in one digit."""
    form = rng.choice(
        ("Nghị định {}/2023/NĐ-CP", "Quyết định số {}/QĐ-UBND", "Nghị quyết {}-NQ/TW", "Công văn {}/UBND-KT")
    )
    a, b = rng.sample(range(11, 999), 2)
    lines = texts.body.split("\n")
    at = rng.randrange(len(lines) + 1)
    made = [
        "\n".join(
            [*lines[:at], f"Việc này thực hiện theo {form.format(number)} của cấp có thẩm quyền.", *lines[at:]]
        )
        for number in (a, b)
    ]
    before[:] = [texts._replace(body=made[0])]
    old, new = (form.format(number).split(" ")[-1] for number in (a, b))
    return texts._replace(body=made[1]), old, new


before: list[Texts] = []  # the text before, when a maker had to prepare it


def wording(texts: Texts, rng: random.Random) -> Edit | None:
    match = one_of(rf"(?<=\w )(?:{'|'.join(VERBS)})(?= \w)", texts, rng)
    return match and (put(texts, *match.span(), VERBS[match[0]]), match[0], VERBS[match[0]])


def furniture(texts: Texts, rng: random.Random) -> Edit:
    lines = texts.body.split("\n")
    for _ in range(rng.randint(1, 3)):
        piece = rng.choice(
            (
                f"Xem thêm: {rng.choice(LINKS)}",
                f"Tin liên quan\n{rng.choice(LINKS)}\n{rng.choice(LINKS)}",
                f"{rng.randint(2, 99)}.{rng.randint(100, 999)} lượt xem",
                f"Bình luận ({rng.randint(0, 40)})",
                f"Cập nhật lúc {rng.randint(6, 22)}:{rng.randint(10, 59)} ngày {rng.randint(1, 28)}/11/2026",
                "Chia sẻ Facebook Chia sẻ Zalo",
                f">> {rng.choice(LINKS)}",
                f"Từ khóa: {rng.choice(LINKS).lower()}",
            )
        )
        lines.insert(rng.choice((0, len(lines), len(lines))), piece)
    body = "\n".join(lines)
    if rng.random() < 0.5:
        body = re.sub(r"\bhoà\b", "hòa", body.replace(' "', " “").replace(" %", "%")).replace("Uỷ", "Ủy")
    return texts._replace(body=body), "", ""


def line_of(texts: Texts, rng: random.Random, least: int = 40) -> int | None:
    """The index of a line of the story that is a sentence."""
    lines = texts.body.split("\n")
    told = [at for at, line in enumerate(lines) if len(line) >= least and line[-1:] in ".!?"]
    links = re.compile(r"(?:Xem thêm|Đọc thêm|>)|.*Ảnh: ")
    told = [at for at in told if not links.match(lines[at]) and lines.count(lines[at]) == 1]
    return rng.choice(told) if told else None


def negation(texts: Texts, rng: random.Random) -> Edit | None:
    match = one_of(r"(?<=\w )(?:được|có|phải|cho|bị|đang)(?= \w)", texts, rng)
    return match and (put(texts, *match.span(), f"không {match[0]}"), "", f"không {match[0]}")


def added(texts: Texts, rng: random.Random) -> Edit | None:
    new = rng.choice(ADDED).format(rng.randint(11, 99))
    lines = texts.body.split("\n")
    lines.insert(rng.randint(1, len(lines)), new)
    return texts._replace(body="\n".join(lines)), "", new


def removed(texts: Texts, rng: random.Random) -> Edit | None:
    at = line_of(texts, rng)
    lines = texts.body.split("\n")
    if at is None or len(lines) < 3:
        return None
    gone = lines.pop(at)
    return texts._replace(body="\n".join(lines)), gone, ""


def headline_of(texts: Texts, rng: random.Random) -> Edit | None:
    words = texts.title.split()
    at = rng.randrange(len(words))
    words[at] = rng.choice(("mới", "chậm", "sớm", "khác"))
    return texts._replace(title=" ".join(words)), "", ""


def counters(texts: Texts, rng: random.Random) -> Edit:
    """Two looks at one page: the same counters, other numbers."""
    some = rng.sample(COUNTERS, 3)
    made = []
    for look in (1, 2):
        mark = some[0][0]
        numbers = [rng.randint(2 * look, 900 * look) for _ in some]
        rows = [
            f" {mark} ".join(form.format(number) for (_, form), number in zip(some[:2], numbers, strict=False)),
            some[2][1].format(numbers[2]),
        ]
        made.append(texts._replace(body="\n".join([rows[0], texts.body, *rows[1:]])))
    before[:] = made[:1]
    return made[1], "", ""


def order(texts: Texts, rng: random.Random) -> Edit:
    lines = texts.body.split("\n")
    at = rng.randrange(len(lines))
    lines.insert(rng.randrange(len(lines)), lines.pop(at))
    return texts._replace(body="\n".join(lines)), "", ""


def typography(texts: Texts, rng: random.Random) -> Edit:
    body = texts.body
    for old, new in rng.sample(TYPOGRAPHY, 5):
        body = re.sub(old, new, body)
    if rng.random() < 0.5:
        body = unicodedata.normalize("NFD", body)
    return texts._replace(body=body, title=texts.title.replace(" ", "  ", 1)), "", ""


def captions(texts: Texts, rng: random.Random) -> Edit:
    lines = texts.body.split("\n")
    lines.insert(rng.randint(0, len(lines)), rng.choice(CAPTIONS))
    return texts._replace(body="\n".join(lines)), "", ""


def learned(texts: Texts, rng: random.Random) -> Edit:
    """Furniture that no list knows, on four articles of one source; at the last look one is corrected too."""
    before[:] = [texts]
    ticker, rotating = rng.choice(TICKERS), rng.randint(0, 3)
    spoiled = figure(texts, rng) or date(texts, rng) or name(texts, rng) or wording(texts, rng)
    after, old, new = spoiled or (texts, "", "")
    db = open_archive(":memory:")
    for look in range(3):
        for number in range(4):
            own = (after if look == 2 else texts) if number == 0 else PLAIN[number - 1]
            links = [LINKS[(look + at) % len(LINKS)] for at in range(rotating)]
            lines = [ticker.format(rng.randint(20 + 300 * look, 300 + 300 * look)), *links]
            body = "\n".join([own.body, *lines])
            at = datetime(2026, 11, 2, 5 + look, number, tzinfo=UTC)
            url = f"https://baomau.vn/{number}"
            store(db, Article(url, "baomau", title=own.title, lead=own.lead, body=body, relevant=True), [], at)
    told = [(article, json.loads(one)) for article, one in db.execute(EDITS_TOLD)]
    right = len(told) == bool(spoiled) and all(article == 1 and len(one) == 1 for article, one in told)
    return texts, f"{old} → {new}", "" if right else f"told {told}"


EDITS_TOLD = "select article_id, changes from versions where kind = 'edit'"
PLAIN = [
    Texts(f"Tin thứ {at}: {what}", "", f"{what} từ đầu tuần này, theo người dân ở đó.\nViệc này còn kéo dài.")
    for at, what in enumerate(("Đường làng được mở rộng", "Chợ phiên họp lại", "Trạm bơm chạy thử"))
]
TICKERS = (
    "Số bạn đọc ghé trang: {}",
    "Tỷ giá hôm nay: 25.{} đồng/USD",
    "Nhiệt độ ngoài trời {} độ",
    "Mua căn hộ đợt {}, nhận quà liền tay",
    "Còn {} suất ưu đãi cho bạn đọc",
    "Hạng {} trong tuần",
)
COUNTERS = (
    ("|", "Lượt xem: {}"), ("·", "{} bình luận"), ("|", "Chia sẻ: {}"), ("•", "{} lượt thích"),
    ("-", "Đã xem: {}"), ("|", "Đăng {} giờ trước"), ("·", "{} phút đọc"), ("|", "{} người đang xem"),
    (",", "{} phút trước"), ("|", "Thời gian đọc: {} phút"),
)  # fmt: skip
TYPOGRAPHY = (
    (r" - ", " – "), (r'"([^"\n]*)"', r"“\1”"), (r"\.\.\.", "…"), (r"(?<=\d)%", " %"), (r"\btỉ\b", "tỷ"),
    (r"\bhoà\b", "hòa"), (r"\bthuỷ\b", "thủy"), (r", ", ",\u00a0"), (r"(?<=\d)-(?=\d+%)", "–"),
    (r"(?<![/.])\.(?=\n|$)", "./."), (r"(?<=\d)\.(?=\d{3}\b)(?!\d{3}\.)", "\u00a0"), (r"\n", "\n\n"),
    (r"’", "'"),
)  # fmt: skip
CAPTIONS = (
    "Toàn cảnh buổi lễ sáng nay. Ảnh: T.N.", "Công nhân bên máy mới (Ảnh: TTXVN)", "Ảnh minh họa",
    "Ảnh: Minh Hà", "Cầu mới nhìn từ trên cao - Ảnh: Báo Mẫu", "Video: Cảnh tắc đường sáng nay",
)  # fmt: skip
ADDED = (
    "Ngày mai, chủ đầu tư sẽ trao thêm {} suất học bổng cho con em công nhân.",
    "Đính chính: bản trước của bài ghi nhầm số hộ dân, con số đúng là {} hộ.",
    "Lãnh đạo xã cho hay {} hộ đã đồng ý nhường đất.",
)


KINDS: dict[str, Maker] = {
    "figure": figure,
    "date": date,
    "name": name,
    "document": decree,
    "wording": wording,
    "furniture": furniture,
    "negation": negation,
    "sentence added": added,
    "sentence removed": removed,
    "title": headline_of,
    "counters": counters,
    "order": order,
    "typography": typography,
    "captions": captions,
    "learned": learned,
}
NO_EDIT = {"furniture", "counters", "order", "typography", "captions"}
TOLD = {"negation", "sentence added", "sentence removed", "title"}  # whatever the words


def corpus(count: int) -> list[Texts]:
    path = Path(os.environ.get("DIEMTIN_SHARED", ".")) / "corpus" / "vietnews-20k.jsonl.xz"
    if not path.exists():
        sys.exit(f"{path}: not there; set DIEMTIN_SHARED to the folder with corpus/")
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [
            Texts(*(nfc(row[one]) for one in ("title", "lead", "body")))
            for _, row in zip(range(count), map(json.loads, lines), strict=False)
        ]


def judged(kind: str, texts: Texts, edit: Edit) -> str:
    """What is wrong with what was told; "" when it is right."""
    after, old, new = edit
    if kind == "learned":
        return new
    changes = compare(texts, after)
    if kind in NO_EDIT:
        return "told" if changes else ""
    if not changes:
        return "" if texts == after else "missed"
    if kind in TOLD:
        return ""
    said = headline(changes)
    if len(changes) > 1 or changes[0].kind != kind:
        return f"{[one.kind for one in changes]}"
    left, _, right = said.partition(" → ")
    short = (old in left or left in old) and (new in right or right in new)
    return "" if left and right and short else "headline"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--pairs", type=int, default=3000)
    asked = options.parse_args()
    rng = random.Random(11)
    made: Counter[str] = Counter()
    wrong: dict[str, list[tuple[str, str, str]]] = {kind: [] for kind in KINDS}
    started = time.process_time()
    for texts in corpus(4 * asked.pairs):
        kind = min(KINDS, key=lambda one: made[one])
        for one in [kind, *KINDS]:
            if made[one] >= asked.pairs // len(KINDS):
                continue
            before[:] = [texts]
            if edit := KINDS[one](texts, rng):
                made[one] += 1
                if problem := judged(one, before[0], edit):
                    wrong[one].append(
                        (problem, f"{edit[1]} → {edit[2]}", headline(compare(before[0], edit[0])))
                    )
                break
    spent = 1000 * (time.process_time() - started) / made.total()
    rows = [(kind, made[kind], made[kind] - len(wrong[kind])) for kind in KINDS]
    print(tabulate(rows, ("edit", "pairs", "right"), tablefmt="github"))
    print(f"\n{spent:.1f} ms of CPU a pair\n")
    for kind, found in wrong.items():
        for problem, edit_text, said in found:
            print(f"{kind}: {problem}: made «{edit_text}», told «{said}»")


if __name__ == "__main__":
    main()
