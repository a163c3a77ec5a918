"""The port, taken before anything slow begins."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"


def loopback(port: int) -> socket.socket:
    """A socket bound to loopback alone. Raises OSError when the port is taken."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
    except OSError:
        bound.close()
        raise
    return bound
