"""What stands in an article's container and is none of its text: related links, captions, forms, sign-offs."""

import re
from functools import lru_cache

from lxml.etree import _Element

BLOCKS = frozenset(
    ("article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "figcaption",
     "figure",
     "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre",
     "section", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul")
)  # fmt: skip
SCRIPTS = ("iframe", "noscript", "script", "style", "svg", "template")
_NEVER = frozenset(
    (*SCRIPTS, "audio", "button", "canvas", "dialog", "embed", "fieldset", "form", "input", "label", "map",
     "math", "menu", "nav", "object", "option", "select", "source", "textarea", "track", "video")
)  # fmt: skip
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:comments?(?:-?(?:list|form|box|section|area|wrap\w*|block))?|disqus\w*|binhluan|"
    r"box-?comment|"
    r"related\w*|relate[sd]?(?:news|box|post)\w*|recommend\w*|read-?(?:more|next|also)|more-?(?:news|"
    r"stories|on)|"
    r"also-?read|you-?may|trending|popular|most-?(?:read|viewed)|tin-?(?:lien-?quan|cung|moi|khac|"
    r"doc-?nhieu)\w*|"
    r"(?:bai|tin)-?(?:viet)?-?lien-?quan|xem-?them|"
    r"share\w*|sharing|social(?!-?media-?embed)\w*|addthis|follow-?(?:us|box|bar)|fb-like|zalo-\w+|"
    r"newsletter\w*|subscri\w*|sign-?up|signup\w*|paywall-?(?:message|banner|overlay|prompt|box)\w*|"
    r"regwall\w*|gating(?:-\w+)?|expandable-?box|regi-?wall|promos?|promotion\w*|promobox|donat\w+|"
    r"advert\w*|ads?|adv|adbox|ad-?(?:slot|unit|container|wrapper|banner|block|label)|banner\w*|"
    r"sponsor\w*|qc|quangcao|taboola\w*|"
    r"outbrain\w*|dfp\w*|googlead\w*|"
    r"breadcrumbs?|sidebar\w*|widget_?(?:recent|text|categories|tag)\w*|footer|site-?footer|masthead|"
    r"navbar|navigation|pagination|"
    r"tags?|tag-?(?:list|cloud|box|links)|tagged|keywords?|tu-?khoa|"
    r"cookie\w*|consent\w*|gdpr|modal|popup|pop-up|lightbox|tooltip|rollover\w*|hover-?card|"
    r"(?:photo|image|img|media|wp)?-?captions?(?:-text)?|photocms_caption|figcaption|credit|photo-?credit|"
    r"print-?(?:only|box)|video-?(?:fallback|error)|info-?box|screen-?reader\w*|sr-only|visually-?hidden|visuallyhidden|hidden|hide|"
    r"author-?(?:bio|box|info|card|profile|detail)s?|about-?(?:the-?)?author|byline\w*|bio|"
    r"(?:audio|podcast|tts)(?:-?(?:player|reader|box|news|control|wrapper|embed))?|article-audio|"
    r"toc|table-?of-?contents|rating|vote|poll|survey|quiz|feedback|skip-?link|jump-?link)"
    r"(?=$|[\s_-])",
    re.IGNORECASE,
)
_CAPTION_NAME = re.compile(r"caption|credit|hidden|disclaimer", re.IGNORECASE)
_LABELS = ("class", "data-testid", "data-component", "data-role", "data-qa")
_CERTAIN = re.compile(
    r"onetrust|optanon|didomi|usercentrics|qc-cmp|(?:^|[\s_-])(?:cookie|consent|gdpr|ccpa|cmp(?:[\s_-]|"
    r"$)|truste|modal(?:[\s_-]|$)|popup|"
    r"(?:site-?|page-?)?footer(?:[\s_-]|$)|masthead|site-?header)",
    re.IGNORECASE,
)
_BODY_NAMES = re.compile(
    r"(?:^|[\s_-])(?:article-?(?:body|content|text|copy|detail)|story-?(?:body|content|text)|"
    r"entry-?content|post-?(?:content|body|text|entry)|"
    r"body-?(?:text|content|copy)|content-?(?:body|text|detail|article)|detail-?(?:content|body|cmain)|"
    r"news-?(?:content|body|detail|text)|"
    r"cms-body|fck-?detail|afcbc-body|articlebody|storybody|noidung|noi-dung|main-?content-?body|"
    r"text-?body|rich-?text|"
    r"chi-?tiet|maincontent|journal-content-article|bodytext|bai-viet)(?=$|[\s_-])",
    re.IGNORECASE,
)


CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|clip\s*:\s*rect\(\s*0", re.IGNORECASE)
_TYPES = re.compile(r"Related|ReadMore|Newsletter|Advert|Widget", re.IGNORECASE)
_ITEMS = re.compile(
    r"^(?:author|publisher|image|datePublished|dateModified|interactionStatistic|associatedMedia|keywords)\b"
)

_LINE_EXACT = re.compile(
    r"^\W*(?:(?:các |những )?tin (?:bài )?(?:đã đưa|khác|mới hơn|cũ hơn|cùng loại|đã đăng)(?: ngày)?|"
    r"các tin,? bài (?:liên quan|khác)|nghe (?:đọc |nội dung )?(?:bài|tin|audio)(?: viết| báo)?|đọc bài|"
    r"giọng (?:nữ|nam)(?: miền \w+)?|in trang|in bài|gửi (?:email|bài)|quay lại|về đầu trang|"
    r"lượt xem\s*:?\s*[\d.,]*|cỡ chữ.{0,15}|đánh giá bài viết.{0,90}|click để đánh giá bài viết|"
    r"tin (?:cùng chuyên mục|cùng chủ đề|liên quan|nổi bật|mới(?: nhất)?|khác|bài liên quan)|"
    r"tin,? bài (?:liên quan|khác)|"
    r"bài (?:viết )?(?:liên quan|cùng chuyên mục)|các tin (?:khác|liên quan)|xem thêm(?: tin)?|"
    r"tham khảo thêm|đọc thêm|đọc tiếp|đọc nhiều|"
    r"có thể bạn quan tâm|mời (?:bạn|quý độc giả) (?:đọc|xem) thêm|từ khóa|từ khoá|tags?|chủ đề|"
    r"ý kiến(?: của bạn)?|bình luận|gửi bình luận|"
    r"chia sẻ(?: (?:facebook|zalo|twitter|bài viết))?|copy link|sao chép liên kết|link bài gốc|"
    r"in bài(?: viết)?|về trang chủ đề|xem tiếp|"
    r"theo dõi chúng tôi|xin chờ trong giây lát|quảng cáo|video (?:đang )?(?:được xem nhiều|liên quan)|"
    r"advert|advertisement|advertisement - continue reading below|related(?: (?:articles?|stories|"
    r"content|topics|news|coverage|posts|links))?|read (?:more|next|also)|"
    r"more (?:from|on this|stories|news|like this).*|more great .{3,20} stories|"
    r"recommended(?: (?:stories|for you|reading))?|"
    r"most (?:read|popular|viewed)|trending(?: now)?|"
    r"you (?:may|might) also (?:like|be interested in)|share(?: this)?(?: article| story| on .{3,20})?|"
    r"comments?|leave a (?:comment|reply)|"
    r"sign up|subscribe(?: now| here)?|newsletter|topics|filed under|sponsored|promoted|print|email|"
    r"loading\W*|see also|"
    r"mehr zum thema|lesen sie auch|das könnte sie auch interessieren|anzeige|werbung|weitere artikel|"
    r"weiterlesen|lesen sie mehr|"
    r"à lire aussi|lire aussi|publicité|leer más|te puede interesar|más información|publicidad|"
    r"leia (?:também|mais)|veja também|publicidade|"
    r"leggi anche|читайте также|реклама|ilgili haberler)\W*$",
    re.IGNORECASE,
)
_COMMENTS = re.compile(
    r"^\W*(?:(?:top |all |view |show |read |\d+ )*(?:rated )?comments?(?: \(?\d+\)?)?|leave a (?:reply|"
    r"comment)|post a comment|"
    r"bình luận(?: \(?\d+\)?)?|ý kiến (?:bạn đọc|độc giả)(?: \(?\d+\)?)?|kommentare?|commentaires?|"
    r"comentarios?|comentários)\W*$",
    re.IGNORECASE,
)
_LINE_START = re.compile(
    r"^\W*(?:(?:>>|»|►|▶|☞)\s*(?:xem|đọc|mời)|xem thêm\s*[:>]|>>>|đọc thêm\s*[:>]|tin liên quan\s*:|"
    r"mời (?:bạn |quý )?độc giả|tham khảo thêm\s*:|"
    r"\(\*\)\s*không sao chép|không sao chép dưới|bản quyền (?:thuộc|©)|theo dõi .{2,40} trên (?:google|"
    r"zalo|facebook)|"
    r"bạn đã có tài khoản|trình duyệt (?:của bạn )?(?:đã tắt|không hỗ trợ)|your browser does|"
    r"hotline\s*:|link bài gốc|"
    r"read (?:more|next|also)\s*:|related\s*:|see also\s*:|also read\s*:|more\s*:|watch\s*:|listen\s*:|"
    r"sign up (?:for|to|here)|subscribe to|click here to|follow (?:us|him|her|them|"
    r".{2,40}) on (?:twitter|facebook|instagram|x\b)|"
    r"copyright\b|©|all rights reserved|this (?:article|story) (?:was )?(?:originally|first) (?:appeared|"
    r"published)|"
    r"lesen sie auch\s*:|mehr zum thema\s*:|à lire aussi\s*:|lire aussi\s*:|lea también|leia também|"
    r"veja também|leggi anche|"
    r"get the latest|download (?:the|our) .{2,30} app)",
    re.IGNORECASE,
)
_CALL = re.compile(
    r"(?:mời|kính mời) (?:bạn|quý|các) .{0,30}(?:gửi|chia sẻ|theo dõi|đón xem|đón đọc|để lại|bình luận)|"
    r"(?:bạn đọc|độc giả) (?:có thể |vui lòng )?(?:gửi|liên hệ)|(?:gửi|liên hệ) về (?:địa chỉ|email|"
    r"hộp thư|toà|tòa)|"
    r"\bfollow (?:us|him|her|them|[A-Z@]\S+)\b.{0,40}\b(?:twitter|facebook|instagram)|@\w+ (?:on|at) twitter|"
    r"\bemail .{3,40}@|\b(?:reached|reach .{2,30}|contact .{2,30}) at .{0,40}@|"
    r"\b(?:sign up|subscribe)\b.{0,60}\b(?:newsletter|today|here|delivered|inbox)|delivered (?:through|"
    r"to) your|"
    r"\bfree (?:daily )?newsletter\b|tell us what you think|let us know (?:what you think )?in the comments|"
    r"^if you (?:enjoyed|liked) this (?:article|story|post)|subject to copyright|^filed under|^tags?:|"
    r"^reporting by .{3,200}; ?(?:editing|writing|additional)",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(r"\s*\.?/\.\s*$")
_CAPTION = re.compile(
    r"^(?:ảnh|nguồn ảnh|ảnh minh h[oọ]ạ?|hình minh họa|đồ họa|photo|image|picture|foto|video|nguồn)\s*:|"
    r"[\s.(–-](?:ảnh|nguồn ảnh|hình|đồ họa|photo|foto|bild|bildrechte|image|"
    r"credit)\s*:\s*[^.]{2,50}\)?\.?$|^ảnh minh h[oọ]ạ?\.?$|"
    r"^(?:getty images?|reuters|imago|afp|ap|dpa|shutterstock|istock|alamy|ttxvn)$|[/|"
    r"] ?getty images?\)?$|\bimago/[\w .]+$",
    re.IGNORECASE,
)
# «… sắp cất cánh. Ảnh Thanh Tùng», «(Ảnh TTXVN)»: capitals matter here
_PHOTOGRAPHER = re.compile(r"(?:[.!?…,]\s*|[(–-]\s?)Ảnh:?\s+(?:[^\W\d_a-zà-ỹ][\w./]*\s?){1,4}\)?\.?$")


def named(element: _Element) -> bool:
    """Whether an element's names say that it is furniture; a long paragraph is not, whatever its name."""
    if (
        element.tag == "p"
        and len("".join(element.itertext())) > 200
        and not _CAPTION_NAME.search(element.get("class") or "")
    ):
        return False
    name = label(element)
    if name and _says_furniture(name):
        return True
    if _HIDDEN.search(element.get("style") or "") or element.get("hidden") is not None:
        return True
    if element.get("aria-hidden") == "true" or element.get("role") in (
        "navigation",
        "complementary",
        "dialog",
        "search",
    ):
        return True
    return bool(_TYPES.search(element.get("type") or "") or _ITEMS.search(element.get("itemprop") or ""))


@lru_cache(maxsize=8192)
def _says_furniture(name: str) -> bool:
    name = CAMEL.sub("-", name)
    return bool(_NAMES.search(name) or _CERTAIN.search(name))


def label(element: _Element) -> str:
    """What an element is called: its class, test names and id, unless that is a headline's slug."""
    names = [name for name in map(element.get, _LABELS) if name]
    own = element.get("id") or ""
    if own and own.count("-") < 4:
        names.append(own)
    return " ".join(names)


def says_body(element: _Element) -> bool:
    """Whether an element's names say that it holds an article's text."""
    return (element.get("itemprop") or "").lower() == "articlebody" or _says_body(label(element))


@lru_cache(maxsize=8192)
def _says_body(name: str) -> bool:
    return bool(name and _BODY_NAMES.search(CAMEL.sub("-", name)))


def is_certain(element: _Element) -> bool:
    """Dialogs, a page's head and foot: furniture even where they hold much text."""
    return element.tag in ("footer", "nav") or bool(_CERTAIN.search(label(element)))


def unwanted(element: _Element) -> bool:
    """Tags that never hold an article's text."""
    return element.tag in _NEVER


def drop(element: _Element) -> None:
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


def is_call(text: str) -> bool:
    """A closing line that speaks to the reader: how to write in, follow, subscribe, join or copy."""
    return len(text) < 420 and bool(_CALL.search(text))


def is_comments(text: str) -> bool:
    """The heading of the readers' comments."""
    return len(text) < 40 and bool(_COMMENTS.match(text))


def is_caption(text: str) -> bool:
    """A line that reads like a picture's caption with its source, as some portals print between paragraphs."""
    return len(text) < 250 and bool(_CAPTION.search(text) or _PHOTOGRAPHER.search(text))


def unsigned(text: str) -> str:
    """The text without the official sign-off «./.»."""
    return _SIGN_OFF.sub(".", text)
