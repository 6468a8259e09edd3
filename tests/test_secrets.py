"""Passwords, tokens and addresses with them stand in no output, whatever goes wrong with them."""

import textwrap
from pathlib import Path

import pytest

from archive.config import ConfigError
from archive.digests.channels import AppriseChannel, Secrets, SmtpChannel, WebhookChannel
from archive.digests.config import load_alerts
from tests import web_sample
from tests.commands import diemtin
from tests.part import part
from tests.test_up import free_port

pytestmark = pytest.mark.timeless
SECRET = "Zq7bimatXw"
HEAD = """\
defaults: {{archive_url: "http://127.0.0.1:8001"}}
sang:
  title: Sáng
  queries: {{a: thép}}
  schedule: "0 7 * * *"
  channels:
"""
SMTP = {
    "host": "localhost",
    "port": "1",
    "to": "[a@b.example]",
    "sender": "c@d.example",
    "user": "u",
    "password": "p",
}
CHANNELS = {
    "smtp": SMTP,
    "webhook": {"url": "https://h.example/", "headers": "{a: b}"},
    "apprise": {"url": "x://y"},
}
HIDDEN = ("password", "url", "headers", "token")
WRITTEN = (
    "*{S}",
    "&{S}",
    "!{S}",
    "@{S}",
    "`{S}",
    "%{S}",
    "{{{S}",
    "[{S}",
    '"{S}',
    "'{S}",
    "|{S}",
    ">{S}",
    "- {S}",
    "{S}: x",
    "? {S}",
    "{{a: {S}}}",
    "[{S}]",
    "!!python/name:{S}",
    "!!int {S}",
    "!!binary {S}",
    "!!float {S}",
    "!!timestamp {S}",
    "*{S} b",
    '"\\q{S}"',
    "\t{S}",
    "{S}:",
    "[*{S}]",
    "{{*{S}: a}}",
    "https://a:{S}@[",
    "${{{S}",
    "https://{S}@h:99999/",
    "{S}\x01",
    "{S}",
    "[" * 2000 + "{S}",
)


def config(path: Path, kind: str, key: str, value: str) -> Path:
    fields = {"type": kind, **CHANNELS[kind], key: value}
    lines = "\n".join(f"{name}: {text}" for name, text in fields.items())
    block = textwrap.indent(lines, "      ").replace("      ", "    - ", 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD.format() + block + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", CHANNELS)
@pytest.mark.parametrize("key", HIDDEN)
def test_a_secret_written_wrongly_is_not_told(tmp_path: Path, kind: str, key: str) -> None:
    for written in WRITTEN:
        path = config(tmp_path / "alerts.yml", kind, key, written.format(S=SECRET))
        try:
            told = repr(load_alerts(path))
        except ConfigError as error:
            told = f"{error}{error.__cause__!r}"
            assert str(path) in told
        assert SECRET.lower() not in told.lower(), written


def test_a_channel_in_a_log_or_traceback_says_only_what_it_is() -> None:
    channels = (SmtpChannel("h", "a@b.example", ("c@d.example",), password=SECRET),
                WebhookChannel(f"https://h.example/{SECRET}", {"Authorization": SECRET}),
                AppriseChannel(f"tgram://{SECRET}"), Secrets({"A": SECRET}))  # fmt: skip
    assert SECRET not in repr(channels)
    assert SECRET not in f"{channels}"


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    part(
        [
            ("smtp", "password", SECRET),
            ("smtp", "host", "127.0.0.1"),
            ("webhook", "url", "http://u:{S}@127.0.0.1:{port}/{S}?k={S}"),
            ("webhook", "url", "http://[{S}"),
            ("webhook", "url", "ftp://{S}"),
            ("webhook", "headers", '{{a: "{S}\\n x"}}'),
            ("webhook", "url", "http://{S}\u0111.invalid/{S}"),
            ("apprise", "url", "tgram://{S}/{S}"),
            ("apprise", "url", "no://{S}"),
            ("webhook", "url", "http://127.0.0.1:{port}/${{NOT_SET}}{S}"),
        ],
        2,
    ),
)
def test_what_cannot_be_delivered_tells_no_secret(tmp_path: Path, kind: str, key: str, value: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    web_sample.fill(home / "archive.db")
    config(home / "config" / "alerts.yml", kind, key, value.format(S=SECRET, port=free_port()))
    said = ""
    for words in (["digest", "sang", "--send"], ["digest", "sang", "--make"], ["health"], ["alerts"]):
        done = diemtin(*words, home=home, check=False)
        said += done.stdout + done.stderr
    assert said
    assert SECRET not in said
    assert "Traceback" not in said
    kept = b"".join(path.read_bytes() for path in home.glob("*.db*"))
    assert SECRET.encode() not in kept
