"""Scrapy's own commands know the sources by their keys."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from archive.clock import utc_now
from archive.home import Home
from crawler.demo import DemoPress
from crawler.demo.run import write_config

ROOT = Path(__file__).parent.parent


def scrapy(*arguments: str, home: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=ROOT,
        env=os.environ | {"DIEMTIN_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_list_names_the_sources_and_crawl_takes_one(tmp_path: Path) -> None:
    with DemoPress(utc_now()) as press:
        write_config(Home.at(tmp_path), press)
        assert scrapy("list", home=tmp_path).split() == sorted(press.sources())
        scrapy("crawl", "truyenhinhmau", "-s", "PRIVATE_HOSTS=127.0.0.1", home=tmp_path)
    archive = sqlite3.connect(tmp_path / "archive.db")
    assert archive.execute("select count(*) from articles").fetchone()[0] == 12
    assert archive.execute("select state from runs").fetchall() == [("done",)]
    archive.close()
