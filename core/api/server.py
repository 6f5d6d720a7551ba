"""What the server does when it starts."""

import os
import socket

import psutil


def answer_at_once() -> None:
    """Set TCP_NODELAY on the sockets that this process listens on, and so on all that they accept.

    Without it the second half of each answer waits 40 ms for the client to acknowledge the first
    (Nagle's algorithm against delayed acknowledgements). asyncio sets it on sockets that name TCP
    as their protocol; Streamlit makes its own without a name.
    """
    for connection in psutil.Process().net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.fd >= 0:
            with socket.socket(fileno=os.dup(connection.fd)) as listening:
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
