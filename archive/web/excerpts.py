"""What the public may see of an article: title, two sentences and the link (press law, ``noarchive``)."""

import re

import msgspec

from archive.digests.content import Content, EditionChange, EditionStory, Section
from archive.reasons import reason
from archive.revisions.changes import Change
from archive.search.highlight import Marked
from archive.sentences import first_sentences

SENTENCES = 2
_NUMBER = re.compile(r"\d+(?:[.,/]\d+)*\s?%?")


def excerpt(*texts: str | None) -> str:
    """The first two sentences of the first text that has any."""
    return next((cut for text in texts if (cut := first_sentences(text or "", SENTENCES))), "")


def figures_line(changes: list[Change]) -> str:
    """Which numbers an edit changed, without the words around them: «7,8% → 6,8%»; '' for none."""
    return "; ".join(f"{before} → {after}" for before, after in figure_pairs(changes))


def figure_pairs(changes: list[Change]) -> list[tuple[str, str]]:
    """The numbers that an edit put in another's place, before and after, each pair once."""
    pairs = [(_numbers(one.before), _numbers(one.after)) for one in changes if one.kind == "figure"]
    return [pair for pair in dict.fromkeys(pairs) if all(pair)]


def public_edition(content: Content) -> Content:
    """The edition with two sentences a story, without the words of edits and comments."""
    return msgspec.structs.replace(
        content,
        parts=[
            Section(part.key, part.label, [_cut(story) for story in part.stories]) for part in content.parts
        ],
        again=[_cut(story) for story in content.again],
        older=[_cut(story) for story in content.older],
        mentions=[_cut(story) for story in content.mentions],
        changes=[_hushed(change) for change in content.changes],
        stop="",
        approved_by="",
        office=msgspec.structs.replace(content.office, signer="", approved=""),
    )


def _cut(story: EditionStory) -> EditionStory:
    summary = excerpt(story.summary.text)
    marks = [pair for pair in story.summary.marks if pair[1] <= len(summary.removesuffix("…"))]
    figures = [msgspec.structs.replace(one, quote="") for one in story.known_figures]
    return msgspec.structs.replace(story, summary=Marked(summary, marks), comment="", known_figures=figures)


def _hushed(change: EditionChange) -> EditionChange:
    return msgspec.structs.replace(
        change, sentence=reason("article_edited") if change.kind == "edit" else change.sentence
    )


def _numbers(text: str) -> str:
    return ", ".join(found.strip() for found in _NUMBER.findall(text))
