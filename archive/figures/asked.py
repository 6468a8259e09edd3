"""An indicator's ledger for a terminal, a spreadsheet or a program."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from archive.figures.conflicts import FigureConflict, conflicts
from archive.figures.indicators import Indicators
from archive.figures.ledger import LedgerPoint, Saying
from archive.figures.periods import in_words
from archive.figures.promises import Promise, promises
from archive.figures.revised import FigureRevision, Place
from archive.figures.table import COLUMNS, as_conflict, as_promise, rows
from archive.formats import Formats
from archive.i18n import Words
from archive.sheets import to_csv


def in_short(point: LedgerPoint, words: Words) -> str:
    """``hơn 324 doanh nghiệp, 05/11/2024``."""
    amount = Formats(words).amount(point.value, point.unit, point.rank_of)
    period = in_words(point.period, words) if point.period else words("ledger.no_period")
    return f"{point.qualifier} {amount}, {period}".strip()


@dataclass(frozen=True, slots=True)
class AskedLedger:
    """What was asked for: ``shown`` the newest first; conflicts and promises are those of all ``points``."""

    key: str
    indicators: Indicators
    shown: list[LedgerPoint]
    points: list[LedgerPoint]
    revisions: dict[Place, list[FigureRevision]]
    url: str
    now: datetime
    words: Words

    @property
    def conflicts(self) -> list[FigureConflict]:
        return conflicts(self.points, self.indicators)

    @property
    def promises(self) -> list[Promise]:
        return promises(self.points, self.indicators)

    def to_csv(self) -> str:
        """A row for each point."""
        return to_csv(COLUMNS, ([row[name] for name in COLUMNS] for row in rows(self.shown, self._address)))

    def to_dict(self) -> dict[str, object]:
        """Everything, for programs."""
        one, today = self.indicators.known[self.key], Formats(self.words, self.now).today
        revised = [
            {"article_id": place[0], "at": edit.at, "before": edit.before, "after": edit.after}
            for place, edits in self.revisions.items()
            for edit in edits
        ]
        return {
            "key": self.key,
            "name": one.name,
            "name_en": one.en,
            "better": one.better,
            "points": list(rows(self.shown, self._address)),
            "conflicts": [as_conflict(conflict) for conflict in self.conflicts],
            "promises": [as_promise(promise, today) for promise in self.promises],
            "revisions": revised,
        }

    def to_text(self) -> str:
        """Lines of points, then where outlets differ, then promises."""
        one = self.indicators.known[self.key]
        lines = [self.words.either(one.name, one.en), *self._points()]
        if not self.shown:
            lines.append(self.words("cli.figures.none"))
        if told := [self._conflict(conflict) for conflict in self.conflicts]:
            lines += ["", f"{self.words('ledger.conflicts')}:", *told]
        if told := [self._promise(promise) for promise in self.promises]:
            lines += ["", f"{self.words('ledger.promises')}:", *told]
        return "\n".join(lines)

    def _address(self, saying: Saying) -> str:
        return f"{self.url}/bai/{saying.article_id}"

    def _points(self) -> Iterator[str]:
        for point in self.shown:
            kind, whose = self.words.named("figure", point.kind), point.holder or self.words("ledger.unsaid")
            outlets = ", ".join(point.outlets)
            yield f"  {in_short(point, self.words)} · {kind} · {whose} · {outlets} {point.first.day:%d/%m/%Y}"
            for edit in (edit for one in point.sayings for edit in self._edits(one)):
                day = Formats(self.words).day(edit.at)
                yield self.words("cli.figures.edited", day=day, before=edit.before, after=edit.after)

    def _edits(self, saying: Saying) -> list[FigureRevision]:
        return self.revisions.get((saying.article_id, saying.starts), [])

    def _conflict(self, conflict: FigureConflict) -> str:
        said = "; ".join(
            f"{in_short(value.points[0], self.words)} ({', '.join(value.outlets)})" for value in conflict.values
        )
        whose = conflict.holder or self.words("ledger.unsaid")
        return f"  {whose}: {said}"

    def _promise(self, promise: Promise) -> str:
        last = in_short(promise.reported, self.words) if promise.reported else self.words("ledger.unreported")
        verdict = f" – {self.words(f'ledger.{promise.verdict}')}" if promise.verdict else ""
        target = in_short(promise.target, self.words)
        told = self.words("cli.figures.promise", target=target, due=f"{promise.due:%d/%m/%Y}", last=last)
        return f"  {told}{verdict}"
