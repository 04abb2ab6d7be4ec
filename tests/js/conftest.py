"""A real browser under the strict policy, and a server that answers as Backrow's would."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.js import media
from tests.js.driving import Site
from tests.js.said import Said
from tests.js.server import make_app
from tests.left_out import chromium as find_chromium
from tests.serving import serving

_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--mute-audio", "--disable-dev-shm-usage", "--force-device-scale-factor=1",
]  # fmt: skip
_TRAP = """
window.reports = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  window.reports.push(`${violatedDirective} ${blockedURI}`);
});
"""


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the lesson once."""
    folder = tmp_path_factory.mktemp("film")
    media.make(folder)
    return folder


@pytest.fixture
def site(film: Path) -> Iterator[Site]:
    """Serve from a free port, with everything forgotten from the test before."""
    app = make_app(film)
    said: Said = app.config["said"]
    with serving(app) as server:
        said.storage = f"http://localhost:{server.port}"  # another origin than the pages', as a storage is
        try:
            yield Site(f"http://127.0.0.1:{server.port}", said)
        finally:
            said.go.set()
            said.slow.set()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start the browser once a module: while it runs, its event loop is in the way of every other test's."""
    program = find_chromium()
    assert program is not None  # tests with the mark `needs_chromium` are left out where there is none
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser, site: Site) -> Iterator[BrowserContext]:
    """A browser of one person, in which nothing may be blocked by the policy and no script may break."""
    context = chromium.new_context(base_url=site.address, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(8000)
    context.add_init_script(_TRAP)
    broken: list[str] = []
    context.on("weberror", lambda error: broken.append(str(error.error)))
    context.on(
        "console",
        lambda line: (
            broken.append(line.text) if "Content Security Policy" in line.text or "hx-csp" in line.text else None
        ),
    )
    yield context
    for page in context.pages:
        if page.url.startswith("http"):
            broken += page.evaluate("window.reports")
    context.close()
    assert broken == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """One tab."""
    return context.new_page()
