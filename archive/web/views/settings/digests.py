"""``/cai-dat/ban-tin``: the digests; of each its title, hours, review, rules, topics and options."""

import re
from datetime import time
from typing import Any

from datasette.utils.asgi import NotFound, Response

from archive import query
from archive.config import ConfigError
from archive.config_edit import ChangedMeanwhile, ConfigFile
from archive.digests.config import DEFAULTS_BLOCK, Options
from archive.digests.paper.names import check_file_name
from archive.digests.paper.office import Office
from archive.digests.schedule import parse_schedule
from archive.reasons import reason
from archive.web.forms import values
from archive.web.request import PageRequest
from archive.web.views.settings.channels import secret_state, summary
from archive.web.views.settings.form import Field, Form, Problem, in_order, number, put
from archive.web.views.settings.store import ALERTS, Change, home_of, opened, save, topic_names

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_RULE = "luat."  # before a rule's name, in the names of fields
_WHEN = tuple((name, f"set.when.{name}") for name in ("daily", "weekly", "hourly", "instant", "cron"))
_REVIEW = tuple((name, f"set.review.{name}") for name in ("none", "until", "required"))
_QUIET = tuple((name, f"set.quiet.{name}") for name in ("send", "skip"))
_MENTIONS = tuple((name, f"set.mentions.{name}") for name in ("none", "lines"))
_WEEKDAYS = tuple((day, f"weekday.{number_}") for number_, day in enumerate(DAYS))


def check_hour(text: str) -> Problem:
    """What is wrong with a time of day."""
    try:
        time.fromisoformat(text if re.fullmatch(r"\d\d:\d\d", text) else "")
    except ValueError:
        return reason("set_no_hour", text=text[:40])
    return ""


def _cron(text: str) -> Problem:
    try:
        parse_schedule(text)
    except ValueError:
        return reason("set_no_cron", text=text[:60])
    return ""


def _file_name(text: str) -> Problem:
    try:
        check_file_name(text)
    except ValueError:
        return reason("set_no_file_name", text=text[:100])
    return ""


def _paper_number(text: str) -> Problem:
    try:
        Office(number=text)
    except ValueError:
        return reason("set_no_paper_number", text=text[:100])
    return ""


def check_name(text: str) -> Problem:
    """What is wrong with the name of a digest or a rule."""
    return "" if _NAME.fullmatch(text) else reason("set_bad_name", text=text[:60])


FIELDS = (
    Field("title", needed=True, label="title_of"),
    Field("when", "choice", _WHEN),
    Field("hour", check=check_hour),
    Field("weekday", "choice", _WEEKDAYS),
    Field("cron", check=_cron),
    Field("working_days", "tick"),
    Field("review", "choice", _REVIEW),
    Field("until", check=check_hour),
    Field("max_items", "number", needed=True),
    Field("fresh_days", "number", needed=True),
    Field("stale_hours", "number", needed=True),
    Field("quiet", "choice", _QUIET),
    Field("mentions", "choice", _MENTIONS),
    Field("relevant_only", "tick"),
    Field("marks", "tick"),
    Field("burst", "tick"),
    Field("file_name", needed=True, check=_file_name),
)
_OFFICE = "co-quan."  # before a key of the office, in the names of fields
OFFICE = tuple(
    Field(f"{_OFFICE}{key}", check=_paper_number if key == "number" else None, label=f"office.{key}")
    for key in Office.__struct_fields__
)
_OPTIONS = (
    "working_days", "max_items", "fresh_days", "stale_hours", "quiet", "mentions", "relevant_only", "marks",
    "burst", "file_name",
)  # fmt: skip


def fields_of(req: PageRequest, block: dict[str, Any]) -> tuple[Field, ...]:
    """The fields of a digest: one more for each of its rules, and the topics there are."""
    topics = Field("topics", "ticks", tuple(topic_names(home_of(req)).items()))
    return (*FIELDS, *OFFICE, topics, *(_rule_field(name) for name in block.get("queries") or {}))


def _rule_field(name: str) -> Field:
    return Field(f"{_RULE}{name}", "long", most=4000, check=check_rule, label="rule")


def check_rule(text: str) -> Problem:
    """What is wrong with a rule: nothing to look for in it, or a part that is not understood."""
    parsed = query.parse(" ".join(text.split()))
    if parsed.problem:
        return reason("set_bad_rule", vi=parsed.problem, en=parsed.problem_en)
    return reason("set_empty_rule") if parsed.blank else ""


def office_of(data: dict[str, Any]) -> dict[str, str]:
    """What a digest that says nothing of its office has by the defaults of alerts.yml."""
    shared = (data.get(DEFAULTS_BLOCK) or {}).get("office") or {}
    return {key: str(shared.get(key, getattr(Office(), key))) for key in Office.__struct_fields__}


def typed_of(block: dict[str, Any], shared: dict[str, str]) -> dict[str, Any]:
    """A digest of alerts.yml as the form shows it; ``shared`` is the office of the defaults."""
    office = shared | (block.get("office") or {})
    options = block.get("options") or {}
    usual = {name: getattr(Options(), name) for name in _OPTIONS}
    kind, _, until = str(block.get("review", "none")).strip().partition(" ")
    shown = usual | {name: options[name] for name in _OPTIONS if name in options}
    return {
        "title": str(block.get("title", "")),
        **_when(str(block.get("schedule", "daily 07:00"))),
        "review": kind,
        "until": until.strip(),
        **{name: value if isinstance(value, bool) else str(value) for name, value in shown.items()},
        **{f"{_OFFICE}{key}": str(office.get(key, "")) for key in shared},
        "topics": [str(key) for key in block.get("topics") or ()],
        **{f"{_RULE}{name}": str(text) for name, text in (block.get("queries") or {}).items()},
    }


def _when(schedule: str) -> dict[str, str]:
    words = schedule.lower().split()
    shown = {"when": "cron", "hour": "07:00", "weekday": "mon", "cron": schedule}
    if words and words[0] in ("daily", "weekly", "hourly", "instant"):
        shown |= {"when": words[0], "cron": ""}
        for word in words[1:]:
            shown["hour" if ":" in word else "weekday"] = word if ":" in word else word[:3]
    return shown


def schedule_of(form: Form) -> str:
    """The schedule that a form chooses, as alerts.yml has it."""
    match form.typed["when"]:
        case "daily":
            return f"daily {form.text('hour')}"
        case "weekly":
            return f"weekly {form.typed['weekday']} {form.text('hour')}"
        case "cron":
            return form.text("cron")
    return str(form.typed["when"])


def review_of(form: Form) -> str:
    """The review that a form chooses, as alerts.yml has it."""
    kind = str(form.typed["review"])
    return f"until {form.text('until')}" if kind == "until" else kind


def checked(form: Form) -> Form:
    """What fits only together: a chosen kind of hour needs its hour."""
    needs = {"daily": "hour", "weekly": "hour", "cron": "cron"}.get(str(form.typed["when"]))
    if needs and not form.text(needs):
        form.problems[needs] = reason("set_needed")
    if form.typed["review"] == "until" and not form.text("until"):
        form.problems["until"] = reason("set_needed")
    if form.typed["review"] != "none" and form.typed["when"] == "instant":
        form.problems["review"] = reason("set_instant_review")
    return form


async def digests(req: PageRequest) -> Response:
    """The list of digests; a new one by its name and title."""
    file = await opened(req, ALERTS)
    fields = (
        Field("name", needed=True, check=check_name, label="digest_name"),
        Field("title", needed=True, label="title_of"),
    )
    form = Form(fields, {"name": "", "title": ""}, file.version)
    if req.request.method == "POST":
        form = Form.sent(fields, await values(req))
        if form.text("name") in file.data and not form.problems:
            form.problems["name"] = reason("set_known_name", text=form.text("name"))
        if form.fine:
            return await _create(req, file, form)
    return await _list_page(req, file, form)


async def _create(req: PageRequest, file: ConfigFile, form: Form) -> Response:
    """A new digest follows every topic until someone chooses, and keeps its editions in a folder."""
    name, topics = form.text("name"), list(topic_names(home_of(req)))
    block = {
        "title": form.text("title"), "topics": topics, "schedule": "daily 07:00",
        "channels": [{"type": "file", "path": f"digests/{name}"}],
    }  # fmt: skip
    try:
        what = reason("set_digest_new", digest=name)
        await save(req, ALERTS, form.version, lambda data: data.update({name: block}), what)
    except ConfigError as error:
        form.top = str(error)
        form.version = file.version
        return await _list_page(req, file, form)
    return Response.redirect(req.path(f"/cai-dat/ban-tin/{name}"), 303)


async def _list_page(req: PageRequest, file: ConfigFile, form: Form) -> Response:
    blocks = {
        name: block for name, block in file.data.items() if name != DEFAULTS_BLOCK and isinstance(block, dict)
    }
    status = 200 if form.fine else 400
    return await req.render("settings/digests.html", status=status, form=form, digests=blocks)


async def digest(req: PageRequest) -> Response:
    """The form of one digest, and its answer."""
    name, file = req.url_vars["name"], await opened(req, ALERTS)
    block = file.data.get(name)
    if name == DEFAULTS_BLOCK or not isinstance(block, dict):
        raise NotFound(f"no digest {name}")
    fields = fields_of(req, block)
    shared = office_of(file.data)
    now = Form(fields, typed_of(block, shared), file.version)
    if req.request.method != "POST":
        return await _page(req, name, block, now)
    given = await values(req)
    if "bo-ban-tin" in given:
        return await _drop(req, name, block, now, given)
    form = checked(Form.sent(fields, given))
    gone = [rule for rule in block.get("queries") or {} if f"bo.{rule}" in given]
    _check_rules(form, now, block, gone)
    return await _save(req, name, block, form, now, lambda data: write(data[name], form, gone, shared))


def _check_rules(form: Form, now: Form, block: dict[str, Any], gone: list[str]) -> None:
    """What is taken away or stays as it was is nobody's fault now; something must be left to look for."""
    rules = [f"{_RULE}{rule}" for rule in block.get("queries") or {}]
    for name in rules:
        if name.removeprefix(_RULE) in gone or form.text(name) == str(now.typed[name]).strip():
            form.problems.pop(name, None)
    if not form.typed["topics"] and not [one for one in rules if one.removeprefix(_RULE) not in gone]:
        form.problems["topics"] = reason("set_no_rules")


async def _save(
    req: PageRequest, name: str, block: dict[str, Any], form: Form, now: Form, change: Change
) -> Response:
    try:
        if form.fine:
            what = reason("set_digest", digest=name)
            await save(req, ALERTS, form.version, change, what)
            return Response.redirect(req.path(f"/cai-dat/ban-tin/{name}", {"da": "luu"}), 303)
    except ChangedMeanwhile:
        form.compared(now).top = reason("set_changed")
    except ConfigError as error:
        form.top = str(error)
    return await _page(req, name, block, form, status=400)


async def _drop(
    req: PageRequest, name: str, block: dict[str, Any], now: Form, given: dict[str, list[str]]
) -> Response:
    """Take a digest away: its block goes, its editions stay in the archive."""
    try:
        version, what = (given.get("ban") or [""])[0], reason("set_digest_removed", digest=name)
        await save(req, ALERTS, version, lambda data: data.pop(name), what)
    except ChangedMeanwhile:
        now.top = reason("set_changed")
    except ConfigError as error:
        now.top = str(error)
    else:
        return Response.redirect(req.path("/cai-dat/ban-tin"), 303)
    return await _page(req, name, block, now, status=400)


def write(block: dict[str, Any], form: Form, gone: list[str], shared: dict[str, str]) -> None:
    """Make the block of a digest say what the form says; what is usual is not written anew."""
    block["title"] = form.text("title")
    put(block, "schedule", schedule_of(form), "daily 07:00")
    put(block, "review", review_of(form), "none")
    put(block, "topics", in_order(block.get("topics") or [], form.typed["topics"]), [])
    _write_rules(block, form, gone)
    _write_office(block, form, shared)
    _write_options(block, form)


def _write_rules(block: dict[str, Any], form: Form, gone: list[str]) -> None:
    rules = block.get("queries") or {}
    for rule in list(rules):
        text = " ".join(form.text(f"{_RULE}{rule}").split()) if f"{_RULE}{rule}" in form.typed else rules[rule]
        if rule in gone or not text:
            del rules[rule]
        elif text != " ".join(str(rules[rule]).split()):
            rules[rule] = text


def _write_office(block: dict[str, Any], form: Form, shared: dict[str, str]) -> None:
    office = block.get("office") or {}
    for key, usual in shared.items():
        put(office, key, form.text(f"{_OFFICE}{key}"), usual)
    if office:
        block["office"] = office


def _write_options(block: dict[str, Any], form: Form) -> None:
    options = block.setdefault("options", {}) or {}
    for name in _OPTIONS:
        value = form.typed[name] if isinstance(form.typed[name], bool) else form.text(name)
        if isinstance(value, str) and name in ("max_items", "fresh_days", "stale_hours"):
            value = number(value)
        put(options, name, value, getattr(Options(), name))
    block["options"] = options
    if not options:
        del block["options"]


async def _page(req: PageRequest, name: str, block: dict[str, Any], form: Form, status: int = 200) -> Response:
    channels = [one for one in block.get("channels") or [] if isinstance(one, dict)]
    lines = [
        (number_, str(one.get("type")), summary(one), _secret(one)) for number_, one in enumerate(channels, 1)
    ]
    return await req.render(
        "settings/digest.html",
        status=status,
        form=form,
        name=name,
        rules=list(block.get("queries") or {}),
        channels=lines,
        saved=req.arg("da") == "luu",
    )


def _secret(block: dict[str, Any]) -> tuple[str, str]:
    key = "password" if block.get("type") == "smtp" else "url"
    return secret_state(block.get(key) or (block.get("url_env") and f"${{{block['url_env']}}}"))
