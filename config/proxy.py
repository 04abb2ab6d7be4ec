"""Believe what a proxy says about the caller only if it is the proxy that was named."""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_SAID_BY_PROXIES = ("HTTP_FORWARDED", "HTTP_X_REAL_IP")


class OnlyNamedProxies:
    """Takes the proxy's words (`X-Forwarded-…`) off every request that doesn't come from a named address."""

    def __init__(self, inner: WSGIApplication, named: tuple[str, ...]) -> None:
        self._inner, self._named = inner, [ip_network(each) for each in named]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        if not self._is_named(environ.get("REMOTE_ADDR", "")):
            for name in [name for name in environ if name.startswith("HTTP_X_FORWARDED_") or name in _SAID_BY_PROXIES]:
                del environ[name]
        return self._inner(environ, start_response)

    def _is_named(self, address: str) -> bool:
        try:
            caller = ip_address(address)
        except ValueError:
            return False
        return any(caller in network for network in self._named)
