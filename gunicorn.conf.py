"""How gunicorn serves the app; read by it from the project's root. `HOST` and `PORT` say where."""

import os
import socket
from typing import Any

bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
preload_app = True
control_socket_disable = True

# SQLite lets one writer in at a time: two plain workers keep reading while one writes. PostgreSQL takes many.
workers = 2
if os.environ.get("DATABASE_URL", "").startswith("postgres"):
    worker_class = "gthread"
    threads = 8

# A push of a full day's work is judged in one request.
timeout = 60
# Trust X-Forwarded-Proto only from a proxy on this machine (gunicorn's default, said aloud).
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")


def when_ready(server: Any) -> None:
    """Print the address once connections are taken.

    Browsers open spare connections and say nothing on them for a while; each would hold up a plain worker, so
    Linux is asked to hand a connection over only when its request comes.
    """
    if hasattr(socket, "TCP_DEFER_ACCEPT"):
        for listener in server.LISTENERS:
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 30)
    print(f"Từng Nhà: http://{bind}", flush=True)
