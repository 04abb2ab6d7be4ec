"""`/metrics`: how much is asked, how long it takes, and what waits; for this machine alone, without ids or names.

Two kinds of numbers, because a scrape meets any one of several processes. What the rows say is read from the database
at each scrape: it is the same whichever process answers. What a process counts itself (requests and their time) would
jump between the workers of one gunicorn, so these share their counts through files where `PROMETHEUS_MULTIPROC_DIR`
is set (gunicorn.conf.py sets it); without it, as in tests, they are the process's own.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Protocol
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.wall import everywhere
from app.web.guard import public
from app.web.parts import parts
from video.storage.base import StorageError
from video.storage.local import LocalStorage

bp = Blueprint("metrics", __name__)
_WHY = "numbers without ids, names or addresses, for this machine alone: whoever asks from elsewhere gets 404"
_SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
#: Pages take milliseconds, a part of a film on a slow line a minute.
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_SAID_BY_PROXIES = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED")
_UNKNOWN = "none"


class Figure(Protocol):
    """One number that is read from the rows; labels are fixed words."""

    @property
    def name(self) -> str:
        """Its name, after `backrow_`."""

    @property
    def says(self) -> str:
        """What it counts, in a sentence."""

    @property
    def value(self) -> float:
        """How many, or how much."""

    @property
    def labels(self) -> dict[str, str]:
        """What it is told apart by."""


@dataclass(frozen=True)
class _Own:
    name: str
    says: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)


#: Gives the figures that rows tell; it lives higher up, where all rows are known.
Read = Callable[[Session], Iterable[Figure]]


class Meters:
    """What this process counts, and what it reads when asked."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._own = CollectorRegistry()
        self._requests = Counter("backrow_requests", "Requests answered", ("route", "status"), registry=self._own)
        self._seconds = Histogram(
            "backrow_request_seconds",
            "Time to the answer's beginning",
            ("route",),
            registry=self._own,
            buckets=_BUCKETS_S,
        )

    def count(self, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is the address with its blanks, never what stood in them."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Write all down in Prometheus's own form."""
        counted = self._own
        if _SHARED_FOLDER in os.environ:
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]  # its own code has no types
        rows = CollectorRegistry()
        rows.register(_Rows(tuple(self._figures())))
        return generate_latest(counted) + generate_latest(rows)

    def _figures(self) -> Iterator[Figure]:
        yield from _room()
        try:
            with everywhere(parts().sessions)() as session:
                yield from tuple(self._read(session))
        except SQLAlchemyError:
            yield _Own("database_up", "Whether the database answered just now", 0)
        else:
            yield _Own("database_up", "Whether the database answered just now", 1)


class _Rows(Collector):
    def __init__(self, figures: tuple[Figure, ...]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for each in self._figures:
            name = f"backrow_{each.name}"
            family = families.setdefault(name, GaugeMetricFamily(name, each.says, labels=sorted(each.labels)))
            family.add_metric([each.labels[label] for label in sorted(each.labels)], each.value)
        yield from families.values()


@bp.get("/metrics")
@public(why=_WHY)
def metrics() -> ResponseReturnValue:
    """Give the numbers to a program on this machine."""
    if not _asked_from_here():
        raise NotFound
    return Response(_meters().text(), content_type=CONTENT_TYPE_LATEST)


def install(app: Flask, *, read: Read) -> None:
    """Count every answer of the application, and keep what reads the rows."""
    app.extensions["backrow metrics"] = Meters(read)
    app.before_request(_begin)
    app.after_request(_count)


def _meters() -> Meters:
    found: Meters = current_app.extensions["backrow metrics"]
    return found


def _begin() -> None:
    g.began_at = time.perf_counter()


def _count(answer: Response) -> Response:
    route = request.url_rule.rule if request.url_rule else _UNKNOWN
    _meters().count(route, answer.status_code, time.perf_counter() - g.get("began_at", time.perf_counter()))
    return answer


def _asked_from_here() -> bool:
    """Believe no proxy: what came through one came from elsewhere, also where the proxy is on this machine.

    A proxy that says nothing of its callers still passes on the name that they asked for, which is not this machine's.
    """
    environ = request.environ
    before: dict[str, str | None] = environ.get("werkzeug.proxy_fix.orig", {})
    peer = before.get("REMOTE_ADDR", environ.get("REMOTE_ADDR")) or ""
    name = urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname or ""
    passed_on = any(said in environ for said in _SAID_BY_PROXIES)
    return not passed_on and _loopback(peer) and (name == "localhost" or _loopback(name))


def _loopback(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (mapped or found).is_loopback


def _room() -> Iterator[Figure]:
    storage = parts().storage
    if isinstance(storage, LocalStorage):
        try:
            yield _Own("storage_free_bytes", "Room left on the storage's disk", storage.free_bytes())
        except StorageError:
            return
