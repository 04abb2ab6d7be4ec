"""What every answer carries: a strict content policy, and no trace in caches."""

import secrets

from flask import Flask, Response, g, request

from app.web.parts import parts

PUBLIC_FILES = "static"


def csp_nonce() -> str:
    """Give this answer's nonce: only the import map and our own entry carry it."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def content_policy() -> str:
    """Write the content policy: nothing from anywhere but ourselves and the storage."""
    storage = parts().storage_origin
    own = f"'self' {storage}" if storage else "'self'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{csp_nonce()}' 'strict-dynamic'",
            "style-src 'self'",
            "font-src 'self'",
            f"img-src {own} data:",
            f"media-src {own} blob:",
            f"connect-src {own}",
            "worker-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def add(response: Response) -> Response:
    """Add the headers; only files that are the same for everybody may be kept by a browser."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", content_policy())
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    if parts().secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != PUBLIC_FILES:
        headers["Cache-Control"] = "no-store"
    return response


def install(app: Flask) -> None:
    """Add the headers to every answer of the application."""
    app.after_request(add)
