"""The config that travels: read where a worker works, and refused where its files lead elsewhere."""

import hashlib
from pathlib import Path

import pytest

from archive.home import Home
from crawler.cluster import keys
from crawler.cluster.broker import Broker, BrokerFault
from crawler.cluster.config import load, publish
from crawler.cluster.wire import pack
from crawler.sources import home_sources


def test_a_config_comes_as_it_was_sent_and_alone(tmp_path: Path, broker: Broker) -> None:
    home = Home.at(tmp_path / "home")
    (home.path / "config").mkdir()
    (home.path / "config" / "alerts.yml").write_text("password: secret", encoding="utf-8")
    mark = publish(broker, home)
    assert load(broker, mark, tmp_path / "there").sources.by_key == home_sources(home).by_key
    assert not list((tmp_path / "there").rglob("alerts.yml"))


@pytest.mark.parametrize(
    "name",
    ["../x.yml", "/etc/x.yml", "sources.d/../../x.yml", "sources.d/a/b.yml", "alerts.yml", "sources.d/x.py",
     "sources.d/\0.yml", f"sources.d/{'x' * 300}.yml"],
)  # fmt: skip
def test_a_file_that_leads_elsewhere_is_refused(tmp_path: Path, broker: Broker, name: str) -> None:
    packed = pack({name: b"x"})
    mark = hashlib.sha256(packed).hexdigest()[:24]
    broker.redis.set(keys.config_of(mark), packed)
    with pytest.raises(BrokerFault):
        load(broker, mark, tmp_path / "there")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_config_of_another_mark_is_none(tmp_path: Path, broker: Broker) -> None:
    broker.redis.set(keys.config_of("../x"), pack({"sources.yml": b""}))
    with pytest.raises(BrokerFault):
        load(broker, "../x", tmp_path)
