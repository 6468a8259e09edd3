"""What stands in an article's container and is none of its text: related links, captions, forms, sign-offs."""

import re

from lxml.html import HtmlElement

BLOCKS = frozenset(
    "p div section article main header footer aside ul ol li dl dt dd table tbody thead tr td th blockquote "
    "h1 h2 h3 h4 h5 h6 figure figcaption form pre hr body center details summary".split()
)
_NEVER = frozenset(
    "script style noscript template svg iframe object embed canvas audio video button select option input textarea "
    "nav map math form dialog label picture source track fieldset menu".split()
)
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:comments?(?:-?(?:list|form|box|section|area|wrap\w*|block))?|disqus\w*|binhluan|box-?comment|"
    r"related\w*|relate[sd]?(?:news|box|post)\w*|recommend\w*|read-?(?:more|next|also)|more-?(?:news|stories|on)|"
    r"also-?read|you-?may|trending|popular|most-?(?:read|viewed)|tin-?(?:lien-?quan|cung|moi|khac|doc-?nhieu)\w*|"
    r"(?:bai|tin)-?(?:viet)?-?lien-?quan|xem-?them|"
    r"share\w*|sharing|social(?!-?media-?embed)\w*|addthis|follow-?(?:us|box|bar)|fb-like|zalo-\w+|"
    r"newsletter\w*|subscri\w*|sign-?up|signup\w*|paywall-?(?:message|banner|overlay|prompt|box)\w*|regwall|piano|promo\w*|donat\w+|"
    r"advert\w*|ads?|adv|adbox|ad-?(?:slot|unit|container|wrapper|banner|block|label)|banner\w*|sponsor\w*|qc|quangcao|taboola\w*|"
    r"outbrain\w*|dfp\w*|googlead\w*|"
    r"breadcrumbs?|sidebar\w*|widget_?(?:recent|text|categories|tag)\w*|footer|site-?footer|masthead|navbar|navigation|pagination|"
    r"tags?|tag-?(?:list|cloud|box|links)|tagged|keywords?|tu-?khoa|"
    r"cookie\w*|consent\w*|gdpr|modal|popup|pop-up|lightbox|tooltip|"
    r"(?:photo|image|img|media|wp)?-?captions?(?:-text)?|photocms_caption|figcaption|credit|photo-?credit|"
    r"print-?only|screen-?reader\w*|sr-only|visually-?hidden|visuallyhidden|hidden|hide|"
    r"author-?(?:bio|box|info|card|profile|detail)s?|about-?(?:the-?)?author|byline\w*|bio|"
    r"toc|table-?of-?contents|rating|vote|poll|survey|quiz|feedback|skip-?link|jump-?link)"
    r"(?=$|[\s_-])",
    re.IGNORECASE,
)
_CAPTION_NAME = re.compile(r"caption|credit|hidden|disclaimer", re.IGNORECASE)
_LABELS = ("class", "id", "data-testid", "data-component", "data-role", "data-qa")
_CONSENT = re.compile(r"onetrust|optanon|didomi|usercentrics|qc-cmp|(?:^|[\s_-])(?:cookie|consent|gdpr|ccpa|cmp|truste)", re.I)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|clip\s*:\s*rect\(\s*0", re.IGNORECASE)
_TYPES = re.compile(r"Related|ReadMore|Newsletter|Advert|Widget", re.IGNORECASE)
_ITEMS = re.compile(r"^(?:author|publisher|image|datePublished|dateModified|interactionStatistic|associatedMedia|keywords)\b")

_LINE_EXACT = re.compile(
    r"^\W*(?:tin (?:cùng chuyên mục|cùng chủ đề|liên quan|nổi bật|mới(?: nhất)?|khác|bài liên quan)|tin,? bài (?:liên quan|khác)|"
    r"bài (?:viết )?(?:liên quan|cùng chuyên mục)|các tin (?:khác|liên quan)|xem thêm(?: tin)?|tham khảo thêm|đọc thêm|đọc tiếp|đọc nhiều|"
    r"có thể bạn quan tâm|mời (?:bạn|quý độc giả) (?:đọc|xem) thêm|từ khóa|từ khoá|tags?|chủ đề|ý kiến(?: của bạn)?|bình luận|gửi bình luận|"
    r"chia sẻ(?: (?:facebook|zalo|twitter|bài viết))?|copy link|sao chép liên kết|link bài gốc|in bài(?: viết)?|về trang chủ đề|xem tiếp|"
    r"theo dõi chúng tôi|xin chờ trong giây lát|quảng cáo|video (?:đang )?(?:được xem nhiều|liên quan)|"
    r"advert|advertisement|advertisement - continue reading below|related(?: (?:articles?|stories|content|topics|news|coverage|posts|links))?|read (?:more|next|also)|"
    r"more (?:from|on this|stories|news|like this).*|recommended(?: (?:stories|for you|reading))?|most (?:read|popular|viewed)|trending(?: now)?|"
    r"you (?:may|might) also (?:like|be interested in)|share(?: this)?(?: article| story| on .{3,20})?|comments?|leave a (?:comment|reply)|"
    r"sign up|subscribe(?: now| here)?|newsletter|topics|filed under|sponsored|promoted|print|email|loading\W*|see also|"
    r"mehr zum thema|lesen sie auch|das könnte sie auch interessieren|anzeige|werbung|weitere artikel|weiterlesen|lesen sie mehr|"
    r"à lire aussi|lire aussi|publicité|leer más|te puede interesar|más información|publicidad|leia (?:também|mais)|veja também|publicidade|"
    r"leggi anche|читайте также|реклама|ilgili haberler)\W*$",
    re.IGNORECASE,
)
_LINE_START = re.compile(
    r"^\W*(?:(?:>>|»|►|▶|☞)\s*(?:xem|đọc|mời)|xem thêm\s*[:>]|>>>|đọc thêm\s*[:>]|tin liên quan\s*:|mời (?:bạn |quý )?độc giả|tham khảo thêm\s*:|"
    r"\(\*\)\s*không sao chép|không sao chép dưới|bản quyền (?:thuộc|©)|theo dõi .{2,40} trên (?:google|zalo|facebook)|"
    r"bạn đã có tài khoản|hotline\s*:|link bài gốc|"
    r"read (?:more|next|also)\s*:|related\s*:|see also\s*:|also read\s*:|more\s*:|watch\s*:|listen\s*:|"
    r"sign up (?:for|to|here)|subscribe to|click here to|follow (?:us|him|her|them|.{2,40}) on (?:twitter|facebook|instagram|x\b)|"
    r"copyright\b|©|all rights reserved|this (?:article|story) (?:was )?(?:originally|first) (?:appeared|published)|"
    r"lesen sie auch\s*:|mehr zum thema\s*:|à lire aussi\s*:|lire aussi\s*:|lea también|leia também|veja também|leggi anche|"
    r"get the latest|download (?:the|our) .{2,30} app)",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(r"\s*\./\.\s*(?=$|\n)")
_CAPTION = re.compile(
    r"^(?:ảnh|nguồn ảnh|ảnh minh h[oọ]ạ?|hình minh họa|đồ họa|photo|image|picture|foto|video|nguồn)\s*:|"
    r"[\s.(–-](?:ảnh|nguồn ảnh|hình|đồ họa|photo)\s*:\s*[^.]{2,50}\)?\.?$|^ảnh minh h[oọ]ạ?\.?$",
    re.IGNORECASE,
)


def named(element: HtmlElement) -> bool:
    """Whether an element's names say that it is furniture; a long paragraph is not, whatever its name."""
    if element.tag == "p" and len("".join(element.itertext())) > 200 and not _CAPTION_NAME.search(element.get("class") or ""):
        return False
    if _NAMES.search(label(element)):
        return True
    if _HIDDEN.search(element.get("style") or "") or element.get("hidden") is not None:
        return True
    if element.get("aria-hidden") == "true" or element.get("role") in ("navigation", "complementary", "dialog", "search"):
        return True
    return bool(_CONSENT.search(label(element)) or _TYPES.search(element.get("type") or "") or _ITEMS.search(element.get("itemprop") or ""))


def label(element: HtmlElement) -> str:
    """What an element is called: its class, id and test names, camel case divided."""
    names = " ".join(filter(None, map(element.get, _LABELS)))
    return _CAMEL.sub("-", names) if names else ""


def is_consent(element: HtmlElement) -> bool:
    """Cookie and consent dialogs."""
    return bool(_CONSENT.search(label(element)))


def unwanted(element: HtmlElement) -> bool:
    """Tags that never hold an article's text."""
    return element.tag in _NEVER


def drop(element: HtmlElement) -> None:
    """Take an element out and leave the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        previous = element.getprevious()
        if previous is None:
            parent.text = (parent.text or "") + element.tail
        else:
            previous.tail = (previous.tail or "") + element.tail
    parent.remove(element)


def is_line(text: str) -> bool:
    """A line that is furniture by its words alone, e.g. «XEM THÊM TIN» or ``Read more: …``."""
    return len(text) < 220 and bool(_LINE_EXACT.match(text) or _LINE_START.match(text))


def is_heading_of_links(text: str) -> bool:
    """A line after which a list of other articles begins."""
    return len(text) < 60 and bool(_LINE_EXACT.match(text))


def is_caption(text: str) -> bool:
    """A line that reads like a picture's caption with its source, as some portals print between paragraphs."""
    return len(text) < 250 and bool(_CAPTION.search(text))


def unsigned(text: str) -> str:
    """The text without the official sign-off «./.»."""
    return _SIGN_OFF.sub("", text)
