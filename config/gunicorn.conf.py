"""How gunicorn serves the application; `backrow web` and `backrow live` name this file."""  # noqa: N999 - the name that gunicorn users look for

import os
import signal
from typing import Any

from config import counts
from config.children import die_with_parent
from config.patience import bound_waiting
from config.settings import Settings

_settings = Settings.from_env()
# Set before anything loads prometheus_client, which looks once.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts.shared_folder(_settings.data))
_live = os.environ.get("BACKROW_PROCESS") == "live"

wsgi_app = "config.wsgi:app"
bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
worker_class = "gevent" if _live else "gthread"
workers = 1
# Each open stream of the embedded mode holds one thread: 64 at most, the rest is for pages.
threads = 1 if _live else 96
worker_connections = 1000
timeout = 120
graceful_timeout = 10
keepalive = 5
# Signed addresses of parts are long, pages' are not.
limit_request_line = 4094
forwarded_allow_ips = ",".join(_settings.trusted_proxy)
certfile = str(_settings.tls.cert) if _settings.tls else None
keyfile = str(_settings.tls.key) if _settings.tls else None
# No access log: addresses of pages hold ids, and their callers are people.
accesslog = None
# Its warnings quote callers' addresses; its errors go through our own formatter, which keeps what is put in out.
loglevel = "error"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"generic": {"()": "config.logging.Wordless"}},
    "filters": {"unhurried": {"()": "config.patience.Unhurried"}},
    "handlers": {"ours": {"class": "logging.StreamHandler", "formatter": "generic", "filters": ["unhurried"]}},
    "root": {"level": "WARNING", "handlers": ["ours"]},
    "loggers": {
        "gunicorn.error": {"level": "ERROR", "handlers": ["ours"], "propagate": False, "qualname": "gunicorn.error"},
        "gunicorn.access": {"level": "ERROR", "handlers": [], "propagate": False, "qualname": "gunicorn.access"},
    },
}
control_socket_disable = True
proc_name = "backrow-live" if _live else "backrow-web"


def when_ready(server: Any) -> None:  # noqa: ANN401 - gunicorn has no types
    """Let no caller hold a thread by standing still."""
    bound_waiting(server.LISTENERS)


def on_exit(_server: object) -> None:
    """Leave nothing behind of what was counted."""
    counts.forget(os.environ["PROMETHEUS_MULTIPROC_DIR"])


def post_fork(_server: object, _worker: object) -> None:
    """Let no worker outlive gunicorn, which may be killed."""
    die_with_parent(signal.SIGKILL, os.getppid())


def post_worker_init(worker: Any) -> None:  # noqa: ANN401 - of whichever class was chosen above
    """Let open streams end as soon as their worker is asked to; it would wait for them otherwise."""
    worker.wsgi.extensions["backrow stopping"] = lambda: not worker.alive
