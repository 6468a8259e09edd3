"""Edits made in real texts: is each told with the right headline, and no change of furniture told at all?

    python tests/bench/changes.py [--pairs 1200]

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
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tabulate import tabulate

from archive.revisions.changes import Texts, compare, headline
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


KINDS: dict[str, Maker] = {
    "figure": figure,
    "date": date,
    "name": name,
    "document": decree,
    "wording": wording,
    "furniture": furniture,
}


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
    changes = compare(texts, after)
    if kind == "furniture":
        return "told" if changes else ""
    if not changes:
        return "missed"
    said = headline(changes)
    if len(changes) > 1 or changes[0].kind != kind:
        return f"{[one.kind for one in changes]}"
    left, _, right = said.partition(" → ")
    short = (old in left or left in old) and (new in right or right in new)
    return "" if left and right and short else "headline"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--pairs", type=int, default=1200)
    asked = options.parse_args()
    rng = random.Random(11)
    made: Counter[str] = Counter()
    wrong: dict[str, list[tuple[str, str, str]]] = {kind: [] for kind in KINDS}
    started = time.process_time()
    for texts in corpus(4 * asked.pairs):
        kind = min(KINDS, key=lambda one: made[one])
        for one in [kind, *KINDS]:
            before[:] = [texts]
            edit = KINDS[one](texts, rng)
            if edit and made[one] < asked.pairs // len(KINDS):
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
