"""Finds the periods that a sentence names, in normal form."""

import re
from calendar import monthrange
from dataclasses import dataclass, replace

from pipelines.figures.amounts import WORDS
from pipelines.figures.forms import TimeFrame, is_so_far, normal_form, of_months, span

YEAR = r"(?:19|20)\d\d"
_TIME = re.compile(
    rf"""
    \b(?=[\dbsctmnqđhBSCTMNQĐH])(?:
    (?P<days>từ\ (?:ngày\ (?P<e0>[0-3]?\d)|(?:ngày\ )?(?P<e1>[0-3]?\d)/(?P<em1>[01]?\d)(?:/(?P<ey1>{YEAR}))?)
        \ (?:đến|tới)\ (?:hết\ )?(?:ngày\ )?(?P<e2>[0-3]?\d)/(?P<em2>[01]?\d)(?:/(?P<ey2>{YEAR}))?(?![\d/]))
    |(?P<day>(?<![\d/.,])(?P<d>[0-3]?\d)[/.-](?P<dm>[01]?\d)[/.-](?P<dy>{YEAR})(?![\d/])
        |ngày\ (?P<d2>[0-3]?\d)\ tháng\ (?P<dm2>[01]?\d)(?:\ năm\ (?P<dy2>{YEAR}))?
        |(?<=[^\W\d]\ )(?P<d3>[0-3]?\d)(?:/|(?<=ngày\ \d)-|(?<=ngày\ \d\d)-)(?P<dm3>[01]?\d)
            (?![\d/]|\ (?:xã|phường|tỉnh|đơn\ vị|thôn|dự\ án|doanh)))
    |(?P<months>(?P<mn>\d{{1,2}}|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười\ một|mười)\ tháng
        (?:\ (?P<mpart>đầu|cuối)(?:\ của)?(?:\ năm(?:\ (?P<my1>{YEAR}|nay))?)?
        |(?:(?:\ của)?\ năm\ |/|-)(?P<my2>{YEAR})
        |(?:\ đã)?\ qua(?:\ của\ năm)?|\ năm\ nay)
        |(?<!\w)(?P<mn2>\d{{1,2}})T[/-]?(?P<my3>{YEAR}))
    |(?P<bare_months>(?<!vòng\ )(?<!hạn\ )(?<!dài\ )(?<!mỗi\ )(?<!hơn\ )(?<!gian\ )(?<!cách\ )
        \b(?P<bm>\d{{1,2}}|sáu|bảy|tám|chín|mười\ một|mười)\ tháng
        (?=[,:]|[.;]?$|\ (?:đạt|ước|tăng|giảm|của|tỉnh|toàn|thu|chiếm|có|là|còn|lãi|xuất|nhập|giải\ ngân)\b
            |\ \d[\d.,]*\ (?:tỷ|triệu|nghìn|tấn|ha)\b))
    |(?P<school_year>năm\ học\ (?P<sw>trước|này|nay|vừa\ qua)\b)
    |(?P<half>nửa\ (?P<hpart>đầu|cuối)\ năm(?:\ (?P<hy>{YEAR}))?|nửa\ năm\ (?P<hpart2>đầu|cuối)
        |nửa\ năm\ qua|(?<=sau\ )nửa\ năm$|bán\ niên(?:\ (?P<hy2>{YEAR}))?)
    |(?P<quarters>(?P<qs>hai|2|ba|3)\ quý
        (?!\ (?:liên|liền|gần|tới|cuối|sau))(?:\ đầu(?:\ của)?\ năm)?(?:\ (?P<qsy>{YEAR}))?
        |quý\ (?P<q1>đầu|cuối)\ năm(?:\ (?P<qsy2>{YEAR}))?)
    |(?P<quarter>quý\ (?P<q>I{{1,3}}|IV|[1-4])\b(?:(?:\s?[/-]\s?|[,\ ]+năm\ |\s)(?P<qy>{YEAR})|\ năm\ nay)?
        |(?-i:Q)(?P<q2>[1-4])[/-]?(?P<qy2>{YEAR}))
    |(?P<written_month>tháng\ (?P<mw>(?-i:Hai|Ba|Tư|Năm|Sáu|Bảy|Tám|Chín|Mười(?:\ [Mm]ột|\ [Hh]ai)?))\b)
    |(?P<month>tháng\ (?P<m>1[0-2]|0?[1-9])(?:\s?[/.-]\s?|[,\ ]+năm\ )(?P<my>{YEAR})
        |(?<!\d\ )tháng\ (?P<m2>1[0-2]|0?[1-9])\b(?!\s?[/.-]?\d|,\d)(?:\ năm\ (?P<mrel>nay|ngoái|trước))?)
    |(?P<since>từ\ (?:(?:năm\ )?(?P<sy>{YEAR})
        |(?:đầu\ |giữa\ |cuối\ )?tháng\ (?P<sm>[01]?\d)(?:/(?P<smy>{YEAR}))?
        |(?:ngày\ )?(?P<sd>[0-3]?\d)/(?P<sdm>[01]?\d)(?:/(?P<sdy>{YEAR}))?)\ (?:đến|tới)\ nay)
    |(?P<span>(?P<sa>{YEAR})\s?[-–]\s?(?P<sb>{YEAR})
        |từ\ (?:năm\ )?(?P<sa2>{YEAR})\ (?:đến|tới)\ (?:năm\ )?(?P<sb2>{YEAR}))
    |(?<!\d[/.-])\b(?P<year>{YEAR})\b(?![./-]\d|[/-][A-ZĐ])
    |(?P<some_years>(?<!nhất\ trong\ )(?<!nhất\ )\b(?:\d+|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười|nhiều|những)\ năm
        \ (?:qua|gần\ đây|vừa\ qua|trở\ lại\ đây|tới))
    |(?P<ago>(?:(?:\d+|một|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười|mươi|nhiều|mấy)\ năm\ (?:về\ )?trước|cách\ đây))
    |(?P<now_year>năm\ nay)|(?P<this>(?:cả|hết|cuối)\ năm(?!\ (?:{YEAR}|ngoái|trước|nay|qua|sau|tới))
        |trong\ năm(?!\ \d|\ qua|\ tới)|(?<=mục\ tiêu\ )năm(?=\ (?:là|đạt|tăng|thu)\b|[:,])
        |(?<=kế\ hoạch\ )năm(?=\ là\b|:)
        |(?<=chỉ\ tiêu\ )năm(?=\ (?:là|đạt|tăng|thu)\b|[:,]))
    |(?P<since_new_year>(?:từ\ )?đầu\ năm(?:\ nay|\ {YEAR})?\ (?:đến|tới)\ (?:nay|thời\ điểm)
        |từ\ đầu\ năm(?!\ \d|\ (?:ngoái|trước|sau|đến|tới|học)))
    |(?P<last>năm\ ngoái|(?<!một\ )(?<!hai\ )(?<!ba\ )(?<!bốn\ )(?<!năm\ )(?<!sáu\ )(?<!bảy\ )
        (?<!tám\ )(?<!chín\ )(?<!mười\ )(?<!mươi\ )(?<!nhiều\ )(?<!mấy\ )(?<!\d\ )năm\ (?:qua|trước))
    |(?P<next>(?<!một\ )(?<!hai\ )(?<!ba\ )(?<!bốn\ )(?<!năm\ )(?<!\d\ )năm\ (?:tới|sau)|sang\ năm)
    |(?P<last_part>(?:(?:tháng|quý)\ (?=trước|vừa\ qua|tới|sau)(?!trước\ đó|sau\ (?:đó|khi))
        |quý\ (?=này)|(?<!\w\ )tháng\ (?=qua\b)|(?<=trong\ )tháng\ (?=qua\b))
        (?P<which>trước|vừa\ qua|này|tới|sau|qua))
    |(?P<this_day>(?:hôm|sáng|chiều|tối)\ nay|hôm\ qua)
    |(?P<this_month>tháng\ này|trong\ tháng(?!\ \d|\ (?-i:[HBTNSCM])))
    |(?P<now>(?:đến|tới)\ (?:nay|thời\ điểm\ (?:này|hiện\ tại|hiện\ nay))|hiện\ (?:nay|tại)
        |(?<!đến\ )(?<!tới\ )(?<!hiện\ )(?<!năm\ )(?<!hôm\ )(?<!lâu\ )(?<!xưa\ )
            nay(?=\ (?:là|có|đã|tỉnh|toàn|tổ|đạt|còn|lên|tăng|giảm|chỉ|mới)\b)
        |(?<!thực\ )(?<!thể\ )(?<!phát\ )(?<!xuất\ )(?<!biểu\ )\bhiện
            (?=\ (?:có|đã|toàn|đang|cả|còn|mới|chỉ|vẫn|sử|quản|đạt|chiếm|trên|tỉnh|địa|Thái)\b|,)
        |^nay(?=\ \w)|^hiện(?=\ \w)(?!\ (?:thực|đại|trạng|tượng|vật|diện|trường|hữu))))
    """,
    re.IGNORECASE | re.VERBOSE,
)
_MAY_NAME = re.compile(  # else no time is named
    r"(?:19|20)\d\d|\d[/.-]\d|\dT|Q\d|năm|nay|hiện|quý|tháng|bán niên|cách đây|hôm", re.IGNORECASE
)
_COMPARED = re.compile(
    r"(?:so với|so|hơn|bằng|lần|đôi|rưỡi|cùng kỳ|cùng kì|của)(?: (?:cùng kỳ|cùng kì|cả|với|kế hoạch|dự toán|của"
    r"|thực hiện|cuối|đầu|mức|mục tiêu|tháng|quý))*(?: năm)? ?$",
    re.IGNORECASE,
)
_WHOLE_YEAR_PLAN = re.compile(
    r"(?:hoàn thành|vượt|bằng|%)(?: \w+)? (?:dự toán|kế hoạch|chỉ tiêu|mục tiêu)(?: của)? $", re.IGNORECASE
)
_OF_THE_YEAR = re.compile(r"\bcủa(?: năm)? ?$", re.IGNORECASE)
_OUTLOOK = re.compile(r"tầm nhìn(?: đến| tới)?(?: năm)? $", re.IGNORECASE)
_SET_BESIDE = re.compile(r"(?:so với[^,;.\d]{0,30}|giá (?:so sánh|cố định)\s(?:năm\s)?)$", re.IGNORECASE)
_YEAR_WORD = re.compile(r"(?:năm|vào|hết|cuối|đầu|niên độ|vụ)\s(?:học )?$", re.IGNORECASE)
_BEFORE_BARE_YEAR = re.compile(r"(?:[^\W\d_]+|[;,:(]|^) ?$")
_AFTER_BARE_YEAR = re.compile(
    r"[,;:.)]|\s?$| [-–] | \d+[.,]\d|\s[A-ZĐ]"
    r"|\s(?:là|đạt|của|tăng|giảm|có|ước|do|được|với|còn|cho|xếp|đứng|vừa|chỉ|mới|về|phải|sẽ|thu|đón|ghi|gồm|tại|ở|và|ngày|toàn|cả)\b"
)
_NO_BARE_YEAR = re.compile(
    r"(?:luật|số|nghị định|thông tư|nghị quyết|tcvn|iso|qcvn|mã|đường|km|phiên bản|bản|model|tổng|gần|hơn"
    r"|khoảng|có|cúp|cup|sinh|sn|sau|trước|từ|tuyến|mẫu|windows|office)(?: [\w.]+){0,3} $"
    r"|(?:giải|festival|hội chợ|lễ hội|cuộc thi|hội thi)[^,;.]{0,50} $",
    re.IGNORECASE,
)
_SINCE_YEAR = re.compile(r"(?<!\w)từ (?:(?:đầu|cuối|năm) )*$", re.IGNORECASE)
_MEETING = re.compile(r"(?:phiên họp|kỳ họp|họp báo|giao ban)[^,;]{0,25} $", re.IGNORECASE)
_EVENT_YEAR = WORDS.pattern(r"(?<!\w)(?:«other_years»)(?: [\w.]+){0,3} (?:năm|vào năm|vào) $")
_PLAN_YEARS = WORDS.pattern(r"(?:«named_after_years»)[^,;]{0,12}$")
_AS_OF = re.compile(
    r"(?:đến|tới|tính|hết|ngày|trong|trước|sau|từ|sáng|trưa|chiều|tối|đêm|phiên|hôm|tại|chứng khoán|giá vàng)"
    r"\s(?:ngày )?$",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(
    r"(?:ban hành|ký|số(?! liệu)|nghị quyết|quyết định|kế hoạch|chỉ thị|công văn|nghị định|luật)\b[^,;]{0,40}$",
    re.IGNORECASE,
)
_ANNOUNCED = re.compile(
    r"(?:công bố|thông báo|phát hành|trình|đăng tải)\b[^,;.]{0,40} (?:ngày|sáng|chiều|hôm) $", re.IGNORECASE
)
# A day is a period as «đến ngày 30/9»; alone it is that of a meeting, a storm, a contract.
_HOLDS_ON = re.compile(
    r"(?:đến|tới|hết|tính|thời điểm|trong|cuối|tại|phiên|\d ?(?:giờ|h)(?: ?\d{1,2}(?: phút)?)?)\s(?:ngày )?$",
    re.IGNORECASE,
)
_COUNTED_THAT_DAY = re.compile(
    r"ghi nhận|tiếp nhận|phát hiện|xử lý|đón|giao dịch|bán ra|khớp lệnh"
    r"|niêm yết|phiên|đóng cửa|đo được|giá(?! trị)",
    re.IGNORECASE,
)
_EVENT = WORDS.pattern(
    r"(?<!\w)(?:«events»)(?: [^\W\d]+){0,2}?(?: (?:đầu|cuối|giữa|trong|vào|từ|ngày|trước|hồi|sáng|chiều))* $"
    r"|(?<!\w)(?:«disasters»)(?!\w)[^,;]{0,40}$"
)
_BUILT = WORDS.pattern(r"(?<!\w)(?:«built»)(?: (?:vào|trong|từ|cuối|đầu|năm))* $")
_FROM = re.compile(r"(?<!\w)(?:từ|trước|sau|kể từ)(?: (?:ngày|đầu|cuối|giữa))* $", re.IGNORECASE)
_SINCE_DAY = re.compile(r"(?<!\w)từ (?:ngày )?$", re.IGNORECASE)
_FROM_MONTH = re.compile(
    r"(?<!\w)từ (?:đầu )?tháng (\d\d?)(?:/\d{4})? (?:đến|tới)(?: hết| cuối)? $", re.IGNORECASE
)
_UNTIL = re.compile(r"(?:đến|tới|hết)(?: hết| cuối| ngày| hết ngày| cuối ngày| hết tháng)? ?$", re.IGNORECASE)
FLOWS = WORDS.pattern(r"(?<!\w)(?:«flows»)(?!\w)")
_SINCE_LONG_AGO = re.compile(r"l(?:ũy|uỹ) kế|còn hiệu lực|từ năm|giai đoạn|nhiệm kỳ", re.IGNORECASE)
_TERM = re.compile(r"nhiệm kỳ[^,;]{0,12}$", re.IGNORECASE)
_TERM_OF = re.compile(
    r"(?:đại hội|khóa|khoá|lần thứ|đảng bộ|ban chấp hành|HĐND|HĐQT|đại biểu|ủy viên"
    r"|thành viên|chủ tịch)[^,;]{0,60}nhiệm kỳ[^,;]{0,12}$",
    re.IGNORECASE,
)
_LATE = 30  # characters from a sentence's beginning; a year named later is compared with or told beside
BEHIND = 60  # characters before a time that say what it is the time of
_IN_A_TITLE = re.compile(
    r"(?<!sau )(?<!dài )(?<!hạn )(?<!mỗi )\b([2-9]|1[01]) tháng\b(?! (?:tuổi|tù|tới|nữa|sau))"
)
_AFTER_MONTHS = re.compile(r"\bsau (\d{1,2}) tháng$")
_LOOKED_BACK = re.compile(
    r"(?<!\w)(?:hồi(?: (?:đầu|cuối|giữa))*|nửa (?:đầu|cuối)|từ (?:chỗ|mức)[^,;]*) $", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Time:
    """A period named at ``start:end`` in normal form; None: «hiện nay» of a text without a day.

    ``event``: the day of something that happened, which sizes and sums told with it are not of. ``now``:
    «hiện nay». ``aside``: a year told beside the one the text is about. ``back``: of its own figures alone.
    """

    start: int
    end: int
    form: str | None
    event: bool = False
    now: bool = False
    aside: bool = False
    back: bool = False


def times_in(line: str, day: TimeFrame) -> list[Time]:
    """The periods a sentence names, but for those it compares with."""
    found: list[Time] = []
    for match in _TIME.finditer(line) if _MAY_NAME.search(line) else ():
        if not _counts(line, match, day):
            continue
        time = _time(line, match, day)
        found.append(time)
        if time.form and ".." not in time.form and not (time.event or time.aside or time.back):
            day = replace(day, year=int(time.form[:4]))
    return found or (_in_a_title(line, day) if day.title else [])


def _in_a_title(line: str, day: TimeFrame) -> list[Time]:
    """«Kinh tế 10 tháng giữ đà» names its months more shortly than a sentence."""
    match = _IN_A_TITLE.search(line)
    if match is None:
        match = _AFTER_MONTHS.search(line)
        if match is None or not is_so_far(day, match[1]):
            return []
    form = span(of_months(day, int(match[1])), 1, int(match[1]))
    return [Time(match.start(), match.end(), form)] if form else []


def _time(line: str, match: re.Match[str], day: TimeFrame) -> Time:
    before = line[max(0, match.start() - BEHIND) : match.start()]
    now = bool(match["now"])
    form = day.now if now else _until(line, match, before, normal_form(match, day), day)
    aside, event = match.start() >= _LATE, _happens(line, match, before)
    if match["day"] and form and day.today and form > day.today.isoformat() and _SINCE_DAY.search(before):
        form = None  # «từ 1/12, lực lượng ra quân»: what is aimed at is not for that day
    return Time(match.start(), match.end(), form, event, now, aside, bool(_LOOKED_BACK.search(before)))


def _happens(line: str, match: re.Match[str], before: str) -> bool:
    """Whether a time is that of an event: «khởi công ngày 28/8», «từ 1/7», «bão hồi đầu tháng 10»."""
    if match["ago"] or match["some_years"]:
        return True
    if match["year"]:
        return bool(_BUILT.search(before) or _SINCE_YEAR.search(before))
    if match["day"] or match["this_day"]:
        return not (_HOLDS_ON.search(before) or _COUNTED_THAT_DAY.search(line))
    if not (match["month"] or match["quarter"]):
        return False
    starts = _FROM.search(before) and not re.match(r"\s(?:đến|tới)\b", line[match.end() :])
    return bool(starts or _EVENT.search(before))


def _until(line: str, match: re.Match[str], before: str, form: str | None, day: TimeFrame) -> str | None:
    """«đến 20/11» from the year's start where a sum of the year is told, else as named."""
    if form is None or not (match["day"] or match["month"]):
        return form
    if first := _FROM_MONTH.search(before):
        return span(int(form[:4]), int(first[1]), int(form[5:7]))
    if not _UNTIL.search(before) or not FLOWS.search(line) or _SINCE_LONG_AGO.search(line):
        return form
    if day.today and form > day.today.isoformat():
        return form
    return _from_new_year(form)


def _from_new_year(form: str) -> str | None:
    year, month, *days = (int(part) for part in form.split("-"))
    if not days or days[0] == monthrange(year, month)[1]:
        return span(year, 1, month)
    return f"{year}-01-01..{form}"


def _is_bare_year(line: str, match: re.Match[str], before: str) -> bool:
    """«DTI 2025:», «vụ xuân 2026,» name a year without the word; «Luật Đất đai 2024» a law."""
    stands_alone = _BEFORE_BARE_YEAR.search(before) and _AFTER_BARE_YEAR.match(line, match.end())
    return bool(stands_alone) and bool(_SINCE_YEAR.search(before) or not _NO_BARE_YEAR.search(before))


def _is_no_part(match: re.Match[str], before: str, day: TimeFrame) -> bool:
    """«Sau 9 tháng» that something took, «phiên họp tháng 6», «từ đầu năm» of a title: no time of figures."""
    lasted = match["bare_months"] and before[-4:].lower() == "sau " and not is_so_far(day, match["bm"])
    meeting = match["month"] and _MEETING.search(before)
    return bool(lasted or meeting or (match["since_new_year"] and day.title and before))


def _counts(line: str, match: re.Match[str], day: TimeFrame) -> bool:
    before = line[max(0, match.start() - BEHIND) : match.start()]
    if _is_no_part(match, before, day):
        return False
    if _COMPARED.search(before) and not _OF_THE_YEAR.search(before):
        return False
    if match["year"] and (_OUTLOOK.search(before) or _SET_BESIDE.search(before)):
        return False
    if match["year"] and _BUILT.search(before):
        return True
    if match["year"]:
        named = _YEAR_WORD.search(before) or _is_bare_year(line, match, before)
        return bool(named) and not _EVENT_YEAR.search(before)
    if match["this"] and _WHOLE_YEAR_PLAN.search(before):
        return False
    if match["last"] or match["next"] or match["last_part"]:
        return not re.search(r"(?:cùng kỳ|cùng kì|so với)[^,;]{0,20}$", before, re.IGNORECASE)
    if match["day"]:
        told = match["d2"] or _AS_OF.search(before)
        return bool(told) and not (_DOCUMENT.search(before) or _ANNOUNCED.search(before))
    if match["span"] and _TERM.search(before):
        return not _TERM_OF.search(before)
    return not (match["span"] and _PLAN_YEARS.search(before))
