"""What one run alone shows: it broke or rests, lists are lost, empty or another channel's, pages fail."""

from collections.abc import Callable

from archive.databases.faults import is_urgent
from archive.health.runs import Alarm, Level, Run
from archive.reasons import reason

FAILED_SHARE, FAILED_AT_LEAST = 0.2, 2


def lost(losses: tuple[int, int] | None) -> Alarm | None:
    """Articles that were read are missing in the archive: how many have not come back, of how many."""
    return Alarm("red", reason("health_lost", left=losses[0], of=losses[1])) if losses else None


def broken(runs: list[Run]) -> Alarm | None:
    """The newest run did not come to its end; amber the first time, red when again or never before."""
    last = runs[0]
    if last.state == "done":
        return None
    in_a_row = next((n for n, run in enumerate(runs) if run.state == "done"), len(runs))
    urgent = is_urgent(last.reason)
    level: Level = "amber" if in_a_row == 1 and len(runs) > 1 and not urgent else "red"
    if not last.reason:
        return Alarm(level, reason("health_broken_silent", status=last.state))
    return Alarm(level, reason("health_broken", status=last.state, why=last.reason))


def resting(runs: list[Run]) -> Alarm | None:
    """The source asked to be read less often."""
    why = runs[0].notes.resting
    return Alarm("amber", reason("health_resting", opening=why)) if why else None


def failing(runs: list[Run]) -> Alarm | None:
    """Too many pages of the newest run were refused or could not be read."""
    outcomes = runs[0].outcomes
    total, failed, blocked = sum(outcomes.values()), outcomes.get("failed", 0), outcomes.get("blocked", 0)
    if blocked > FAILED_SHARE * total:
        return Alarm("red", reason("health_refused", amiss=blocked, of=total))
    if failed >= FAILED_AT_LEAST and failed > FAILED_SHARE * total:
        return Alarm("amber", reason("health_failing", amiss=failed, of=total))
    return None


def list_lost(runs: list[Run]) -> Alarm | None:
    """A list did not answer, or not with a list."""
    run = _lists_read(runs)
    problems = run.lists.problems if run else {}
    if not problems:
        return None
    url, why = next(iter(problems.items()))
    return _of_list("health_list_lost", len(problems), url=url, why=why)


def empty(runs: list[Run]) -> Alarm | None:
    """A list answered 200 and names nothing: the crawl «succeeds» for ever."""
    run = _lists_read(runs)
    lists = run.lists.empty if run else []
    return _of_list("health_list_empty", len(lists), url=lists[0]) if lists else None


def wrong_channel(runs: list[Run]) -> Alarm | None:
    """A feed answers with another channel, as some sites do when an address is no longer known."""
    run = _lists_read(runs)
    channels = (run.lists.channel or {}) if run else {}
    if not channels:
        return None
    url, (before, now) = next(iter(channels.items()))
    return _of_list("health_wrong_channel", len(channels), url=url, now=now, before=before)


def endless(runs: list[Run]) -> Alarm | None:
    """A list named more addresses than are taken, as calendars and sessions do."""
    run = _lists_read(runs)
    left_out = (run.lists.left_out or {}) if run else {}
    if not left_out:
        return None
    url, count = next(iter(left_out.items()))
    return _of_list("health_list_endless", len(left_out), url=url, left=str(count))


CHECKS: tuple[Callable[[list[Run]], Alarm | None], ...] = (
    broken, failing, resting, wrong_channel, empty, list_lost, endless,
)  # fmt: skip


def _lists_read(runs: list[Run]) -> Run | None:
    """The newest run that asked for today's lists; one that broke, rests or fills in the past did not."""
    ended = (run for run in runs if run.state in {"done", "unreachable"})
    return next((run for run in ended if not run.past and not run.notes.resting), None)


def _of_list(code: str, count: int, **params: str) -> Alarm:
    """What is wrong with a list, and how many more lists it is wrong with."""
    more = {"more": count - 1} if count > 1 else {}
    return Alarm("amber", reason(f"{code}_more" if more else code, **params, **more))
