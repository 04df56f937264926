"""Put pip into a virtual environment that was made without it.

Debian's and Ubuntu's python3 come without ensurepip unless python3-venv is installed; this needs
the standard library and an index (PIP_INDEX_URL, else PyPI) alone.

    python3 -m venv --without-pip .venv && .venv/bin/python scripts/get_pip.py
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

INDEX = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple/").rstrip("/") + "/pip/"
WHEEL = re.compile(r"pip-(\d+(?:\.\d+)*)-py3-none-any\.whl\Z")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def _wheels(body: bytes, kind: str) -> list[tuple[tuple[int, ...], str, str]]:
    """(version, address, sha256) of every released wheel on an index page (PEP 691 or 503)."""
    if "json" in kind:
        links = [
            f"{file['url']}#sha256={file['hashes'].get('sha256', '')}"
            for file in json.loads(body)["files"]
        ]
    else:
        page = _Links()
        page.feed(body.decode())
        links = page.found
    found = []
    for link in links:
        address, _, fragment = link.partition("#")
        if match := WHEEL.search(address):
            version = tuple(int(part) for part in match[1].split("."))
            found.append((version, urljoin(INDEX, address), fragment.removeprefix("sha256=")))
    return sorted(found)


def main() -> None:
    accept = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
    request = urllib.request.Request(INDEX, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=60) as answer:
        wheels = _wheels(answer.read(), answer.headers.get_content_type())
    if not wheels:
        sys.exit(f"no pip at {INDEX}; install python3-venv or set PIP_INDEX_URL")
    _, address, expected = wheels[-1]
    with urllib.request.urlopen(address, timeout=120) as answer:
        wheel = answer.read()
    if expected and hashlib.sha256(wheel).hexdigest() != expected:
        sys.exit(f"{address} is not what the index promised")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, address.rsplit("/", 1)[-1])
        path.write_bytes(wheel)
        # a wheel of pip runs from its own archive
        subprocess.run(
            [sys.executable, f"{path}/pip", "install", "--quiet", "--no-index", str(path)],
            check=True,
        )


if __name__ == "__main__":
    main()
