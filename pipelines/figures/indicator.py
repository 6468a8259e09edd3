"""What a number measures, as a short noun phrase taken from the sentence."""

import re

from pipelines.figures.context import QUALIFIERS, Surroundings, any_of

_LONGEST = 10  # words of an indicator
_BREAK = re.compile(r"[;:()“”\"«»–]|,\s(?!thành phố)| - (?=(?:nơi|điều|một|đây))")
_LEADING = re.compile(
    r"^(?:"
    + any_of(
        "trong đó", "và", "với", "còn", "riêng", "cụ thể", "theo đó", "đồng thời", "nhờ đó", "qua đó",
        "hiện nay", "hiện",
        "tổng cộng", "thì", "mà", "nhưng", "tuy nhiên", "ngoài ra", "bên cạnh đó", "là", "khi", "của", "nâng",
        "đưa",
        "trong khi", "nơi", "đến nay", "mỗi năm", "cao hơn", "tỉnh, thành phố và", "thành phố và", "tỉnh và",
    )
    + r"\b,?\s*)+",
    re.IGNORECASE,
)  # fmt: skip
_TRAILING = re.compile(r"(?:\s+(?:chỉ|cũng|mới|đều|vẫn|hiện|nhận định mức|mức))+$", re.IGNORECASE)
_VERBS = any_of(
    "ước (?:tính )?đạt", "phấn đấu(?: đạt| tăng)?", "tiếp tục duy trì", "duy trì", "tiếp tục", "đạt(?: mức)?",
    "tăng thêm",
    "tăng(?! trưởng)", "giảm(?! nghèo)", "chiếm", "là", "bằng", "lên tới", "lên đến", "lên", "còn", "xuống",
    "đứng", "xếp",
    "thu về", "trị giá", "ở mức", "ước", "vượt", "dự kiến", "có", "được", "thuộc", "nằm trong", "với", "gồm",
    "rộng", "sẽ", "đã",
    "giữ", "vươn lên", "thu hút", "giải ngân", "tạo ra", "cấp", "nộp", "hoàn thành",
    "xây dựng được", "huy động", "thứ hạng",
    "vị trí", "ở vị trí", "từ", "đến", "mất", "lãi", "lỗ", "nợ", "vay", "chi", "trả", "bỏ ra", "rót", "trên",
    "thêm", "tới",
)  # fmt: skip
_TAIL_VERB = re.compile(
    rf"(?:^|\s)(?P<verb>{_VERBS})(?:\s+(?:{_VERBS}|{QUALIFIERS}|tổng số|tổng|cả|thứ|mức))*\s*$", re.IGNORECASE
)
_INNER = re.compile(
    r".*\b"
    + any_of(
        "có", "với", "gồm", "là", "đã", "đang", "thu hút", "nâng", "đưa", "để", "cho", "khai thác",
        "vận hành", "thêm", "phát triển",
        "xây dựng", "giúp", "hoàn thành", "rằng", "thấy", "đạt", r"\d[\d.,]*", "khi", "cùng", "nhờ",
        "đặt mục tiêu", "phấn đấu", "khiến",
    )
    + r"\b\s+(?=\S)",
    re.IGNORECASE | re.DOTALL,
)  # fmt: skip
_PLACE = re.compile(
    r"\s+(?:trên địa bàn|tại|ở|thuộc|trên cả nước|của (?:tỉnh|toàn tỉnh|cả nước|địa phương|thành phố)\b).*$",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\s*\b(?:trong |của |đến |vào |tính đến |hết |tính riêng |giai đoạn |bình quân )?"
    r"(?:năm \d{4}(?:\s?[-–]\s?\d{4})?|\d{4}\s?[-–]\s?\d{4}|\d{1,2} tháng (?:đầu|cuối) năm(?: \d{4})?"
    r"|(?<=\s)(?:19|20)\d\d(?=\s|$)|\d{1,2} tháng|quý (?:I{1,3}|IV|\d)(?:/\d{4})?"
    r"|tháng \d{1,2}(?:/\d{4})?|năm nay|ngày \d[\d/.-]*)",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    any_of(
        r"(?:toàn |cả )?tỉnh(?: Thái Nguyên)?", "Thái Nguyên", "địa phương", "cả nước", "so", "đây", "nay",
        "đó", "này", "nó", "họ",
        "thành phố", "toàn quốc", "cả", "một", "tổng", "mức", "năm", ".* nhận định",  "tới", "hơn", "gần",
        "thứ", "công ty", "bán", "vận động", "sử dụng",
        "phát hiện", "bàn giao", "làm sạch", "mới", "cơ sở", "triệu", "tháng", "ngắn", "chưa", "cứ",
        "cao nhất", "tiết kiệm", "thấp nhất",
        "mua", "góp", "lớn nhất", "trong", r"[\d.,\s]*", r"(?:tính )?(?:đến|ngày) (?:ngày )?[\d/.-]+", "qua",
        "theo", "hiện", "khác",
    )
    + "$",
    re.IGNORECASE,
)  # fmt: skip
_DEED = re.compile(r"giải ngân|thu hút|huy động", re.IGNORECASE)  # a verb that names what is counted
_COMPARED = re.compile(r"(?:so với|cùng kỳ|kế hoạch|dự toán)\b", re.IGNORECASE)
_MEASURES = re.compile(
    any_of(
        "(?:ước |phấn đấu )?đạt",
        "tăng",
        "giảm",
        "chiếm",
        "bằng",
        "là",
        "ở mức",
        "còn",
        "lên",
        "xuống",
        "vượt",
        "ước",
        "trị giá",
    )
    + r"\b"
)
_MONEY_NOUN = re.compile(r"\s(?:chi phí|vốn|tiền|doanh thu|lợi nhuận|thuế|giá trị|hàng|lãi|nợ|kinh phí)\b")
COUNTED = frozenset({"dự án", "doanh nghiệp", "lao động"})
_ABOUT = re.compile(r"^(?:[^,;.()]|,(?= thành phố)){0,60}?\b(?:về|theo) (?P<what>[^,;.()”\"]+)")
_NO_NOUN = re.compile(
    r"\s*(?:[,;.:()”\"/–\d-]|$|"
    + any_of(
        "sau", "so", "trong", "cho", "của", "và", "để", "từ", "tại", "vào", "với", "mỗi", "trở", "kế hoạch",
        "dự toán", "trên", "dưới", "là",
        "thì", "khi", "nếu", "muốn", "được", "đã", "sẽ", "có", "theo", "nhờ", "vì", "do", "ở", "một", "đến",
        "xuống", "lên",
    )
    + r"\b)",
    re.IGNORECASE,
)  # fmt: skip
_AFTER_END = re.compile(
    r"[,;.()”\"]|\s(?:so với|trong|của|cho|và|để|từ|tại|được|đã|sẽ|vào|với|có|là|mỗi|trở)\b", re.IGNORECASE
)
_CHANGE = {"tăng": "mức tăng", "tăng thêm": "mức tăng", "giảm": "mức giảm"}


def indicator(line: str, start: int, end: int, before: int, unit: str, context: Surroundings) -> str:
    """A short noun phrase for what a number measures; ``before`` is where the figure before ended (0: none)."""
    after = line[end:]
    about = _ABOUT.match(after) if unit == "hạng" else None
    if about:
        return _short(_TIME.sub("", about["what"]))
    if unit in COUNTED:
        return _short(f"{unit} {_noun_after(after)}")
    pieces = [piece for piece in _BREAK.split(line[before:start]) if piece.strip()]
    verb = _verb(pieces[-1]) if pieces else ""
    name = _name(pieces[-1:] if before else pieces)
    if not _MEASURES.match(verb) and (unit == "%" or _MONEY_NOUN.match(after)):
        name = _noun_after(after) or name
    if name:
        context.indicator = name
    elif before or unit == "hạng":
        name = context.indicator
    name = name or _noun_after(after) or context.indicator or _opening(line, unit)
    change = "" if unit == "hạng" else _CHANGE.get(verb, "")
    return f"{change} {_lower(name)}" if change and not name.startswith("mức ") else name


def _opening(line: str, unit: str) -> str:
    """The words a sentence begins with, up to its first number; the unit where it begins with one."""
    return _short(" ".join(re.split(r"\d", line)[0].split()[:_LONGEST])) or unit


def _verb(piece: str) -> str:
    found = _TAIL_VERB.search(_bare(piece))
    return found["verb"].lower() if found else ""


def _bare(piece: str) -> str:
    text = re.sub(r"\btừ [\d.,]+\s(?=đến\s*$)", "", piece.strip())
    return re.sub(rf"\s*\b{QUALIFIERS}\s*$", "", f" {text} ", flags=re.IGNORECASE).strip()


def _name(pieces: list[str]) -> str:
    for piece in reversed(pieces[-3:]):
        text = _LEADING.sub("", _bare(piece))
        if _COMPARED.match(text):
            continue
        found = _TAIL_VERB.search(text)
        if found and not text[: found.start()].strip() and _DEED.match(found["verb"]):
            return found["verb"]
        text = text[: found.start()] if found else text
        text = _INNER.sub("", _TIME.sub("", f" {text}").strip(), count=1)
        text = _short(_TRAILING.sub("", _LEADING.sub("", _PLACE.sub("", text))))
        if not _NOBODY.match(text):
            return text
    return ""


def _noun_after(after: str) -> str:
    return "" if _NO_NOUN.match(after) else _short(_AFTER_END.split(after.strip())[0])


def _lower(name: str) -> str:
    return name[0].lower() + name[1:] if name[1:2].islower() else name


def _short(text: str) -> str:
    words = text.strip(" -–:,.\"“”'«»…/").split()
    return " ".join(words[-_LONGEST:])
