"""What stands between the paragraphs of a text and is none: pictures with captions, teasers, lists of links."""

import re
from collections.abc import Iterator
from itertools import islice

from lxml.etree import _Element

from pipelines.extract import boilerplate, credit

_PICTURE = re.compile(r"(?:^|[\s_-])(?:images?|photos?|pictures?|img|pic|figure)(?=$|[\s_-])", re.IGNORECASE)
_CENTRED = re.compile(r"text-align\s*:\s*center|(?:^|[\s_-])(?:t|text|align)-?center", re.IGNORECASE)
_CARD = 250  # characters under the heading of a card of another story
_LONG_CARD = 900  # likewise of one of several cards
_LONG_LIST = 3000
_NEAR = 100  # blocks beside a card, before and behind it
_BLANK = 1000  # characters of blanks in a text
_CARDS = frozenset(("div", "section", "article", "li", "td"))


def sweep(box: _Element) -> None:
    """Take out pictures with their captions, cards of other stories, and what is links alone."""
    frames = (_frame(image, box) for image in [*box.iter("img")])
    for frame in dict.fromkeys(frame for frame in frames if frame is not None):
        _drop_picture(frame)
    for table in [*box.iter("table")]:
        if table is not box and _floats(table):
            boilerplate.drop(table)
    for card in [_teaser(heading, box) for heading in box.iter("h2", "h3", "h4", "h5")]:
        if card is not None:
            boilerplate.drop(card)
    for block in [*box.iter("ul", "ol", "p", "h2", "h3", "h4", "h5", "table", "div")]:
        if block is not box and _is_links(block):
            boilerplate.drop(block)


def _frame(image: _Element, box: _Element) -> _Element | None:
    """The block that an image stands in, once for all images that do."""
    return next((each for each in image.iterancestors("div", "table", "center", "p") if each is not box), None)


def _drop_picture(frame: _Element) -> None:
    if not _is_picture(frame):
        return
    if (own := _caption_behind(frame)) is not None:
        boilerplate.drop(own)
    boilerplate.drop(frame)


def _is_picture(frame: _Element) -> bool:
    """A block that holds a picture and one short line is a picture with its caption."""
    most = 300 if frame.tag != "p" and _PICTURE.search(frame.get("class") or "") else 160
    return len(_spaced(frame, most)) < most and (frame.tag != "p" or not (frame.text or "").strip())


def _caption_behind(frame: _Element) -> _Element | None:
    """The line under a picture that is its caption by its looks: in italics as a whole, and centred."""
    line = frame.getnext()
    if line is None or line.tag not in ("p", "div") or (frame.tail or "").strip():
        return None
    text = " ".join("".join(line.itertext()).split())
    if not 10 < len(text) < 250 or "".join(frame.itertext()).strip():
        return None
    looks = f"{line.get('style') or ''} {line.get('class') or ''}"
    centred = line.get("align") == "center" or _CENTRED.search(looks) is not None
    slanted = sum(len("".join(part.itertext()).strip()) for part in line.iterchildren("em", "i"))
    return line if centred and slanted >= len(text) * 0.9 else None


def _floats(table: _Element) -> bool:
    """A short table set beside the text is a box about another story, no paragraph of this one."""
    return (
        table.get("align") in ("left", "right")
        and len([*table.iter("td")]) <= 2
        and len("".join(table.itertext()).strip()) < 400
    )


def _teaser(heading: _Element, box: _Element) -> _Element | None:
    """The card of another story: a heading that is one link, with little more than a line under it."""
    link = heading.find(".//a")
    own = _spaced(heading) if link is not None else ""
    if link is None or not own or len(_spaced(link)) < len(own) * 0.9:
        return None
    card = None
    for block in heading.iterancestors():
        most = _LONG_CARD if _is_one_of_many(block, link) else _CARD
        text = _spaced(block, len(own) + most) if block is not box else ""
        if len(text) - len(own) >= most or not 0 <= text.find(own) < 40:
            break
        card = block if block.tag in _CARDS else card
    return card


def _is_one_of_many(block: _Element, link: _Element) -> bool:
    """Whether a card that leads elsewhere on the site has others of its name beside it."""
    name = block.get("class")
    if not name or "://" in (link.get("href") or ""):
        return False
    return any(
        beside.get("class") == name and beside.find(".//a") is not None
        for before in (True, False)
        for beside in islice(block.itersiblings(preceding=before), _NEAR)
    )


def _is_links(block: _Element) -> bool:
    """Whether a block is links and little else; lists may be long, paragraphs point by a label and one link."""
    if block.find(".//a") is None or len(text := _spaced(block, _LONG_LIST)) > _LONG_LIST:
        return False
    linked = sum(len(_spaced(link)) for link in block.iter("a"))
    if text and linked >= len(text) * 0.7:
        return linked > 15 or block.tag in ("ul", "ol")
    return block.tag == "p" and _is_pointer(block)


def _is_pointer(paragraph: _Element) -> bool:
    """A label and one link, such as «Xem thêm: …» or ``READ ON | …``; «Nguồn: …» is a credit."""
    links = [*paragraph.iter("a")]
    if len(links) != 1 or len(own := _spaced(links[0])) < 25:
        return False
    text = _spaced(paragraph)
    label = text.removesuffix(own).rstrip()
    return 2 < len(label) < 40 and label != text and label[-1] in ":|>»" and not credit.is_line(text)


def _spaced(element: _Element, most: int = 0) -> str:
    """An element's text in one line; one longer than ``most`` (0: any) is broken off somewhere behind that.

    Whoever asks thousands of headings for what stands round them reads no page thousands of times.
    """
    return " ".join("".join(_beginning(element, most) if most else element.itertext()).split())


def _beginning(element: _Element, most: int) -> Iterator[str]:
    for part in element.itertext():
        yield (read := part[: most + _BLANK])
        most -= sum(map(len, read.split()))
        if most < 0:
            return
