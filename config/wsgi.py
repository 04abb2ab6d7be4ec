"""The application as gunicorn serves it: `config.wsgi:app`."""

import os
from dataclasses import replace

from app.factory import create_app
from config import logging, wire
from config.bodies import WholeBodies
from config.proxy import OnlyNamedProxies
from config.settings import Settings

settings = Settings.from_env()
logging.configure("web", sql=settings.log_sql)
parts = wire.parts(settings)
if os.environ.get("BACKROW_PROCESS") == "live":
    # Its streams are cheap, and it serves nothing else; the embedded `web` gives each stream a thread.
    parts = replace(parts, most_streams=900)
app = create_app(parts)
app.wsgi_app = OnlyNamedProxies(WholeBodies(app.wsgi_app), settings.trusted_proxy)  # type: ignore[method-assign]  # Flask's own way
