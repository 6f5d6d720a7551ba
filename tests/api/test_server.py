import socket

from core.api.server import answer_at_once


def test_what_a_listening_socket_accepts_answers_at_once() -> None:
    """Of a socket as Streamlit makes it, which names no protocol: asyncio then leaves Nagle's
    algorithm on.
    """
    with socket.socket() as listening:
        assert listening.proto == 0
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        answer_at_once()
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
