"""The explorer in a real browser: it answers, and nothing leaves the host."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from graph.explorer.page import Example, Explorer
from graph.explorer.pins import PINS
from tests.graph.explorer.browser import Page, browsing, chromium
from tests.graph.server import serving
from tests.graph.toy import endpoint, site, token

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
TABS = [Example("query Viewer { viewer { role } }"), Example("subscription Count { count(to: 3) }")]
ANSWER = "document.querySelector('.result-window .CodeMirror').CodeMirror.getValue()"
READY = "document.querySelector('.graphiql-execute-button') && document.querySelectorAll('.graphiql-tab').length"
RUN = "document.querySelector('.graphiql-execute-button').click()"


@pytest.fixture
def browser() -> str:
    """A Chromium and the files the page needs, or a reason to skip."""
    found = chromium()
    if found is None:
        pytest.skip("no Chromium on the PATH")
    if not all(pin.file.is_file() for pin in PINS):
        pytest.skip("the explorer's files are fetched by `make setup`")
    return found


async def choose(page: Page, who: str) -> None:
    await page.run(
        f"(() => {{ const pick = document.getElementById('viewer');"
        f" pick.value = [...pick.options].find((one) => one.text === '{who}').value;"
        f" pick.dispatchEvent(new Event('change')); }})()"
    )


async def ask(page: Page, expected: str) -> None:
    """Press the button until the answer is there: GraphiQL notices a changed document only after a moment."""
    for _ in range(10):
        await page.run(RUN)
        for _ in range(15):
            if expected in await page.run(ANSWER):
                return
            await asyncio.sleep(0.1)
    raise AssertionError(await page.run(ANSWER))


async def test_the_explorer_answers_as_whoever_is_picked_and_asks_only_us(browser: str) -> None:
    explorer = Explorer(TABS, {"system_admin": token("system_admin"), "student": token("student")})
    async with serving(site(endpoint(explorer=explorer))) as port, browsing(browser) as page:
        await page.open(f"http://127.0.0.1:{port}/graphql")
        assert await page.until(READY) == 2
        await ask(page, '"role": "system_admin"')
        await choose(page, "student")
        await ask(page, '"role": "student"')
        await page.run("document.querySelectorAll('.graphiql-tab-button')[1].click()")
        await page.until("document.querySelector('.graphiql-tab-active').textContent.includes('Count')")
        await ask(page, '"count": 2')
        asked = [address for address in page.asked if not address.startswith(("data:", "blob:", "about:"))]
    assert {urlsplit(address).netloc for address in asked} == {f"127.0.0.1:{port}"}
    assert any(address.startswith("ws://") for address in asked)
    assert page.complaints == []


@pytest.mark.parametrize("dark", [False, True])
async def test_the_page_follows_light_and_dark(browser: str, dark: bool) -> None:
    async with serving(site(endpoint(explorer=Explorer(TABS)))) as port, browsing(browser) as page:
        await page.open(f"http://127.0.0.1:{port}/graphql", dark=dark)
        await page.until(READY)
        colour = await page.run("getComputedStyle(document.body).backgroundColor")
    assert colour == ("rgb(26, 33, 41)" if dark else "rgb(255, 255, 255)")


async def test_the_schema_can_be_read_in_it(browser: str) -> None:
    async with serving(site(endpoint(explorer=Explorer(TABS)))) as port, browsing(browser) as page:
        await page.open(f"http://127.0.0.1:{port}/graphql")
        await page.until(READY)
        await page.run("document.querySelector('[aria-label=\"Show Documentation Explorer\"]').click()")
        assert await page.until("document.querySelector('.graphiql-doc-explorer')?.textContent.includes('Query')")
