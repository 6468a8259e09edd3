"""Addresses as people write them: split where there are several, refused where there is none."""

import unicodedata

import pytest

from archive.digests.mail.addresses import AddressError, MailAddress, check, link, parse, split


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("lan@example.vn, minh@example.vn", ["lan@example.vn", "minh@example.vn"]),
        ("lan@example.vn;minh@example.vn;", ["lan@example.vn", "minh@example.vn"]),
        ("lan@example.vn\nminh@example.vn\n", ["lan@example.vn", "minh@example.vn"]),
        ("Trần Lan <lan@example.vn>, Lê Minh <minh@example.vn>",
         ["Trần Lan <lan@example.vn>", "Lê Minh <minh@example.vn>"]),
        ("Trần Lan, Tổ Tin, Văn phòng <lan@example.vn>", ["Trần Lan, Tổ Tin, Văn phòng <lan@example.vn>"]),
        ('"Tổ Tin; Văn phòng" <lan@example.vn>; minh@example.vn',
         ['"Tổ Tin; Văn phòng" <lan@example.vn>', "minh@example.vn"]),
        ("minh@example.vn, Lan, Tổ Tin <lan@example.vn>", ["minh@example.vn", "Lan, Tổ Tin <lan@example.vn>"]),
        ("${LAN}, ${MINH}", ["${LAN}", "${MINH}"]),
        ("", []),
    ],
)  # fmt: skip
def test_a_line_is_split_at_its_addresses(text: str, entries: list[str]) -> None:
    assert split(text) == entries


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("lan@example.vn", "", "lan@example.vn"),
        ("  <Lan.Tran+tin@Example.VN> ", "", "Lan.Tran+tin@example.vn"),
        ("Trần Lan<lan@example.vn>", "Trần Lan", "lan@example.vn"),
        ("Trần Lan, Tổ Tin <lan@example.vn>", "Trần Lan, Tổ Tin", "lan@example.vn"),
        ('"Trần \\"Lan\\", <Tổ> Tin" <lan@example.vn>', 'Trần "Lan", <Tổ> Tin', "lan@example.vn"),
        ('Tờ "Tin Sáng" <lan@example.vn>', 'Tờ "Tin Sáng"', "lan@example.vn"),
        ("lan@example.vn <lan@example.vn>", "lan@example.vn", "lan@example.vn"),
        ("D'Arcy (Tổ Tin) <lan@example.vn>", "D'Arcy (Tổ Tin)", "lan@example.vn"),
        ("minh@sôngbằng.vn", "", "minh@xn--sngbng-ixa1202d.vn"),
        (unicodedata.normalize("NFD", "minh@sôngbằng.vn"), "", "minh@xn--sngbng-ixa1202d.vn"),
        ("\u200bminh@example.vn\u00a0", "", "minh@example.vn"),
        ("tin@localhost", "", "tin@localhost"),
    ],
)
def test_one_address_with_its_name(text: str, name: str, address: str) -> None:
    assert parse(text) == MailAddress(name, address)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "none"), ("  ", "none"), ("Trần Lan", "none"), ("lan.example.vn", "none"), ("Trần Lan <>", "none"),
        ("Trần Lan <lan>", "none"), ("Trần Lan, minh@example.vn", "none"), ("minh@example.vn, Lan", "none"),
        ("Lan; Tổ Tin <lan@example.vn>", "none"), ("lan@example.vn minh@example.vn", "none"),
        ("Trần Lan lan@example.vn", "none"), ("lan@@example.vn", "none"), ("@example.vn", "none"),
        (".lan@example.vn", "none"), ("lan..tran@example.vn", "none"), ("mailto:lan@example.vn", "none"),
        ("<lan@example.vn> Trần Lan", "none"), ("Lan <lan@example.vn", "none"),
        ("l" * 65 + "@example.vn", "none"),
        ("lan@example.vn\r\nBcc: x@example.vn", "none"), ("Lan\nBcc: x <lan@example.vn>", "none"),
        ("lan@", "domain"), ("lan@example..vn", "domain"), ("lan@-a.vn", "domain"), ("lan@a b.vn", "domain"),
        ("lan@" + "a" * 64 + ".vn", "domain"), ("lan@" + "example." * 32 + "vn", "domain"),
        ("lân@example.vn", "local"), ("Trần Lân <lân@example.vn>", "local"),
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str, code: str) -> None:
    with pytest.raises(AddressError) as raised:
        check(text)
    assert raised.value.code == code
    assert "\n" not in raised.value.text


def test_one_address_is_not_two() -> None:
    with pytest.raises(AddressError) as raised:
        parse("lan@example.vn, minh@example.vn")
    assert raised.value.code == "several"


def test_what_is_still_to_be_filled_in_is_let_through() -> None:
    assert check("Trần Lan <${LAN}>, minh@${DOMAIN}") == ["Trần Lan <${LAN}>", "minh@${DOMAIN}"]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("https://tin.example.vn/thôi?mã=1,2;3", "https://tin.example.vn/th%C3%B4i?m%C3%A3=1,2;3"),
        ("<https://tin.example.vn/a%20b>", "https://tin.example.vn/a%20b"),
        ("https://tin.sôngbằng.vn:8443/thoi", "https://tin.xn--sngbng-ixa1202d.vn:8443/thoi"),
        ("mailto:tin@sôngbằng.vn?subject=Thôi nhận",
         "mailto:tin@xn--sngbng-ixa1202d.vn?subject=Th%C3%B4i%20nh%E1%BA%ADn"),
    ],
)  # fmt: skip
def test_an_address_to_unsubscribe_becomes_plain(text: str, plain: str) -> None:
    assert link(text) == plain


@pytest.mark.parametrize(
    "text",
    ["", "tin.example.vn/thoi", "javascript:x", "https://", "https://[", "https://a.vn:x9ú/", "mailto:",
     "mailto:tin",
     "https://a.vn/ https://b.vn/", "https://a.vn/\nBcc: x@b.vn", "https://a.vn/>x", "mailto:a@a.vn, https://b.vn",
     "https://a.vn/" + "x" * 900],
)  # fmt: skip
def test_no_address_to_unsubscribe_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        link(text)
