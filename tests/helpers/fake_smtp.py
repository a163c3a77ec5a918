"""A mail server for tests: takes one mail after another over plain SMTP, refuses whom it is told to refuse."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class FakeSmtp:
    """`refuse`: address → (code, words) at RCPT TO; `mails`: what arrived."""

    refuse: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    url: str = ""


@contextmanager
def mail_server(smtp: FakeSmtp) -> Iterator[FakeSmtp]:
    """The server on a port of its own."""

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 fake")
            while line := self.rfile.readline().decode().strip():
                word = line.split(" ")[0].upper()
                if word == "RCPT":
                    address = line.partition("<")[2].partition(">")[0]
                    self.say(smtp.refuse.get(address, "250 ok"))
                elif word == "DATA":
                    self.say("354 go on")
                    body = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        body += part
                    mail = message_from_bytes(body, policy=policy.default)
                    assert isinstance(mail, EmailMessage)
                    smtp.mails.append(mail)
                    self.say("250 taken")
                elif word == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    smtp.url = f"smtp://127.0.0.1:{server.server_address[1]}"
    try:
        yield smtp
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
