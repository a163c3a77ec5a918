"""The sockets that `anze serve` listens on."""

import asyncio
import socket

import pytest

from anze.serve.run import CannotStartError, listen


async def test_an_answer_does_not_wait_for_the_acknowledgement_of_the_one_before() -> None:
    """With Nagle's algorithm on, every answer took 40 ms more: asyncio turns it off for named protocols only."""
    accepted: asyncio.Queue[bool] = asyncio.Queue()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        accepted.put_nowait(bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
        writer.close()

    with listen("127.0.0.1", 0) as listening:
        server = await asyncio.start_server(serve, sock=listening)
        async with server:
            _, writer = await asyncio.open_connection(*listening.getsockname())
            async with asyncio.timeout(5):
                assert await accepted.get()
            writer.close()


def test_a_taken_port_is_refused_in_words() -> None:
    with listen("127.0.0.1", 0) as first:
        first.listen()
        with pytest.raises(CannotStartError, match=str(first.getsockname()[1])):
            listen("127.0.0.1", first.getsockname()[1])
