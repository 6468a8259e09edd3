"""Run as a service: what systemd is told, the units, the log, and what monitoring asks."""

import json
import logging
import os
import re
import shlex
import shutil
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from archive.home import Home
from archive.pages import open_pages
from archive.web.app import build
from crawler.cli import main
from crawler.commands import init
from crawler.listings import Link
from crawler.service import log_file
from crawler.service.log_limit import EACH, limit_logs
from crawler.service.scheduler import Scheduler
from crawler.service.supervisor import Supervisor
from crawler.service.systemd import notify, watchdog_interval
from crawler.state import frontier
from crawler.state.messages import ListingRead
from tests import web_sample
from tests.test_up import Running, free_port
from tests.web_sample import NOW


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """A socket as systemd listens at, and its address."""
    address = str(tmp_path / "notify")
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listening:
        listening.bind(address)
        listening.settimeout(60)
        yield listening, address


def test_systemd_hears_when_it_is_ready_that_it_lives_and_when_it_stops(
    tmp_path: Path, listener: tuple[socket.socket, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    listening, address = listener
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    monkeypatch.setenv("WATCHDOG_USEC", "400000")
    home = Home.at(tmp_path / "home")
    web_sample.fill(home.archive_db)
    serving = Running(tmp_path, "--home", str(home.path), "serve", "--port", str(free_port()))
    try:
        heard = [listening.recv(100).decode() for _ in range(3)]
        serving.process.send_signal(signal.SIGTERM)
        while heard[-1] != "STOPPING=1":
            heard.append(listening.recv(100).decode())
    finally:
        assert serving.end() == 0
    assert heard[0] == "READY=1"
    assert heard.count("WATCHDOG=1") >= 2


def test_without_systemd_nothing_is_told() -> None:
    assert not notify("READY=1", {})
    assert watchdog_interval({}) is None
    assert watchdog_interval({"WATCHDOG_USEC": "30000000"}) == 15
    assert watchdog_interval({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid() + 1)}) is None


def test_the_units_are_valid_and_closed(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    home = tmp_path / "điểm tin"
    made = CliRunner().invoke(main, ["--home", str(home), "init", "--systemd", str(tmp_path / "units")])
    assert made.exit_code == 0, made.output
    units = sorted((tmp_path / "units").glob("*.service"))
    assert [unit.name for unit in units] == ["diemtin-schedule.service", "diemtin-serve.service"]
    for unit in units:
        text = unit.read_text(encoding="utf-8")
        assert f'--home "{home}"' in text
        assert "@" not in text.replace("@system-service", "").replace("@privileged", "")
        checked = subprocess.run(
            ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stderr
        judged = ["systemd-analyze", "security", "--offline=true", "--threshold=30", str(unit)]  # tenths
        assert subprocess.run(judged, capture_output=True, check=False).returncode == 0


def made_units(home: Path, folder: Path) -> str:
    """What ``init --systemd`` says on stderr."""
    made = CliRunner().invoke(main, ["--lang", "en", "--home", str(home), "init", "--systemd", str(folder)])
    assert made.exit_code == 0, made.output
    return made.stderr


@pytest.mark.parametrize("name", ["điểm tin", 'a"b', "it's", "a\\b", "100%h", "${HOME}", "a$b"])
def test_units_name_any_home_as_systemd_reads_it(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    made_units(home, tmp_path / "units")
    unit = (tmp_path / "units" / "diemtin-serve.service").read_text(encoding="utf-8")
    lines = dict(line.split("=", 1) for line in unit.splitlines() if "=" in line and not line.startswith("#"))
    for line, variables in ((lines["ExecStart"], True), (lines["ReadWritePaths"], False)):
        read = [word.replace("%%", "%") for word in shlex.split(line)]
        assert str(home) in [word.replace("$$", "$") if variables else word for word in read]
        assert not re.search(r"(?<!\$)(\$\$)*\$(?!\$)", line) or not variables
        assert not re.search(r"(?<!%)(%%)*%(?!%)", line)


def test_a_home_that_a_service_cannot_use_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init, "PRIVATE", (str(tmp_path / "t"),))
    fine, hidden = tmp_path / "kho", tmp_path / "t" / "kho"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(Path, "owner", lambda path: "diemtin")
    assert made_units(fine, tmp_path / "units") == ""
    (tmp_path / "link").symlink_to(tmp_path / "t")
    for home in (hidden, tmp_path / "link" / "kho"):
        (line,) = made_units(home, tmp_path / "units").splitlines()
        assert line.startswith(f"diemtin: {home}: ")
        assert "PrivateTmp" in line
    (fine / "config" / "backup.yml").write_text(f"backup: {{to: {tmp_path}/t/copies}}\n", encoding="utf-8")
    assert f"{tmp_path}/t/copies: " in made_units(fine, tmp_path / "units")
    (fine / "config" / "backup.yml").unlink()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert f"chown -R diemtin: {fine}" in made_units(fine, tmp_path / "units")
    monkeypatch.setattr(Path, "owner", lambda path: "root")
    assert "belongs to root" in made_units(fine, tmp_path / "units")


def test_a_schedule_that_breaks_ends_the_service_and_says_why(tmp_path: Path) -> None:
    async def broken(_: Scheduler) -> None:
        raise RuntimeError("no schedule")

    with pytest.raises(RuntimeError, match="no schedule"):
        Supervisor(Home.at(tmp_path), lambda _: None, opening=broken).run()


def test_units_that_cannot_be_written_are_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    asked = ["--home", str(tmp_path / "home"), "init", "--systemd", str(tmp_path / "file")]
    made = CliRunner().invoke(main, asked)
    assert made.exit_code == 2
    assert str(tmp_path / "file") in made.output.splitlines()[-1]


def test_the_log_has_a_json_object_a_line_and_old_files_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_file, "LARGEST", 2000)
    home = Home.at(tmp_path)
    handler = log_file.open_log(home)
    try:
        for number in range(40):
            run = {"source": f"báo-{number}", "state": "done", "outcomes": {"stored": number}}
            log_file.SERVICE.info("run", extra={"fields": run})
        logging.getLogger("elsewhere").warning("dòng một\ndòng hai")
    finally:
        log_file.close_log(handler)
    files = sorted((tmp_path / "logs").iterdir())
    lines = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(files) > 2
    assert {line["source"] for line in lines if line["message"] == "run"} >= {"báo-39", "báo-30"}
    assert any(line["message"] == "dòng một\ndòng hai" and line["level"] == "warning" for line in lines)
    assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o700


def test_a_minute_with_many_crawls_has_a_line_for_each_in_the_log_of_a_server(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    handler = log_file.open_log(home)
    try:
        limit_logs()
        for number in range(EACH + 3):
            log_file.SERVICE.info("run", extra={"fields": {"source": f"báo-{number}"}})
            logging.getLogger("elsewhere").warning("dòng %d", number)
    finally:
        log_file.close_log(handler)
    written = (home.path / "logs" / "diemtin.log").read_text(encoding="utf-8").splitlines()
    lines = [json.loads(line)["message"] for line in written]
    assert lines.count("run") == EACH + 3
    assert len([line for line in lines if line.startswith("dòng")]) == EACH


async def test_monitoring_reads_the_state_of_sources_files_and_disk(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    web_sample.fill_pages(home.pages_db)
    with closing(open_pages(home.pages_db)) as pages:
        feed = "https://trungdu.example/tin.rss"
        frontier.add(pages, "trungdu", feed, [Link("https://trungdu.example/a-1.html")], NOW)
        frontier.note_list(pages, "trungdu", ListingRead(0, feed, "feed", 200), NOW)
    async with web_sample.running(build(home, now=lambda: NOW)) as site:
        answer = await site.client.get("/-/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert families["diemtin_articles"].samples[0].value > 0
    states = [sample for sample in families["diemtin_source_state"].samples if sample.value]
    assert {"source": "trungdu"}.items() <= states[0].labels.items() or len(states) > 1
    assert {one.labels["file"] for one in families["diemtin_file_bytes"].samples} == {"archive.db", "pages.db"}
    assert families["diemtin_disk_free_bytes"].samples[0].value > 0
    assert families["diemtin_schedule_running"].samples[0].value == 0
    assert families["diemtin_frontier_due"].samples[0].value == 1
