"""The tool ``documents``: official documents that articles cite, and who cites them."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from archive.assistants.asking import ArticleRef, DataAge, NothingThere, Reading, age_of, local, reference
from archive.text import fold
from archive.web.views.subjects import PAGE, Document, load_citing, load_document, load_documents

_LISTED = 20
_LIKE = """select number from documents
    where instr(vn_fold(number || ' ' || coalesce(kind, '') || ' ' || coalesce(issuer, '')), ?) limit ?"""


class DocumentsAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which document; without a number those cited last."""

    number: Annotated[
        str,
        Meta(
            max_length=200, description="Number of a document, 52-NQ/TW, or a part of number, kind or issuer."
        ),
    ] = ""
    page: Annotated[int, Meta(ge=1, le=1000, description="Thirty documents, or articles, a page.")] = 1


class ListedDocument(Struct, frozen=True, kw_only=True):
    """A document; ``dates`` are all that articles give it, as they should be one."""

    number: str
    kind: str
    issuer: str
    issued_on: str
    dates: list[str]
    articles: int
    newest_at: Annotated[datetime | None, Meta(description="When it was last cited.")]


class CitingArticle(Struct, frozen=True, kw_only=True):
    """An article that cites it, with the sentence."""

    article: ArticleRef
    quote: str


class DocumentsAnswer(Struct, frozen=True, kw_only=True):
    """Documents; where one was asked for by its number, the articles that cite it, newest first."""

    documents: list[ListedDocument]
    citing: list[CitingArticle]
    further: Annotated[bool, Meta(description="Whether the next `page` holds more.")]
    data: DataAge


def documents(reading: Reading, asked: DocumentsAsked) -> DocumentsAnswer:
    """List the resolutions, decisions and plans that articles cite, or read who cites one of them.

    Without `number`: those cited last. With the whole number (52-NQ/TW, 138/NQ-CP) the document with the
    articles that cite it and their sentence. With a part (NQ-CP, "quyết định", "UBND tỉnh") those that it fits.
    The archive holds what articles say of a document, not the document itself.
    """
    if not asked.number.strip():
        listed = load_documents(reading.db, asked.page)
        return _answer(reading, listed, [], further=len(listed) == PAGE)
    one = load_document(reading.db, asked.number.strip())
    if one is None:
        return _answer(reading, _like(reading, asked.number.strip()), [], further=False)
    citing = load_citing(reading.db, one.number, asked.page)
    told = [
        CitingArticle(article=reference(reading, line), quote=reading.quote(quote)) for line, quote in citing
    ]
    return _answer(reading, [one], told, further=one.articles > asked.page * PAGE)


def _like(reading: Reading, part: str) -> list[Document]:
    numbers = [number for (number,) in reading.db.execute(_LIKE, [fold(part), _LISTED])]
    found = [document for number in numbers if (document := load_document(reading.db, number))]
    if not found:
        raise NothingThere(
            f"No article cites a document «{part}». Leave `number` empty for those cited last, "
            f'or look in the texts: tool `search`, query «"{part}"».'
        )
    return found


def _answer(
    reading: Reading, listed: list[Document], citing: list[CitingArticle], *, further: bool
) -> DocumentsAnswer:
    return DocumentsAnswer(
        documents=[_listed(one) for one in listed], citing=citing, further=further, data=age_of(reading)
    )


def _listed(one: Document) -> ListedDocument:
    return ListedDocument(
        number=one.number,
        kind=one.kind or "",
        issuer=one.issuer or "",
        issued_on=one.issued_on or "",
        dates=one.dates,
        articles=one.articles,
        newest_at=local(one.newest_at),
    )
