"""The nginx site of deploy/ on ports and paths of a test's own; nothing else of it is changed."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from http.client import HTTPSConnection
from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parent.parent / "deploy" / "nginx" / "bellwire.conf"

_MAIN = """
daemon off;
{user}
pid {folder}/pid;
error_log {folder}/error.log info;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class Nginx:
    """One nginx in front of ``backends``, two addresses such as ``127.0.0.1:4000``."""

    def __init__(self, folder: Path, backends: tuple[str, str]) -> None:
        self.folder, self.static = folder, folder / "www" / "static"
        self.plain_port, self.port = free_port(), free_port()
        self.static.mkdir(parents=True)
        _make_certificate(folder)
        (folder / "site.conf").write_text(self._site(backends))
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(_MAIN.format(folder=folder, user=user))
        self._process: subprocess.Popen[bytes] | None = None

    def check(self) -> subprocess.CompletedProcess[str]:
        """Ask nginx what it thinks of its configuration."""
        return subprocess.run([*self._command, "-t"], capture_output=True, text=True, check=False)

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._process = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not _listens(self.port):
            assert time.monotonic() < deadline, (self.folder / "error.log").read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it at once."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    @property
    def tls(self) -> ssl.SSLContext:
        """Trust this nginx alone, under the name localhost."""
        return ssl.create_default_context(cafile=str(self.folder / "cert.pem"))

    def connect(self) -> HTTPSConnection:
        """Give a connection to the site."""
        return HTTPSConnection("localhost", self.port, context=self.tls, timeout=10)

    @property
    def _command(self) -> list[str]:
        return [find_nginx(), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]

    def _site(self, backends: tuple[str, str]) -> str:
        text = re.sub(r"(?m)^\s*listen \[::\].*\n", "", SITE.read_text())
        for old, new in {
            "listen 80": f"listen 127.0.0.1:{self.plain_port}",
            "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl",
            "bellwire.example.org": "localhost",
            "127.0.0.1:8101": backends[0],
            "127.0.0.1:8102": backends[1],
            "/etc/ssl/bellwire/fullchain.pem": f"{self.folder}/cert.pem",
            "/etc/ssl/bellwire/privkey.pem": f"{self.folder}/key.pem",
            "/var/www/bellwire": f"{self.folder}/www",
        }.items():
            assert old in text, f"the site no longer says {old}"
            text = text.replace(old, new)
        return text


def find_nginx() -> str:
    """Find nginx, also where a person's PATH does not lead; skips the test without it."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    program = shutil.which("nginx", path=path)
    if not program or not shutil.which("openssl"):
        pytest.skip("nginx or openssl is not installed")
    return program


def free_port() -> int:
    """Find a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _make_certificate(folder: Path) -> None:
    find_nginx()
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"]
    command = ["openssl", "req", "-x509", "-days", "1", *key, *name, *files]
    subprocess.run(command, check=True, capture_output=True)


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
