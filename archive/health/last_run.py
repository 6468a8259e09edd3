"""What one run alone tells: it broke or rests, lists are lost, empty or another channel's, pages fail."""

from collections.abc import Callable

from archive.health.runs import Alarm, Level, Run
from archive.i18n import Words
from archive.vietnamese import number

WORDS = Words("vi")
FAILED_SHARE, FAILED_AT_LEAST = 0.2, 2
_BROKEN = {"unreachable": "Không kết nối được", "killed": "Lần chạy cuối bị ngắt"}


def broken(runs: list[Run]) -> Alarm | None:
    """The newest run did not come to its end; amber the first time, red when again or never before."""
    last = runs[0]
    if last.state == "done":
        return None
    why = f" ({WORDS.reason(last.reason)})" if last.reason else ""
    in_a_row = next((n for n, run in enumerate(runs) if run.state == "done"), len(runs))
    level: Level = "amber" if in_a_row == 1 and len(runs) > 1 else "red"
    return Alarm(level, f"{_BROKEN.get(last.state, 'Lần chạy cuối hỏng')}{why}.")


def resting(runs: list[Run]) -> Alarm | None:
    """The source asked to be read less often."""
    reason = WORDS.reason(runs[0].notes.resting or "")
    return Alarm("amber", f"{reason[:1].upper()}{reason[1:]}.") if reason else None


def failing(runs: list[Run]) -> Alarm | None:
    """Too many pages of the newest run were refused or could not be read."""
    outcomes = runs[0].outcomes
    total, failed, blocked = sum(outcomes.values()), outcomes.get("failed", 0), outcomes.get("blocked", 0)
    if blocked > FAILED_SHARE * total:
        return Alarm("red", f"Trang chặn {number(blocked)} trong {number(total)} lần đọc.")
    if failed >= FAILED_AT_LEAST and failed > FAILED_SHARE * total:
        return Alarm("amber", f"{number(failed)} trong {number(total)} trang đọc không được.")
    return None


def list_lost(runs: list[Run]) -> Alarm | None:
    """A list did not answer, or not with a list."""
    run = _lists_read(runs)
    problems = run.lists.problems if run else {}
    if not problems:
        return None
    url, reason = next(iter(problems.items()))
    return Alarm("amber", f"Không đọc được danh sách {url}{_more(len(problems))}: {WORDS.reason(reason)}.")


def empty(runs: list[Run]) -> Alarm | None:
    """A list answered 200 and names nothing: the crawl «succeeds» for ever."""
    run = _lists_read(runs)
    found = run.lists.empty if run else []
    if not found:
        return None
    return Alarm("amber", f"Trang trả lời nhưng danh sách không có bài nào: {found[0]}{_more(len(found))}.")


def wrong_channel(runs: list[Run]) -> Alarm | None:
    """A feed answers with another channel, as some sites do when an address is no longer known."""
    run = _lists_read(runs)
    channels = (run.lists.channel or {}) if run else {}
    if not channels:
        return None
    url, (before, now) = next(iter(channels.items()))
    return Alarm(
        "amber", f"Danh sách {url}{_more(len(channels))} trả về kênh «{now}», trước đây là «{before}»."
    )


CHECKS: tuple[Callable[[list[Run]], Alarm | None], ...] = (
    broken, failing, resting, wrong_channel, empty, list_lost,
)  # fmt: skip


def _lists_read(runs: list[Run]) -> Run | None:
    """The newest run that asked for today's lists; one that broke, rests or fills in the past did not."""
    ended = (run for run in runs if run.state in {"done", "unreachable"})
    return next((run for run in ended if not run.past and not run.notes.resting), None)


def _more(count: int) -> str:
    return f" (và {number(count - 1)} danh sách khác)" if count > 1 else ""
