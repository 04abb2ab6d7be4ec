"""What every door to the house shares: tries are counted, browsers get their secret, nobody is sent elsewhere."""

from urllib.parse import urlsplit

from flask import Response, make_response, redirect, request

from app.people.accounts import throttling
from app.people.accounts.devices import hand_out
from app.people.accounts.service import LASTS, Entry
from app.wall import everywhere
from app.web.parts import parts


def here() -> str:
    """Give the network address that the request comes from."""
    return request.remote_addr or ""


def count_try(*, email: str | None = None) -> None:
    """Count a try from this address, and at this account if one is named, known or not.

    Raises:
        TooMany: there were too many lately.
    """
    secret_key = parts().secret_key
    with everywhere(parts().sessions).begin() as session:
        if email is None:
            throttling.spend(session, throttling.key(secret_key, "door", here()), throttling.DOOR)
            return
        throttling.spend(session, throttling.key(secret_key, "account", email.strip()), throttling.ACCOUNT)
        throttling.spend(session, throttling.key(secret_key, "address", here()), throttling.ADDRESS)


def was_right(email: str) -> None:
    """Give the tries back that a right one used up."""
    secret_key = parts().secret_key
    with everywhere(parts().sessions).begin() as session:
        throttling.give_back(session, throttling.key(secret_key, "account", email.strip()), throttling.ACCOUNT)
        throttling.give_back(session, throttling.key(secret_key, "address", here()), throttling.ADDRESS)


def next_page(wanted: str | None) -> str:
    """Give the page that somebody was on the way to, if it is one of ours."""
    path = wanted or "/"
    split = urlsplit(path)
    ours = path.startswith("/") and not path.startswith("//") and not (split.scheme or split.netloc)
    return path if ours and "\\" not in path and path.isprintable() else "/"


def walk_in(entry: Entry, *, to: str = "/") -> Response:
    """Send a browser on its way with its new secret; who is in two alliances chooses first."""
    there = next_page(to)
    response = make_response(redirect("/choose" if entry.must_choose else there, code=303))
    return hand_out(response, entry.secret, shared_computer=entry.device.shared_computer, lasts=LASTS)
