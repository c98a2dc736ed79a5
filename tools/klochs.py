"""klochs.py - drives a Klochs machine from Python; standard library only.

    import klochs
    with klochs.Machine("memory: guest=32", "grub-menu.iso") as pc:
        pc.wait_screen("GNU GRUB")
        pc.type("<down><down>\\n")
        print(pc.wait_serial("third entry")["text"])
        pc.screenshot("menu.png")

Every verb of `klochs test --verbs` is a method, with `_` for `-`; arguments
are turned into text. A method returns the event as a dictionary ("tick",
"ok", what the verb found) and raises Failure when the verb failed. The guest
runs only while a verb lets it, so that a program that says the same verbs
gets the same events.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time


class Failure(Exception):
    """A verb failed: event has its "status" (1: a wait or check), "error"."""

    def __init__(self, event):
        super().__init__(f"{event.get('event', 'request')}: {event['error']}")
        self.event = event
        self.status = event["status"]


class Machine:
    """A machine of its own process. Arguments are those of klochs: images,
    options, directives. program: default $KLOCHS, else klochs in the path.
    options: for `klochs test`, such as ["--events", "log", "--out", "shots"].
    """

    def __init__(self, *arguments, program=None, options=(), patience=30):
        program = program or os.environ.get("KLOCHS", "klochs")
        self._folder = tempfile.mkdtemp(prefix="klochs.")
        path = os.path.join(self._folder, "control")
        self._process = self._file = self._socket = None
        self._count = 0
        try:
            self._process = subprocess.Popen(
                [program, "test", *options, "--once", "--control", path,
                 *map(str, arguments)], stdin=subprocess.DEVNULL)
            self._socket = self._connect(path, patience)
            self._file = self._socket.makefile("r", encoding="utf-8")
        except BaseException:
            self.close()
            raise

    def _connect(self, path, patience):
        end = time.monotonic() + patience
        while True:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(path)
                return connection
            except OSError:
                connection.close()
                if self._process.poll() is not None:
                    raise RuntimeError("klochs ended with status "
                                       f"{self._process.returncode}") from None
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def do(self, verb, *args):
        """Says a verb and returns its event, whatever came of it."""
        self._count += 1
        request = {"id": self._count, "verb": verb,
                   "args": [str(a) for a in args]}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        line = self._file.readline()
        if not line:
            raise RuntimeError("klochs has gone")
        return json.loads(line)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        verb = name.replace("_", "-")

        def say(*args):
            event = self.do(verb, *args)
            if not event["ok"]:
                raise Failure(event)
            return event

        say.__name__ = name
        return say

    def close(self):
        """Ends the machine; returns the status of klochs."""
        for thing in (self._file, self._socket):
            if thing:
                thing.close()
        self._file = self._socket = None
        status = None
        if self._process:
            try:
                status = self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.terminate()
                status = self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
