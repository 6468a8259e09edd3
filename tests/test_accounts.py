"""Accounts and sessions: names and passwords as people type them, roles, the log, a clock that is set back."""

import json
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.desk import accounts, log, passwords, sessions
from archive.desk.accounts import AccountError, User
from archive.desk.db import open_desk
from archive.home import Home
from archive.i18n import Words
from archive.web.access import Access, have_accounts
from archive.web.app import build
from tests import web_sample
from tests.commands import diemtin
from tests.web_sample import NOW

pytestmark = pytest.mark.usefixtures("cheap_passwords")
GOOD = "chè xanh Đồi 2026"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Database]:
    desk = open_desk(tmp_path / "desk.db")
    yield desk
    desk.close()


@pytest.fixture
def lan(desk: Database) -> User:
    return add(desk, "Lan", "admin")


def add(desk: Database, name: str, role: str = "reader", password: str = GOOD, email: str = "") -> User:
    return accounts.add(desk, name, accounts.as_role(role), password, email=email, by="", now=NOW)


def told(desk: Database) -> list[tuple[str, str]]:
    """Who did what, in words, the newest first."""
    return [(entry.by, Words("vi").reason(entry.what)) for entry in log.entries(desk)]


def problem(error: pytest.ExceptionInfo[AccountError]) -> tuple[str, str]:
    return error.value.field, Words("vi").reason(error.value.reason)


def test_an_account_is_known_by_its_name_and_password_alone(desk: Database, lan: User) -> None:
    assert accounts.authenticate(desk, "Lan", GOOD) == lan == User("Lan", "admin")
    for name, password in [("Lan", f"{GOOD} "), ("Lan", ""), ("Lam", GOOD), ("", ""), ("Lan", GOOD.upper())]:
        assert accounts.authenticate(desk, name, password) is None
    kept = desk.execute("select password from users").fetchone()[0]
    assert GOOD not in kept
    assert kept.startswith("scrypt$16$8$1$")


@pytest.mark.parametrize("typed", ["nguyễn thị hòa", "NGUYỄN THỊ HOÀ", "  Nguyễn  Thị Hoà ", "nguyễn thị hoà"])
def test_a_name_is_one_however_it_is_typed(desk: Database, lan: User, typed: str) -> None:
    add(desk, "Nguyễn Thị Hoà")
    decomposed = unicodedata.normalize("NFD", typed)
    for form in (typed, decomposed):
        user = accounts.authenticate(desk, form, unicodedata.normalize("NFD", GOOD))
        assert user == User("Nguyễn Thị Hoà", "reader")
        with pytest.raises(AccountError) as error:
            add(desk, form)
        assert problem(error) == ("name", "Đã có tài khoản «Nguyễn Thị Hoà»")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "Tên còn trống"),
        ("   ", "Tên còn trống"),
        ("la:n", "ký tự «:»"),
        ("l\u0430n", "ký tự «\u0430»"),  # Cyrillic
        ("la\u200bn", "ký tự «U+200B»"),
        ("lan\u202e", "ký tự «U+202E»"),
        ("la\nn", "ký tự «U+000A»"),
        ("<b>lan</b>", "ký tự «<»"),
        ("ＬＡＮ", "ký tự «Ｌ»"),
        ("lan😀", "ký tự «😀»"),
        ("-lan", "ký tự «-»"),
        ("l" * 61, "dài quá 60"),
        ("l" * 100_000, "dài quá 60"),
        ("\x00", "ký tự «U+0000»"),
    ],
)
def test_names_that_could_be_taken_for_others_are_refused(desk: Database, name: str, why: str) -> None:
    with pytest.raises(AccountError) as error:
        add(desk, name, "admin")
    field, sentence = problem(error)
    assert field == "name"
    assert why in sentence


@pytest.mark.parametrize("name", ["lan", "Lê Thị Ð.", "a.b-c_d@so.example", "7 Lan", "Ðặng Văn Đức"])
def test_names_of_people_are_taken(desk: Database, name: str) -> None:
    add(desk, name, "admin")
    assert accounts.authenticate(desk, name, GOOD)


@pytest.mark.parametrize(
    ("password", "why"),
    [("", "ít nhất 8"), ("ngắn", "ít nhất 8"), ("x" * 100_000, "dài quá 1000"), (" " * 9, "dễ đoán"),
     ("nguyen an", "dễ đoán"), ("aaaaaaaaab", "dễ đoán")],
)  # fmt: skip
def test_bad_passwords_are_refused_with_a_sentence(desk: Database, password: str, why: str) -> None:
    with pytest.raises(AccountError) as error:
        add(desk, "Nguyen An", "admin", password)
    assert error.value.field == "password"
    assert why in problem(error)[1]
    assert not accounts.exist(desk)


@pytest.mark.parametrize(
    "email", ["x", "a@", "@b", "a@b c", "a@b@c", "a@b,c@d", "Lan <a@b>", "a@b\r\nBcc: x@y", "a" * 255 + "@b"]
)
def test_an_address_that_is_none_is_refused(desk: Database, lan: User, email: str) -> None:
    for act in (lambda: add(desk, "An", email=email),
                lambda: accounts.change(desk, "Lan", email=email, by="", now=NOW)):  # fmt: skip
        with pytest.raises(AccountError) as error:
            act()
        assert error.value.field == "email"


def test_there_is_always_an_admin_while_there_are_accounts(desk: Database) -> None:
    with pytest.raises(AccountError) as error:
        add(desk, "An")
    assert error.value.field == "role"
    add(desk, "Lan", "admin")
    add(desk, "An", "editor")
    for act in (lambda: accounts.remove(desk, "lan", by="An", now=NOW),
                lambda: accounts.change(desk, "lan", role="editor", by="An", now=NOW)):  # fmt: skip
        with pytest.raises(AccountError) as error:
            act()
        assert "người quản trị duy nhất" in problem(error)[1]
    accounts.change(desk, "An", role="admin", by="Lan", now=NOW)
    accounts.remove(desk, "Lan", by="An", now=NOW)
    accounts.remove(desk, "An", by="An", now=NOW)
    assert not accounts.exist(desk)


def test_two_who_take_one_name_at_once_get_one_account(tmp_path: Path) -> None:
    path, results = tmp_path / "desk.db", list[str]()
    open_desk(path).close()

    def run() -> None:
        desk = open_desk(path)
        try:
            results.append(add(desk, "Lan", "admin").name)
        except AccountError as error:
            results.append(error.field)
        finally:
            desk.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["Lan", *["name"] * 5]


def test_every_change_is_in_the_log_and_no_password_is(desk: Database, lan: User) -> None:
    add(desk, "An", "editor")
    accounts.change(desk, "an", role="reader", by="Lan", now=NOW)
    accounts.change(desk, "an", role="reader", by="Lan", now=NOW)  # nothing changed
    accounts.change(desk, "an", role="editor", email="an@so.example", by="Lan", now=NOW)
    accounts.set_password(desk, "an", "một mật khẩu khác", by="An", now=NOW)
    token = sessions.open_session(desk, lan, address="192.0.2.7", now=NOW)
    sessions.end_session(desk, sessions.session_id(token), by="Lan", now=NOW)
    accounts.remove(desk, "an", by="Lan", now=NOW)
    assert told(desk)[::-1] == [
        ("", "thêm tài khoản «Lan», quyền quản trị"),
        ("", "thêm tài khoản «An», quyền biên tập"),
        ("Lan", "đổi quyền của «An» thành đọc"),
        ("Lan", "đổi quyền của «An» thành biên tập"),
        ("Lan", "đổi địa chỉ thư của «An»"),
        ("An", "đổi mật khẩu của «An»"),
        ("Lan", "đăng nhập từ 192.0.2.7"),
        ("Lan", "kết thúc một phiên đăng nhập của «Lan»"),
        ("Lan", "bỏ tài khoản «An»"),
    ]
    everything = "\n".join(desk.conn.iterdump())
    assert token not in everything
    assert "mật khẩu khác" not in everything


def test_a_session_lives_its_time_and_no_longer(desk: Database, lan: User) -> None:
    token = sessions.open_session(desk, lan, address="", now=NOW)
    for later, known in [
        (timedelta(), True),
        (timedelta(days=29, hours=23), True),
        (timedelta(days=30), False),
        (timedelta(days=-1), True),  # the clock was set back
        (timedelta(days=-365), False),  # by a year: it would live on for a year
    ]:
        assert bool(sessions.session_user(desk, token, NOW + later)) is known, later
    for other in ("", "x", token + "x", sessions.session_id(token), "é", "\ud800", "x" * 100_000):
        assert sessions.session_user(desk, other, NOW) is None


def test_the_use_of_a_session_is_written_down_now_and_then(desk: Database, lan: User) -> None:
    token = sessions.open_session(desk, lan, address="", now=NOW)
    later = NOW + timedelta(minutes=6)
    assert sessions.session_user(desk, token, NOW) == (lan, False)
    assert sessions.session_user(desk, token, later) == (lan, True)
    sessions.seen(desk, token, later)
    assert sessions.session_user(desk, token, later) == (lan, False)
    assert sessions.session_user(desk, token, NOW) == (lan, True)  # a clock set back


def test_sessions_end_one_by_one_and_all_but_ones_own(desk: Database, lan: User) -> None:
    first, second, third = (sessions.open_session(desk, lan, address=a, now=NOW) for a in "123")
    assert {one.address for one in sessions.sessions(desk, "Lan", NOW)} == {"1", "2", "3"}
    sessions.end_session(desk, sessions.session_id(second), by="Lan", now=NOW)
    sessions.end_session(desk, sessions.session_id(second), by="Lan", now=NOW)  # twice is no fault
    assert sessions.end_sessions(desk, "Lan", by="Lan", now=NOW, staying=sessions.session_id(first)) == 1
    assert [bool(sessions.session_user(desk, one, NOW)) for one in (first, second, third)] == [
        True,
        False,
        False,
    ]


def test_roles_passwords_and_removals_reach_open_sessions_at_once(desk: Database, lan: User) -> None:
    an = add(desk, "An", "editor")
    here, there = (sessions.open_session(desk, an, address="", now=NOW) for _ in range(2))
    accounts.change(desk, "An", role="reader", by="Lan", now=NOW)
    assert sessions.session_user(desk, here, NOW) == (User("An", "reader"), False)
    accounts.set_password(desk, "An", "một mật khẩu khác", by="An", now=NOW, staying=sessions.session_id(here))
    assert [bool(sessions.session_user(desk, one, NOW)) for one in (here, there)] == [True, False]
    accounts.remove(desk, "An", by="Lan", now=NOW)
    assert sessions.session_user(desk, here, NOW) is None
    with pytest.raises(AccountError):
        sessions.open_session(desk, an, address="", now=NOW)  # removed between password and session


def test_a_hash_that_is_none_of_ours_lets_nobody_in(desk: Database, lan: User) -> None:
    for kept in ("", "x", "scrypt$1$2$3$$", "scrypt$16$8$1$!!!$!!!", "md5$a", GOOD):
        assert not passwords.matches(GOOD, kept)
        assert not passwords.matches("", kept)


def test_commands_add_list_change_and_remove(tmp_path: Path) -> None:
    def run(*words: str, stdin: str = "", code: int = 0) -> str:
        done = diemtin("--lang", "vi", "users", *words, home=tmp_path / "home", stdin=stdin, check=False)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    (tmp_path / "home").mkdir()
    assert "ai vào cũng phải đăng nhập" in run("add", "Lan", stdin=f"{GOOD}\n")
    assert "(biên tập)" in run("add", "Ân", "--role", "editor", "--email", "an@so.example", stdin=GOOD)
    assert "ít nhất 8 ký tự" in run("add", "Bình", stdin="", code=2)
    assert "Đã có tài khoản" in run("add", "LAN", stdin=GOOD, code=2)
    assert "Không có tài khoản" in run("passwd", "Bình", stdin=GOOD, code=2)
    assert "duy nhất" in run("remove", "lan", code=2)
    assert "đã đổi mật khẩu" in run("passwd", "ân", stdin="một mật khẩu khác\r\n")
    assert "quyền đọc" in run("change", "ân", "--role", "reader")
    rows = json.loads(run("list", "--json").splitlines()[-1])
    assert [(row["name"], row["role"], row["email"]) for row in rows] == [
        ("Lan", "admin", ""), ("Ân", "reader", "an@so.example"),
    ]  # fmt: skip
    assert "Ân" in run("list")
    run("remove", "Ân")
    assert "không còn tài khoản nào" in run("remove", "Lan")
    home = Home.at(tmp_path / "home")
    assert home.desk_db.stat().st_mode & 0o077 == 0


def test_elsewhere_accounts_will_do(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    assert not have_accounts(home)
    desk = open_desk(home.desk_db)
    assert not have_accounts(home)
    add(desk, "Lan", "admin")
    desk.close()
    assert have_accounts(home)
    access = Access.of("0.0.0.0", False, home, {})  # noqa: S104 - that is the case
    assert access.elsewhere == "0.0.0.0"  # noqa: S104
    assert access != Access()


async def test_with_the_accounts_lost_nobody_is_let_in(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    with closing(open_desk(home.desk_db)) as desk:
        accounts.add(desk, "an", "admin", "chè xanh Đồi 2026", by="", now=NOW)
    for name in ("desk.db", "desk.db-wal", "desk.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    async with web_sample.running(build(home, now=lambda: NOW)) as site:
        for path in ("/", "/cai-dat", "/archive.json"):
            assert (await site.client.get(path)).status_code in (302, 401), path
        tried = await site.client.get("/tim.json", headers={"authorization": "Basic YW46eA=="})
        assert tried.status_code == 401
        with closing(open_desk(home.desk_db)) as desk:
            accounts.add(desk, "an", "admin", "chè xanh Đồi 2027", by="", now=NOW)
