"""A real browser for what is measured in one."""

from typing import Final

from playwright.sync_api import Page

from config.demo.story import PASSWORD, Somebody

FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


def sign_in(page: Page, somebody: Somebody) -> None:
    """Sign in by password, and wait for the home page."""
    page.goto("/sign-in")
    page.get_by_label("E-mail", exact=True).fill(somebody.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("/")
