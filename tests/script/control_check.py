"""control_check.py - the control socket, through tools/klochs.py.

Argument: the image of tricks.S. Status 0 if everything is as it should be.
"""

import json
import os
import socket
import struct
import subprocess
import sys
import time
import zlib

import klochs


def read_png(path):
    """Width, height, rows of 3 bytes a pixel; of our own files only."""
    with open(path, "rb") as f:
        data = f.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        crc, = struct.unpack(">I", data[at + 8 + length:at + 12 + length])
        assert crc == zlib.crc32(kind + body)
        if kind == b"IHDR":
            width, height = struct.unpack(">II", body[:8])
        if kind == b"IDAT":
            packed += body
        at += 12 + length
    raw = zlib.decompress(packed)
    step = 1 + 3 * width
    return width, height, [raw[y * step + 1:(y + 1) * step]
                           for y in range(height)]


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def write_png(path, width, height, rows):
    """With every filter and the codes that zlib chooses, in two IDATs."""
    raw, above = b"", bytes(3 * width)
    for y, row in enumerate(rows):
        line = bytearray([y % 5])
        for x, value in enumerate(row):
            a = row[x - 3] if x >= 3 else 0
            c = above[x - 3] if x >= 3 else 0
            guess = (0, a, above[x], (a + above[x]) // 2,
                     paeth(a, above[x], c))[y % 5]
            line.append((value - guess) & 255)
        raw += line
        above = row
    packed = zlib.compress(raw, 9)
    half = len(packed) // 2
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n")
        for kind, body in ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8,
                                                 2, 0, 0, 0)),
                           (b"IDAT", packed[:half]), (b"IDAT", packed[half:]),
                           (b"IEND", b"")):
            f.write(struct.pack(">I4s", len(body), kind) + body)
            f.write(struct.pack(">I", zlib.crc32(kind + body)))


def expect_failure(status, verb, *args):
    try:
        verb(*args)
    except klochs.Failure as failure:
        assert failure.status == status, failure.event
        return failure.event["error"]
    raise AssertionError(f"{verb.__name__} did not fail")


def pictures(pc):
    pc.type("5")
    first = pc.wait_picture("cdc9cc874fb565c2")
    assert (first["width"], first["height"]) == (320, 200)
    pc.screenshot("shot.png")
    width, height, rows = read_png("shot.png")
    assert (width, height) == (320, 200)
    write_png("other.png", width, height, rows)
    pc.picture("other.png")
    rows[100] = bytes([rows[100][0] ^ 1]) + rows[100][1:]
    write_png("wrong.png", width, height, rows)
    error = expect_failure(1, pc.picture, "wrong.png")
    assert error.startswith("1 of 320 x 200 pixels"), error


def through_module(image):
    with klochs.Machine(image, "debug_exit: port=0xf4",
                        options=["--events", "events"]) as pc:
        found = pc.wait_serial("TRICKS: (ready|never)")
        assert found["text"] == "TRICKS: ready" and found["ok"]
        pc.wait_screen("TRICKS: ready")
        assert "TRICKS: ready" in pc.screen()["screen"].splitlines()
        expect_failure(64, pc.no_such_verb)
        expect_failure(64, pc.type, "<nokey>")
        expect_failure(1, pc.wait_serial, "quote \" and \u2500 \\\\ \t", "1M")
        pictures(pc)
        pc.type("q")
        assert pc.wait_stop(7)["why"]
        pc.quit()
        assert pc.close() == 0
    with open("events", encoding="utf-8") as f:
        events = [json.loads(line) for line in f]
    ticks = [event["tick"] for event in events]
    assert ticks == sorted(ticks) and len(events) > 12
    return events


def by_hand(image):
    """Bad requests are answered; two requests may come at once."""
    process = subprocess.Popen(
        [os.environ["KLOCHS"], "test", "--control", "sock", image])
    for _ in range(500):
        if os.path.exists("sock"):
            break
        time.sleep(0.02)
    # A client that goes is followed by the next; `quit` ends the program.
    for last in (False, True):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect("sock")
            s.sendall(b'nonsense\n{"verb":"note"}\n'
                      b'{"verb":"note","args":["\\u00e9\\n\\ud83d\\ude00"],'
                      b'"id":"x"}\n')
            if last:
                s.sendall(b'{"verb":"quit"}\n')
            answers = [json.loads(line) for _, line in
                       zip(range(4 if last else 3), s.makefile("rb"))]
        assert [a["ok"] for a in answers[:3]] == [False, False, True], answers
        assert answers[0]["status"] == answers[1]["status"] == 64
        assert answers[2]["args"] == ["\u00e9\n\U0001f600"], answers
        assert answers[2]["id"] == "x"
    assert process.wait(10) == 0
    assert not os.path.exists("sock")


def main():
    image = sys.argv[1]
    first, second = through_module(image), through_module(image)
    assert first == second, "two runs differ"
    by_hand(image)


main()
