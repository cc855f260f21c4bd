"""Whose address a request comes from, where a proxy on this machine speaks TLS for us."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Request

_Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def init_app(app: Flask, trusted: frozenset[str]) -> None:
    """Believe `X-Forwarded-For` of proxies at the addresses `trusted` (`*`: of any), and of nobody else.

    Without it everyone behind the proxy would share one address, and one throttle of failed sign-ins.
    Whether the request came over HTTPS is gunicorn's to say, from the same setting.
    """
    plain: _Wsgi = app.wsgi_app
    fixed: _Wsgi = ProxyFix(plain, x_for=1, x_proto=0)

    def choose(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        is_trusted = "*" in trusted or Request(environ).remote_addr in trusted
        return (fixed if is_trusted else plain)(environ, start_response)

    app.wsgi_app = choose  # type: ignore[method-assign]
