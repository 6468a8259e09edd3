"""Time stamps from a real server on loopback: good ones hold, each bad one is named and costs nothing else."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from asn1crypto import tsp

from archive.config import ConfigError
from archive.evidence import stamps
from archive.evidence.config import load_evidence
from archive.evidence.stamps import Stamp, ask_all
from archive.evidence.verify import verify
from archive.home import DEFAULTS, Home
from archive.i18n import Words
from archive.reasons import parse
from tests.evidence_sample import (
    NOON,
    TEXTS,
    Authority,
    Sample,
    answering,
    with_md5,
    with_other_data,
    with_other_nonce,
)
from tests.receivers import free_port, silent_server

pytestmark = pytest.mark.timeless
DIGEST = sha256(b"what is stamped").digest()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Authority(tmp_path_factory.mktemp("tsa")).folder


@pytest.fixture(scope="module")
def good(folder: Path) -> Iterator[Authority]:
    with answering(Authority(folder)) as authority:
        yield authority


def asked(authority: Authority, seconds: float = 5) -> Stamp:
    with answering(authority):
        return ask_all((authority.url,), DIGEST, seconds)[0]


def test_a_good_stamp_names_its_time_and_signer(good: Authority) -> None:
    one = ask_all((good.url,), DIGEST)[0]
    assert one.missing == ""
    assert one.checked
    assert one.signer == "Common Name: Test TSA"
    assert one.at is not None
    assert one.at.tzinfo is not None
    assert one.chain.count("BEGIN CERTIFICATE") == 2


def test_nothing_but_a_digest_and_a_new_number_is_told(good: Authority) -> None:
    before = len(good.asked)
    ask_all((good.url, good.url), DIGEST)
    first, second = (tsp.TimeStampReq.load(one).native for one in good.asked[before:])
    assert first["message_imprint"]["hashed_message"] == DIGEST
    assert first["nonce"] != second["nonce"]
    assert first["cert_req"] is True


def flipped(answer: bytes) -> bytes:
    """The signature stands at the end."""
    return answer[:-3] + bytes([answer[-3] ^ 1]) + answer[-2:]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"query": with_md5}, "stamp_refused"),
        ({"alter": lambda _: b"<html>Please log in</html>"}, "stamp_garbage"),
        ({"alter": lambda _: b""}, "stamp_garbage"),
        ({"alter": lambda answer: answer[:-40]}, "stamp_garbage"),
        ({"alter": flipped}, "stamp_signature"),
        ({"query": with_other_nonce}, "stamp_other_nonce"),
        ({"query": with_other_data}, "stamp_other_data"),
        ({"status": 503}, "stamp_http"),
        ({"status": 302}, "stamp_http"),
    ],
)
def test_what_is_no_stamp_of_this_is_named(folder: Path, more: dict[str, object], code: str) -> None:
    one = asked(Authority(folder, **more))  # type: ignore[arg-type]
    assert parse(one.missing)[0] == code
    assert one.answer == b""
    assert Words("vi").reason(one.missing) != one.missing


@pytest.mark.parametrize("more", [{"alter": lambda _: None}, {"drip": True}])
def test_a_slow_authority_is_left(folder: Path, more: dict[str, object]) -> None:
    one = asked(Authority(folder, **more), 0.3)  # type: ignore[arg-type]
    assert one.missing == 'stamp_late {"seconds": "0.3"}'


def test_nobody_there() -> None:
    assert parse(ask_all((f"http://127.0.0.1:{free_port()}/",), DIGEST)[0].missing)[0] == "stamp_unreachable"
    with silent_server() as port:
        assert parse(ask_all((f"http://127.0.0.1:{port}/",), DIGEST, 0.2)[0].missing)[0] == "stamp_late"


def test_no_answer_breaks_the_reading(good: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever comes is read to its end; what reading does not see, openssl does."""
    monkeypatch.setattr(stamps, "signature_holds", lambda *_: None)
    one = ask_all((good.url,), DIGEST)[0]
    nonce = tsp.TimeStampReq.load(one.request)["nonce"].native
    refused = 0
    for at in range(0, len(one.answer), 3):
        bad = one.answer[:at] + bytes([one.answer[at] ^ 0x55]) + one.answer[at + 1 :]
        try:
            stamps.read(bad, good.url, one.request, DIGEST, nonce)
        except stamps.NoStamp:
            refused += 1
    assert refused >= 32, "digest, nonce and the shape of the answer are looked at"


def test_a_pack_is_made_with_the_stamp_it_got_and_says_which_one_it_lacks(
    good: Authority, folder: Path, tmp_path: Path
) -> None:
    sample = Sample(Home.at(tmp_path))
    sample.look(TEXTS[0], NOON)
    with answering(Authority(folder, query=with_md5)) as bad:
        pack = sample.pack(bad.url, good.url)
        said = f"Không có dấu thời gian của {bad.url}: nơi cấp từ chối (rejection "
    sample.close()
    assert {"stamps/1.tsq", "stamps/2.tsq", "stamps/2.tsr", "stamps/2-chain.pem"} <= set(pack.files)
    assert "stamps/1.tsr" not in pack.files
    import docx

    pack.write(tmp_path / "goi")
    text = "\n".join(one.text for one in docx.Document(str(tmp_path / "goi" / "bien-ban.docx")).paragraphs)
    assert said in text
    verdict = verify(tmp_path / "goi")
    assert verdict.whole
    assert [parse(one)[0] for one in verdict.notes] == ["evidence_stamped"]


def test_without_openssl_the_signature_is_said_to_be_unchecked(
    good: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = Sample(Home.at(tmp_path))
    sample.look(TEXTS[0], NOON)
    monkeypatch.setattr(stamps, "OPENSSL", "no-such-openssl")
    pack = sample.pack(good.url)
    sample.close()
    assert not pack.stamps[0].checked
    notes = verify(pack.write(tmp_path / "goi.zip")).notes
    assert [parse(one)[0] for one in notes] == ["evidence_stamp_unchecked"]


def test_the_config(tmp_path: Path) -> None:
    assert load_evidence(DEFAULTS / "evidence.yml").timestamps == ()
    path = tmp_path / "evidence.yml"

    def loads(text: str) -> tuple[str, ...]:
        path.write_text(text, encoding="utf-8")
        return load_evidence(path).timestamps

    assert loads("evidence: {timestamps: [http://a.example/tsr, https://b.example]}") == (
        "http://a.example/tsr", "https://b.example",
    )  # fmt: skip
    assert loads("evidence:\n") == ()
    for text in (
        "evidence: {timestamp: [http://a.example]}", "evidences: {}", "evidence: {timestamps: [ftp://a.example]}",
        "evidence: {timestamps: [a.example]}", "evidence: {timestamps: http://a.example}", "evidence: [1]",
        "evidence: {timestamps: ['http://[']}", "evidence: {timestamps: ['http://x y/']}",
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=r"evidence\.yml"):
            loads(text)
