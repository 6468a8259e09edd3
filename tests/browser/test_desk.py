"""A morning at the desk in a real browser: by keyboard alone, by touch, by two at once; counted and timed.

The counts are printed: ``pytest tests/browser/test_desk.py -s``.
"""

import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from docx import Document
from playwright.sync_api import Browser, Page, expect

from archive.clock import stamp
from archive.db import reading
from archive.home import Home
from archive.web.app import build
from tests import desk_sample
from tests.browser.conftest import faults_of
from tests.receivers import Mailbox, mail_server

COMMENTS = ("Đề nghị Sở trả lời trước 30/11", "Báo cáo Thường trực trong tuần", "Theo dõi thêm")
STORIES, CHOSEN = 40, 12


@dataclass
class Desk:
    """A served home with a morning in it; ``hours`` puts its clock ahead."""

    address: str
    home: Home
    mailbox: Mailbox


@contextmanager
def served(folder: Path) -> Iterator[Desk]:
    with mail_server(Mailbox()) as mailbox, socket.socket() as listener:
        home = desk_sample.morning(Home.at(folder), STORIES, port=mailbox.port)
        datasette = build(home, now=lambda: desk_sample.NOW)
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(datasette.app(), log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield Desk(f"http://127.0.0.1:{listener.getsockname()[1]}", home, mailbox)
        finally:
            server.should_exit = True
            thread.join(10)
            datasette.executor.shutdown()
            for database in datasette.databases.values():
                database.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with served(tmp_path) as one:
        yield one


@dataclass
class Hand:
    """Whoever presses keys, counted; ``complaints`` are what the browser says beside."""

    page: Page
    keys: int = 0
    letters: int = 0
    taps: int = 0
    began: float = field(default_factory=time.perf_counter)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on(
            "console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.accept()))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.letters += len(text)

    def tap(self, *ways: Any) -> None:
        for way in ways:
            way.tap()
            self.taps += 1

    def tell(self, what: str) -> None:
        took = time.perf_counter() - self.began
        print(f"\n{what}: {self.keys} keys, {self.letters} letters, {self.taps} taps, {took:.1f} s")


def sent(desk: Desk) -> Any:
    """The edition made, once it reached everyone."""
    for _ in range(200):
        with reading(desk.home.archive_db) as db:
            row = db.execute("select id, state, content, edition from digests").fetchone()
        if row and row[1] == "sent":
            return row
        time.sleep(0.05)
    raise AssertionError(f"not sent: {row}")


def check_what_arrived(desk: Desk, titles: list[str]) -> None:
    """Two mails with a Word file each, and the file in its folder; all in the order of the desk."""
    sent(desk)
    assert sorted(str(mail["To"]) for mail in desk.mailbox.messages) == [
        "giam-doc@so.example",
        "pho@so.example",
    ]
    for mail in desk.mailbox.messages:
        body = mail.get_body(("plain",))
        assert body
        text = " ".join(body.get_content().split())
        at = [text.index(f"{number}. {title[:30]}") for number, title in enumerate(titles, 1)]
        assert at == sorted(at)
        assert all(comment in text for comment in COMMENTS)
        word = next(part for part in mail.iter_attachments() if str(part.get_filename()).endswith(".docx"))
        paragraphs = "\n".join(one.text for one in Document(io.BytesIO(word.get_content())).paragraphs)
        assert all(comment in paragraphs for comment in COMMENTS)
    assert len(list((desk.home.path / "digests").glob("*.docx"))) == 1


def chosen(page: Page) -> list[str]:
    return [one.strip() for one in page.locator(".edition-list li a").all_inner_texts()]


def test_a_morning_by_keyboard_alone(chromium: Browser, desk: Desk, axe: str) -> None:
    context = chromium.new_context(
        base_url=desk.address, viewport={"width": 1280, "height": 900}, locale="vi-VN"
    )
    page = context.new_page()
    page.goto("/ban")
    hand = Hand(page)
    comments = iter(COMMENTS)
    for number in range(STORIES):
        hand.press("j")
        if number % 3 == 0 and number < CHOSEN * 3:
            hand.press("x")
            if number in (0, 6, 15):
                hand.press("c")
                hand.type(next(comments))
                hand.press("Control+Enter")
                page.locator(".editor").wait_for(state="detached")
        elif number == 4:
            hand.press("r", "2")
        elif number % 3 == 1:
            hand.press("o")
    expect(page.locator(".dock .sum")).to_contain_text(f"{CHOSEN} tin")
    hand.press("K", "K", "t")
    expect(page.locator(".dock .sum")).to_contain_text(f"{CHOSEN + 1} tin")  # what stands out is chosen
    hand.press("u")
    expect(page.locator(".dock .sum")).to_contain_text(f"{CHOSEN} tin")
    hand.press("p")
    page.wait_for_url("**/ban/xem-truoc**")
    titles = [str(one) for one in page.locator("iframe.edition").content_frame.locator("div").all_inner_texts()]
    assert titles
    approve = page.get_by_role("button", name="Duyệt và gửi")
    hand.press("Tab", "Enter")  # to the content
    while not approve.evaluate("one => one === document.activeElement"):
        hand.press("Tab")
    hand.press("Enter")
    page.wait_for_url("**/ban-tin/*")
    hand.tell("keyboard, 40 stories")
    assert not hand.complaints
    made = sent(desk)
    check_what_arrived(desk, in_edition(made[2]))
    page.locator("form[action='/ban/dinh-chinh']").evaluate(
        "form => { for (let at = form; at; at = at.parentElement) at.open = true; }"
    )
    expect(page.locator("form[action='/ban/dinh-chinh'] textarea")).to_be_visible()
    assert not faults_of(page, axe)
    page.goto("/ban")
    assert page.locator(".tin").count() == 0
    assert page.locator(".left-out li").count() == STORIES - CHOSEN
    context.close()


def in_edition(content: str) -> list[str]:
    from archive.digests.content import Content

    return [story.title.text for part in Content.from_json(content).parts for story in part.stories]


def test_a_morning_by_touch(chromium: Browser, desk: Desk) -> None:
    context = chromium.new_context(
        base_url=desk.address,
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        locale="vi-VN",
    )
    page = context.new_page()
    page.goto("/ban")
    hand = Hand(page)
    comments = iter(COMMENTS)
    stories = page.locator(".tin").all()
    for number, story in enumerate(stories):
        if number % 3 == 0 and number < CHOSEN * 3:
            hand.tap(story.locator("[data-key=x]"))
            if number in (0, 6, 15):
                hand.tap(story.locator("[data-key=c]"))
                page.keyboard.insert_text(next(comments))
                hand.tap(story.get_by_role("button", name="Lưu"))
                page.locator(".editor").wait_for(state="detached")
        elif number == 4:
            hand.tap(story.locator("[data-key=r]"))
            hand.tap(story.get_by_role("button", name="không phải lĩnh vực"))
    expect(page.locator(".dock .sum")).to_contain_text(f"{CHOSEN} tin")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    hand.tap(page.locator(".dock .sum"), page.locator(".edition-list [data-key=J]").first)
    expect(page.locator(".saved")).to_contain_text("đã lưu")
    pressed = page.locator(".tin button:visible, .edition-list button:visible, .dock .act:visible")
    small = pressed.evaluate_all(
        """all => all.filter(one => one.isConnected).map(one => one.getBoundingClientRect())
                  .filter(box => Math.min(box.width, box.height) < 24).length"""
    )
    assert small == 0
    hand.tap(page.locator(".dock a.go"))
    page.wait_for_url("**/ban/xem-truoc**")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    hand.tap(page.get_by_role("button", name="Duyệt và gửi"))
    page.wait_for_url("**/ban-tin/*")
    hand.tell("touch, 40 stories, 390 px")
    assert not hand.complaints
    check_what_arrived(desk, in_edition(sent(desk)[2]))
    context.close()


@pytest.mark.parametrize(
    ("key", "shift", "meant"),
    [
        ("ọ", False, "j"),
        ("õ", False, "x"),
        ("ỏ", False, "r"),
        ("ô", False, "o"),
        ("X", False, "x"),
        ("é", False, "1"),
    ],
)
def test_keys_are_understood_through_an_input_method_and_caps_lock(
    chromium: Browser, desk: Desk, key: str, shift: bool, meant: str
) -> None:
    """Telex makes «ọ» of o and j, which is «để lại» and the next story."""
    context = chromium.new_context(base_url=desk.address, locale="vi-VN")
    page = context.new_page()
    page.goto("/ban")
    page.keyboard.press("j")
    page.evaluate(
        "([key, shift]) => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {key, shiftKey: shift, bubbles: true, cancelable: true}))",
        [key, shift],
    )
    if meant == "j":
        assert page.locator(".tin.here").get_attribute("id") == page.locator(".tin").nth(1).get_attribute("id")
    else:
        pressed = page.locator(".tin").first.locator(f'[data-key="{meant}"][aria-pressed="true"]')
        expect(pressed).to_have_count(1)
    context.close()


def two_editors(chromium: Browser, desk: Desk) -> tuple[Page, Page]:
    """Two browsers, each in the comment of the first story."""
    pages = [chromium.new_context(base_url=desk.address, locale="vi-VN").new_page() for _ in range(2)]
    for page in pages:
        page.goto("/ban")
        page.keyboard.press("j")
        page.keyboard.press("c")
    return pages[0], pages[1]


def test_two_editors_the_second_is_told_and_typed_text_stays(chromium: Browser, desk: Desk, axe: str) -> None:
    first, second = two_editors(chromium, desk)
    first.keyboard.type("của người thứ nhất")
    second.keyboard.type("của người thứ hai")
    first.keyboard.press("Control+Enter")
    first.locator(".editor").wait_for(state="detached")
    second.keyboard.press("Control+Enter")
    clash = second.locator(".clash")
    clash.wait_for()
    assert "của người thứ nhất" in clash.inner_text()
    assert not faults_of(second, axe)
    assert second.locator("[name=nhan-xet]").input_value() == "của người thứ hai"
    second.keyboard.press("Control+Enter")
    second.locator(".editor").wait_for(state="detached")
    expect(second.locator(".tin").first.locator(".kept")).to_contain_text("của người thứ hai")
    first.keyboard.press("x")
    expect(first.locator(".saved")).to_contain_text("Bấm lại nếu vẫn muốn đổi")
    expect(first.locator(".tin").first.locator(".kept")).to_contain_text("của người thứ hai")
    for page in (first, second):
        page.context.close()


def test_an_open_form_overwrites_nothing_that_a_refused_key_has_shown(chromium: Browser, desk: Desk) -> None:
    first, second = two_editors(chromium, desk)
    first.keyboard.type("của trang 1")
    second.keyboard.type("của trang 2")
    first.keyboard.press("Control+Enter")
    first.locator(".editor").wait_for(state="detached")
    second.locator(".tin.here [data-key=x]").click()
    expect(second.locator(".saved")).to_contain_text("Bấm lại nếu vẫn muốn đổi")
    expect(second.locator(".tin").first.locator(".kept")).to_contain_text("của trang 1")
    second.locator("[name=nhan-xet]").press("Control+Enter")
    expect(second.locator(".clash")).to_contain_text("của trang 1")
    assert second.locator("[name=nhan-xet]").input_value() == "của trang 2"
    second.locator(".tin.here [data-key=x]").click()  # our own change is no clash
    expect(second.locator(".dock .sum")).to_contain_text("1 tin")
    second.locator("[name=nhan-xet]").press("Control+Enter")
    expect(second.locator(".tin").first.locator(".kept")).to_contain_text("của trang 2")
    for page in (first, second):
        page.context.close()


def test_every_key_of_a_story_does_what_its_button_says(chromium: Browser, desk: Desk) -> None:
    context = chromium.new_context(base_url=desk.address, locale="vi-VN")
    page = context.new_page()
    page.goto("/ban")
    story = page.locator(".tin").first
    page.keyboard.press("j")
    for key, name in (("1", "thuận lợi"), ("2", "trung tính"), ("3", "bất lợi")):
        page.keyboard.press(key)
        expect(story.locator(".kept")).to_contain_text(name)
    page.keyboard.press("m")
    expect(story.locator("[data-read]")).to_have_count(1)
    for key, name in (("n", "ghi-chu"), ("e", "tit"), ("c", "nhan-xet")):
        page.keyboard.press(key)
        expect(story.locator(f"[name={name}]")).to_be_focused()
        page.keyboard.press("Escape")
        expect(story.locator(".editor")).to_have_count(0)
    page.keyboard.press("r")
    page.keyboard.press("c")  # still asked why: what is typed is typed, not done
    expect(story.locator("[name=nhan-xet]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    expect(story.locator(".kept")).to_contain_text("không phải lĩnh vực")
    page.keyboard.press("?")
    expect(page.locator("body")).to_have_class("wide desk with-keys")
    page.keyboard.press("/")
    expect(page.locator(".find input")).to_be_focused()
    context.close()


def test_a_reason_pressed_before_the_answer_is_there_is_no_tone(chromium: Browser, desk: Desk) -> None:
    context = chromium.new_context(base_url=desk.address, locale="vi-VN")
    page = context.new_page()
    page.goto("/ban")

    def slowly(route: Any) -> None:
        time.sleep(0.4)
        route.continue_()

    page.route("**/ban/tin", slowly)
    for key in "jr2j":
        page.keyboard.press(key)
    expect(page.locator(".tin").first.locator(".kept")).to_contain_text("không phải lĩnh vực")
    expect(page.locator(".kept").filter(has_text="trung tính")).to_have_count(0)
    context.close()


def test_a_page_kept_open_over_an_edition_loses_nothing(chromium: Browser, desk: Desk) -> None:
    context = chromium.new_context(base_url=desk.address, locale="vi-VN")
    old, other = context.new_page(), context.new_page()
    old.goto("/ban")
    old.keyboard.press("j")
    old.keyboard.press("c")
    old.keyboard.type("câu đang gõ dở")
    other.goto("/ban/xem-truoc?ca=1")
    other.get_by_role("button", name="Duyệt và gửi").click()
    other.wait_for_url("**/ban-tin/*")
    old.keyboard.press("Control+Enter")
    expect(old.locator("[data-told]")).to_contain_text("Số này đã được gửi trong lúc anh/chị làm")
    assert old.locator("[name=nhan-xet]").input_value() == "câu đang gõ dở"
    context.close()


def test_what_cannot_reach_the_desk_is_said_and_kept(chromium: Browser, desk: Desk) -> None:
    context = chromium.new_context(base_url=desk.address, locale="vi-VN")
    page = context.new_page()
    page.goto("/ban")
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.keyboard.type("chưa mất")
    page.route("**/ban/tin", lambda route: route.abort())
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-told]")).to_contain_text("Chưa lưu được")
    page.unroute("**/ban/tin")
    page.keyboard.press("Control+Enter")
    page.locator(".editor").wait_for(state="detached")
    page.keyboard.press("c")
    page.locator("[name=nhan-xet]").fill("x" * 100_000)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".editor .problem").first).to_contain_text("Dài quá: 100.000 ký tự")
    assert len(page.locator("[name=nhan-xet]").input_value()) == 100_000
    context.close()


PAGES = {
    "desk": "/ban",
    "form": "/ban?sua=50",
    "preview": "/ban/xem-truoc?ca=1",
    "plain preview": "/ban/xem-truoc?ca=1&xem=chu",
    "in English": "/ban?lang=en",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_desk_has_no_grave_fault(chromium: Browser, desk: Desk, axe: str, name: str) -> None:
    context = chromium.new_context(base_url=desk.address, locale="vi-VN")
    page = context.new_page()
    page.goto(PAGES[name])
    if name == "desk":
        for key in ("j", "x", "j", "r", "j", "t", "j", "o", "j", "c", "?"):
            page.keyboard.press(key)
        page.locator(".tin details.rest summary").first.click()
    faults = faults_of(page, axe)
    context.close()
    assert not faults, "\n".join(faults)


def test_nothing_at_the_desk_runs_without_leave(chromium: Browser, desk: Desk) -> None:
    """Hostile titles and summaries, in the list, in the form and at the right."""
    context = chromium.new_context(base_url=desk.address, locale="vi-VN")
    page = context.new_page()
    hand = Hand(page)
    page.goto("/ban?sua=30")
    page.locator("#tin-30 [data-key=x]").click()
    page.locator('.edition-list [data-for="30"]').wait_for()
    assert not hand.complaints
    assert stamp(desk_sample.NOW)
    context.close()
