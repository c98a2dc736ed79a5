#!/usr/bin/env python3
"""pixels.py - does a screen show a picture?

pixels.py SCREEN PICTURE.png X Y ZOOM [ZOOM-DOWN]
pixels.py OTHER.png|OTHER.ppm PICTURE.png

SCREEN is the frame buffer file of Xvfb (-fbdir), in the form of xwd. Exit
status 0 if the picture, each pixel ZOOM times as wide and high, stands at X,
Y of the screen; else what differs is printed. Two files must be equal.
"""
import struct
import sys
import zlib


def read_png(path):
    """Width, height, rows of (r, g, b)."""
    data = open(path, "rb").read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path
    at, packed, width, height, kind = 8, b"", 0, 0, 0
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if name == b"IHDR":
            width, height, depth, kind = struct.unpack(">IIBB", body[:10])
            assert depth == 8 and kind in (2, 6), "only true colour"
        elif name == b"IDAT":
            packed += body
        at += 12 + length
    raw, size = zlib.decompress(packed), 3 if kind == 2 else 4
    stride, rows, before = width * size, [], bytes(width * size)
    for y in range(height):
        rule = raw[y * (stride + 1)]
        line = bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride if rule else 0):
            left = line[i - size] if i >= size else 0
            up, corner = before[i], before[i - size] if i >= size else 0
            if rule == 4:
                p = left + up - corner
                near = min((abs(p - left), 0, left), (abs(p - up), 1, up),
                           (abs(p - corner), 2, corner))[2]
            else:
                near = (0, left, up, (left + up) // 2)[rule]
            line[i] = (line[i] + near) & 255
        before = bytes(line)
        rows.append([tuple(line[i:i + 3]) for i in range(0, stride, size)])
    return width, height, rows


def read_ppm(path):
    data = open(path, "rb").read()
    _, size, _, body = data.split(b"\n", 3)
    width, height = (int(v) for v in size.split())
    pixels = list(zip(body[0::3], body[1::3], body[2::3]))
    return width, height, [pixels[y * width:(y + 1) * width]
                           for y in range(height)]


def read_xwd(path):
    """A function that gives the pixel at x, y."""
    data = open(path, "rb").read()
    head = struct.unpack(">25I", data[:100])
    size, width, height, order = head[0], head[4], head[5], head[7]
    stride, start = head[12], head[0] + 12 * head[19]
    assert head[11] == 32 and size >= 100, "only 32 bits a pixel"

    def pixel(x, y):
        if not (0 <= x < width and 0 <= y < height):
            return None
        at = start + y * stride + 4 * x
        value, = struct.unpack("<I" if order == 0 else ">I", data[at:at + 4])
        return (value >> 16 & 255, value >> 8 & 255, value & 255)
    return pixel


def main():
    width, height, rows = read_png(sys.argv[2])
    if len(sys.argv) == 3:
        read = read_ppm if sys.argv[1].endswith(".ppm") else read_png
        other = read(sys.argv[1])
        if other == (width, height, rows):
            return 0
        bad = [(x, y) for y in range(min(height, other[1]))
               for x in range(min(width, other[0]))
               if rows[y][x] != other[2][y][x]]
        print(f"{other[0]}x{other[1]}, not {width}x{height};", len(bad),
              "pixels differ, first", bad[:1])
        return 1
    pixel = read_xwd(sys.argv[1])
    x0, y0, zoom = (int(v) for v in sys.argv[3:6])
    down = int(sys.argv[6]) if len(sys.argv) > 6 else zoom
    for y in range(height * down):
        for x in range(width * zoom):
            want = rows[y // down][x // zoom]
            if pixel(x0 + x, y0 + y) != want:
                print(f"{width}x{height}: at {x},{y} is",
                      pixel(x0 + x, y0 + y), "not", want)
                return 1
    return 0


sys.exit(main())
