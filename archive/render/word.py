"""An edition as a Word document, laid out as offices file their morning digest."""

from archive.edition import Content


def to_docx(content: Content) -> bytes:
    """The edition as .docx, A4."""
    return b""
