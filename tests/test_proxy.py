"""HTTPS in front of the archive, with the nginx of docs/operations.md as it stands there."""

import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import httpx
import pytest

from archive.clock import utc_now
from archive.desk import accounts
from archive.desk.db import open_desk
from archive.home import Home
from tests import web_sample
from tests.house import ROOT
from tests.test_up import Running, free_port, wait_until

pytestmark = [
    pytest.mark.timeless,
    pytest.mark.skipif(
        not (shutil.which("nginx") and shutil.which("openssl")), reason="nginx is not installed"
    ),
]
NAME, PASSWORD = "tin.so.example", "chè xanh Đồi 2026"


def nginx_config(folder: Path, port: int, behind: int) -> Path:
    """The block of the docs with our ports and certificate, in the frame that nginx needs to run by itself."""
    docs = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```nginx\n(.*?)```", docs, re.DOTALL)
    ours = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "127.0.0.1:8001": f"127.0.0.1:{behind}",
        "/etc/ssl/tin.pem": f"{folder}/cert.pem",
        "/etc/ssl/tin.key": f"{folder}/key.pem",
    }
    for shipped, own in ours.items():
        assert shipped in block
        block = block.replace(shipped, own)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}"
        f"http {{ access_log off; {places} {block} }}",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """The port of nginx before a served archive that has an account, and the certificate."""
    port, behind = free_port(), free_port()
    home = Home.at(tmp_path / "home")
    web_sample.fill(home.archive_db)
    with closing(open_desk(home.desk_db)) as desk:
        accounts.add(desk, "an", "admin", PASSWORD, by="", now=utc_now())
    (home.path / "config").mkdir()
    (home.path / "config" / "alerts.yml").write_text(f"defaults: {{archive_url: 'https://{NAME}:{port}/'}}\n")
    made = [
        *[
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ],
        *("-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"),
        *("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"),
    ]
    subprocess.run(made, check=True, capture_output=True)
    serving = Running(tmp_path, "--home", str(home.path), "serve", "--port", str(behind))
    with subprocess.Popen(["nginx", "-p", tmp_path, "-c", nginx_config(tmp_path, port, behind)]) as nginx:
        try:
            wait_until(lambda: "the archive is at" in serving.said and (tmp_path / "nginx.pid").exists())
            yield port, tmp_path / "cert.pem"
        finally:
            nginx.terminate()
            serving.end()


def test_logged_in_through_nginx_the_cookie_is_for_https_alone(site: tuple[int, Path]) -> None:
    port, certificate = site
    own = {"host": f"{NAME}:{port}", "origin": f"https://{NAME}:{port}"}
    trusted = ssl.create_default_context(cafile=certificate)
    with httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=trusted, headers=own) as client:
        ask = partial(client.request, extensions={"sni_hostname": NAME})
        assert ask("GET", "/").status_code == 302
        form = ask("GET", "/dang-nhap")
        (token,) = set(re.findall(r'name="csrftoken" value="([^"]+)"', form.text))
        client.cookies.update(form.cookies)
        given = {"csrftoken": token, "name": "an", "password": PASSWORD}
        entered = ask("POST", "/dang-nhap", data=given)
        assert entered.status_code == 303
        (cookie,) = [one for one in entered.headers.get_list("set-cookie") if "diemtin_session=" in one]
        assert "Secure" in cookie
        assert ask("GET", "/", headers={"cookie": cookie.split(";")[0]}).status_code == 200
