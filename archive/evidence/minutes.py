"""The minutes («biên bản») of a pack in Word: what was seen, when, by whom, what it proves and what not."""

from archive.clock import HANOI, moment, stamp
from archive.digests.layout.word import HEAD, SMALL, Paper
from archive.digests.paper.office import Office
from archive.digests.paper.sheet import signatures
from archive.evidence.chain import Entry, sha256
from archive.evidence.pack import MANIFEST, Pack
from archive.evidence.record import Event
from archive.formats import Formats
from archive.i18n import Words
from archive.revisions.changes import from_json, headline

WORDS = Words("vi")
_TINY = 9  # points: a hash on one line


def minutes(pack: Pack) -> bytes:
    """The minutes as .docx, for two people to sign."""
    return _Minutes(pack).bytes()


class _Minutes(Paper):
    """The minutes being written."""

    def __init__(self, pack: Pack) -> None:
        title = WORDS("evidence.minutes")
        super().__init__(title, pack.maker.at)
        self.pack = pack
        self.formats = Formats(WORDS, pack.maker.at)
        self._head(title)
        self._subject()
        self._made()
        self.heading(WORDS("evidence.section.seen"))
        for event, one in zip(pack.record.events, pack.chain, strict=True):
            self._event(event, one)
        self._hashes()
        self._stamps()
        self._list("evidence.section.proves", [WORDS(f"evidence.proves.{code}") for code in pack.record.proves])
        self._list(
            "evidence.section.proves_not",
            [WORDS(f"evidence.proves_not.{code}") for code in pack.record.proves_not],
        )
        self._list("evidence.section.lacking", [sentence(WORDS, one) for one in pack.lacking])
        maker, witness = WORDS("evidence.sign.maker"), WORDS("evidence.sign.witness")
        signatures(self, Office(signer_title=maker, approved_title=witness))
        self.page_number(self.document.sections[0].footer.paragraphs[0])

    def _head(self, title: str) -> None:
        self.paragraph(WORDS("office.nation"), bold=True, centred=True)
        self.paragraph(WORDS("office.motto"), bold=True, centred=True)
        self.paragraph(title.upper(), bold=True, size=HEAD, centred=True, before=14)
        self.paragraph(WORDS("evidence.subject", id=self.pack.record.subject.id), centred=True)
        self.paragraph(self.formats.office_date(), italic=True, centred=True)

    def _subject(self) -> None:
        subject = self.pack.record.subject
        self.heading(WORDS("evidence.section.article"))
        self._fact("evidence.headline", subject.title)
        self._fact("article.outlet", subject.outlet)
        line = self.paragraph("")
        self.run(line, f"{WORDS('evidence.address')}: ", bold=True)
        self.link(line, subject.url, subject.url)
        self._fact("article.first_seen", self._when(subject.first_seen_at))
        self._fact("article.last_seen", self._when(subject.last_seen_at))
        gone = f", {self._when(subject.gone_at)}" if subject.gone_at else ""
        self._fact("evidence.state", WORDS.named("state", subject.state) + gone)

    def _made(self) -> None:
        maker = self.pack.maker
        self.heading(WORDS("evidence.section.made"))
        self._fact("evidence.made.at", self._when(stamp(maker.at)))
        self._fact("evidence.made.by", maker.by or WORDS("evidence.made.here"))
        self._fact("evidence.made.on", f"{maker.machine}, {WORDS('name')} {maker.release}")

    def _event(self, event: Event, link: Entry) -> None:
        entry = link["entry"]
        self.paragraph(
            f"{entry['n']}. {_title(event)} · {self._when(event.at)}", bold=True, before=8, with_next=True
        )
        if event.written_at != event.at:
            written = self._when(event.written_at)
            self.paragraph(WORDS("evidence.clock_ahead", at=written), size=SMALL)
        for text in (self._came(event), self._changed(event)):
            if text:
                self.paragraph(text, size=SMALL)
        if event.state and event.state.reason:
            self.paragraph(sentence(WORDS, event.state.reason), size=SMALL)
        for path, digest in entry["files"].items():
            self._hash(path, digest)
        if "page" in entry and entry["page"]["file"] not in entry["files"]:
            self._hash(entry["page"]["file"], entry["page"]["sha256"])
        self._hash(WORDS("evidence.link"), link["sha256"])

    def _came(self, event: Event) -> str:
        """Where an event came from; of a fetch the address that answered, by which server, and when."""
        if event.origin != "fetched" or event.fetch is None:
            return WORDS(f"evidence.origin.{event.origin}") if event.version else ""
        fetch = event.fetch.parts[0]
        at = self._when(stamp(fetch.at))
        text = WORDS("evidence.fetched", at=at, url=fetch.answered, ip=fetch.ip or "?", status=fetch.status)
        more = len(event.fetch.parts) - 1
        return text + (f" {WORDS('evidence.further', n=more)}" if more else "")

    def _changed(self, event: Event) -> str:
        changes = from_json(event.version.changes) if event.version else []
        return f"{WORDS('evidence.changed')}: {headline(changes)}." if changes else ""

    def _hashes(self) -> None:
        self.heading(WORDS("evidence.section.hashes"))
        self.paragraph(WORDS("evidence.hashes.note"), size=SMALL)
        self._hash(MANIFEST, sha256(self.pack.files[MANIFEST]))
        for path in ("pages.warc.gz", "pages.wacz"):
            if path in self.pack.files:
                self._hash(path, sha256(self.pack.files[path]))

    def _stamps(self) -> None:
        self.heading(WORDS("evidence.section.stamps"))
        if not self.pack.stamps:
            self.paragraph(WORDS("evidence.stamps.none"))
        for n, one in enumerate(self.pack.stamps, 1):
            if one.missing:
                lacks = WORDS.reason(one.missing)
                self.paragraph(f"– {WORDS('evidence.stamp.lacks', authority=one.authority, why=lacks)}")
            elif one.at:
                at = f"{one.at.astimezone(HANOI):%H:%M:%S %d/%m/%Y}"
                given = {"n": n, "authority": one.authority, "at": at, "signer": one.signer}
                self.paragraph(f"– {WORDS('evidence.stamp', **given)}")

    def _list(self, heading: str, lines: list[str]) -> None:
        if lines:
            self.heading(WORDS(heading))
        for line in lines:
            self.paragraph(f"– {line}")

    def _fact(self, key: str, text: str) -> None:
        line = self.paragraph("")
        self.run(line, f"{WORDS(key)}: ", bold=True)
        self.run(line, text)

    def _hash(self, name: str, digest: str) -> None:
        line = self.paragraph("")
        line.paragraph_format.space_after = 0
        self.run(line, f"{name}: ", size=_TINY)
        self.run(line, digest, size=_TINY)

    def _when(self, at: str) -> str:
        local = moment(at).astimezone(HANOI)
        return f"{local:%H:%M:%S}, {self.formats.weekday(local)} {local:%d/%m/%Y}"


def _title(event: Event) -> str:
    return WORDS.named("history" if event.version else "state", event.code)


def sentence(words: Words, stored: str) -> str:
    """A stored reason as a sentence of its own."""
    text = words.reason(stored)
    return f"{text[:1].upper()}{text[1:]}."
