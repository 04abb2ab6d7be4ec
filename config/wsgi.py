"""The application as gunicorn serves it: `config.wsgi:app`."""

from app.factory import create_app
from config import logging, wire
from config.proxy import OnlyNamedProxies
from config.settings import Settings

settings = Settings.from_env()
logging.configure("web", sql=settings.log_sql)
app = create_app(wire.parts(settings))
app.wsgi_app = OnlyNamedProxies(app.wsgi_app, settings.trusted_proxy)  # type: ignore[method-assign]  # Flask's own way
