"""The pipe between a trial and its supervisor: whatever a trial does to open files."""

import json
import os

import pytest

from snaketune.running.pipe import Garbled, Pipe

MESSAGES = [("report", {"epoch": 1, "loss": 0.1}), ("outcome", {"text": "ü\n\udc80" * 100_000})]


@pytest.mark.parametrize("proc", ["there", "hidden"])
def test_messages_arrive_as_they_were_however_large(proc):
    pipe = Pipe()
    if proc == "hidden":
        pipe._place = "/no/such/place"
    pid = os.fork()
    if pid == 0:
        sender = pipe.sender()
        for kind, content in MESSAGES:
            sender.send(kind, content)
        os._exit(0)
    found = []
    while len(found) < len(MESSAGES):
        found += pipe.receive()
    os.waitpid(pid, 0)
    pipe.close()
    assert found == MESSAGES


def test_a_receiver_never_waits():
    """Not for a message, nor for the rest of one."""
    pipe = Pipe()
    assert pipe.receive() == []
    line = json.dumps(MESSAGES[0]).encode() + b"\n"
    for byte in line[:-1]:
        os.write(pipe._write, bytes([byte]))
        assert pipe.receive() == []
    os.write(pipe._write, b"\n" + line)
    assert pipe.receive() == [MESSAGES[0]] * 2
    pipe.close()


@pytest.mark.parametrize(
    "content", [b"hello\n", b"\x80\x00\n", b"\n", b"[]\n", b"3\n", b'["report"]\n', b"[1, 2]\n"]
)
def test_what_is_no_message_says_what_it_is(content):
    pipe = Pipe()
    os.write(pipe._write, content)
    with pytest.raises(Garbled):
        pipe.receive()
    pipe.close()
