"""A home with an article that was edited twice and taken down, and what stamps packs of it."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread

from asn1crypto import tsp

from archive import articles
from archive.evidence.chain import sha256
from archive.evidence.config import EvidenceConfig
from archive.evidence.pack import Maker, Pack, make_pack
from archive.evidence.record import load_record, load_subject
from archive.evidence.stamps import request
from archive.home import Home
from archive.model import Article, Fetch
from archive.pages import RawPage, keep, note_fetches, open_pages
from archive.reasons import reason
from archive.schema import open_archive
from pipelines.fingerprint import shingles

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
URL = "https://trungdu.example/kinh-te/chinh-sach-123.html?b=2&a=1"
MADE = datetime(2026, 11, 25, 3, 30, 20, tzinfo=UTC)
TEXTS = (
    "Sản xuất công nghiệp mười tháng tăng 7,8% so với cùng kỳ, theo báo cáo của ban quản lý.",
    "Sản xuất công nghiệp mười tháng tăng 6,8% so với cùng kỳ, theo báo cáo của ban quản lý.",
    "Sản xuất công nghiệp mười tháng tăng 6,8% so với cùng kỳ, theo báo cáo bổ sung của ban quản lý.",
)
SCRIPT = "<script>alert('</title>')</script><img src=http://192.0.2.1/p.png>"
DER = bytes.fromhex("3003020101")


def page_of(text: str) -> bytes:
    """The page of the outlet around a text, with scripts as pages have."""
    return f"<!DOCTYPE html><html><head><meta charset=utf-8>{SCRIPT}</head><p>{text}</p></html>".encode()


def fetch(body: bytes, at: datetime, status: int = 200, url: str = URL, **more: object) -> Fetch:
    """How the page came: packed, over TLS, after a redirect."""
    given: dict[str, object] = {
        "encoding": "gzip",
        "ip": "192.0.2.7",
        "protocol": "HTTP/1.1",
        "certificate": DER,
        "request": (("User-Agent", "diemtin/0.1"), ("If-None-Match", '"a"')),
        "response": (("Content-Type", "text/html"), ("Content-Length", "99"), ("X-Odd", "é «lạ»")),
        "redirects": (("http://trungdu.example/123", "301"),),
        **more,
    }
    return Fetch("http://trungdu.example/123", url, at, status, sha256(body), len(body), **given)  # type: ignore[arg-type]


@dataclass
class Sample:
    """A home whose article can be edited, taken down, imported; ``look`` is one visit of the crawl."""

    home: Home
    url: str = URL
    article_id: int = 0

    def __post_init__(self) -> None:
        self.archive, self.pages = open_archive(self.home.archive_db), open_pages(self.home.pages_db)
        self.archive.table("sources").insert({"key": "trungdu", "name": "Báo Trung Du"}, pk="key", replace=True)

    def store(self, text: str, at: datetime, *, reprocessed: bool = False, read_by: str = "rules 1") -> str:
        """Store a text as the article's; its SHA-256."""
        article = Article(self.url, "trungdu", "Công nghiệp Đồi Chè tăng", "Tin của ban quản lý.", text)
        stored = articles.store(
            self.archive, article, shingles(article.text), at, read_by=read_by, reprocessed=reprocessed
        )
        self.article_id = stored.article_id
        return articles.digest_of(article)

    def look(self, text: str, at: datetime, *, noted: bool = True, kept: bool = True) -> None:
        """The page was fetched and read: kept raw, with how it came."""
        body, seen = page_of(text), at + timedelta(seconds=2)
        digest = self.store(text, seen)
        if kept:
            keep(self.pages, RawPage(self.url, "trungdu", at, "text/html; charset=utf-8", body))
        if kept and noted:
            note_fetches(self.pages, self.url, [fetch(body, at)], sha256(body), digest)
        self.visit(seen, "stored", 200, len(body))

    def visit(self, at: datetime, outcome: str, status: int | None, size: int | None = None) -> None:
        row = {"run_id": 1, "url": self.url, "at": articles.stamp(at), "outcome": outcome}
        self.pages.table("visits").insert(row | {"status": status, "size": size})

    def missing(self, at: datetime) -> None:
        """The page answered 404."""
        articles.missed(self.archive, self.url, reason("http", status=404), at, HOUR)
        gone = fetch(b"<p>404", at, 404, self.url)
        note_fetches(self.pages, self.url, [gone], None, None)
        self.visit(at, "gone", 404, 6)

    def close(self) -> None:
        self.archive.close()
        self.pages.close()

    def pack(self, *stamps: str, at: datetime = MADE, with_pdf: bool = False) -> Pack:
        """A pack as it would be made."""
        subject = load_subject(self.archive, self.article_id)
        assert subject is not None
        made = Maker("Lan", at, "may-ban", "0.1.0")
        record = load_record(subject, self.home.pages_db)
        return make_pack(record, self.home.pages_db, made, EvidenceConfig(stamps), with_pdf=with_pdf)


def edited_and_gone(folder: Path) -> Sample:
    """Seen first, edited twice, then missing at two looks."""
    sample = Sample(Home.at(folder))
    for n, text in enumerate(TEXTS):
        sample.look(text, NOON + n * 3 * HOUR)
    sample.missing(NOON + 9 * HOUR)
    sample.missing(NOON + 12 * HOUR)
    return sample


_ONE = Lock()
_CONFIG = """\
[ca]
basicConstraints=critical,CA:TRUE
keyUsage=keyCertSign
[tsa]
basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,timeStamping
[req]
distinguished_name=dn
[dn]
[tsa_config]
serial=serial
signer_cert=tsa.pem
certs=ca.pem
signer_key=tsa.key
signer_digest=sha256
default_policy=1.2.3.4
digests=sha256
"""


@dataclass
class Authority:
    """A time stamp authority with a CA of its own, in a folder; ``alter`` may spoil what it answers."""

    folder: Path
    alter: Callable[[bytes], bytes | None] = bytes
    query: Callable[[bytes], bytes] = bytes
    status: int = 200
    drip: bool = False
    asked: list[bytes] = field(default_factory=list)
    ended: Event = field(default_factory=Event)
    url: str = ""

    def __post_init__(self) -> None:
        if not (self.folder / "tsa.pem").exists():
            (self.folder / "c.cnf").write_text(_CONFIG)
            (self.folder / "serial").write_text("01")
            new, ec = "req -new -config c.cnf -nodes", "-newkey ec -pkeyopt ec_paramgen_curve:P-256"
            self.openssl(
                f"{new} -x509 -days 3650 -extensions ca {ec} -keyout ca.key -out ca.pem", "/CN=Test CA"
            )
            self.openssl(f"{new} {ec} -keyout tsa.key -out tsa.csr", "/CN=Test TSA")
            signed = "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650"
            self.openssl(f"{signed} -extfile c.cnf -extensions tsa -out tsa.pem")

    def openssl(self, words: str, subject: str = "", given: bytes = b"") -> bytes:
        more = ["-subj", subject] if subject else []
        done = subprocess.run(
            ["openssl", *words.split(), *more], cwd=self.folder, input=given, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def stamp(self, asked: bytes) -> bytes:
        with _ONE:  # file and serial number
            (self.folder / "q.tsq").write_bytes(asked)
            return self.openssl("ts -reply -config c.cnf -section tsa_config -queryfile q.tsq")

    def answer(self, asked: bytes) -> bytes | None:
        self.asked.append(asked)
        return self.alter(self.stamp(self.query(asked)))


@contextmanager
def answering(authority: Authority) -> Iterator[Authority]:
    """Run it as a web server on loopback while inside."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            body = authority.answer(asked) if authority.status == 200 else b""
            if body is None:  # never
                authority.ended.wait(20)
                return
            self.send_response(authority.status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Location", authority.url)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for byte in body if authority.drip else ():
                self.wfile.write(bytes([byte]))
                if authority.ended.wait(0.05):
                    return
            self.wfile.write(b"" if authority.drip else body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        authority.url = f"http://127.0.0.1:{server.server_port}/tsr"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield authority
        finally:
            authority.ended.set()
            server.shutdown()
            thread.join()


def with_md5(_: bytes) -> bytes:
    """A question that the authority refuses."""
    imprint = {"hash_algorithm": {"algorithm": "md5"}, "hashed_message": b"\x07" * 16}
    return bytes(tsp.TimeStampReq({"version": 1, "message_imprint": imprint}).dump())


def with_other_nonce(asked: bytes) -> bytes:
    imprint = tsp.TimeStampReq.load(asked)["message_imprint"]["hashed_message"].native
    return request(imprint, 4711)


def with_other_data(asked: bytes) -> bytes:
    return request(b"\x07" * 32, tsp.TimeStampReq.load(asked)["nonce"].native)
