"""Datasette's CSV files, with no cell that a spreadsheet would run as a formula."""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable

from archive.sheets import harmless
from archive.web.headers import App, Message, Send

_CSV = (b"text/plain", b"text/csv")  # Datasette's without and with ``_dl``
csv.field_size_limit(2**30)


def harmless_files(app: App) -> App:
    """The application, with every CSV file of Datasette's own rewritten; ours are written so."""

    async def answer(scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        wanted = scope["type"] == "http" and (
            scope["path"].endswith(".csv") or b"_format=csv" in scope.get("query_string", b"")
        )
        await app(scope, receive, _Rewriting(send).send if wanted else send)

    return answer


class _Rewriting:
    """Sends an answer on: a CSV file when it is whole, anything else as it comes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = io.BytesIO()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_csv(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body.write(message.get("body", b""))
            if not message.get("more_body"):
                await self._send_whole(self._start)

    async def _send_whole(self, start: Message) -> None:
        body = await asyncio.to_thread(rewritten, self._body.getvalue())
        headers = [
            (name, value) for name, value in start["headers"] if bytes(name).lower() != b"content-length"
        ]
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _is_csv(start: Message) -> bool:
    headers = {bytes(name).lower(): bytes(value) for name, value in start["headers"]}
    return start["status"] == 200 and headers.get(b"content-type", b"").startswith(_CSV)


def rewritten(body: bytes) -> bytes:
    """A CSV file with a ``'`` before each cell that a spreadsheet would run; numbers stay numbers."""
    out = io.StringIO(newline="")
    rows = csv.reader(io.StringIO(body.decode("utf-8", "replace"), newline=""))
    csv.writer(out).writerows([cell if _is_number(cell) else harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8", "replace")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.isascii() and not cell[:1].isspace()
