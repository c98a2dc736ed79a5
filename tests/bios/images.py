#!/usr/bin/env python3
"""images.py - what the programs of the BIOS tests find in their drives.

images.py disk FILE            20/16/63, sectors begin with their number
images.py cd FILE DISK BOOT    El Torito: DISK emulated, BOOT on a floppy
images.py rom FILE CODE        an option ROM, its last byte makes the sum 0
"""
import struct
import sys

BLOCK = 2048
CATALOGUE, DISK, FLOPPY = 19, 20, 400


def numbered(count):
    return b"".join(struct.pack("<I", n) + bytes(508) for n in range(count))


def catalogue():
    head = struct.pack("<BBH24sHH", 1, 0, 0, b"test", 0, 0xAA55)
    total = sum(struct.unpack("<16H", head)) & 0xFFFF
    head = struct.pack("<BBH24sHH", 1, 0, 0, b"test", -total & 0xFFFF, 0xAA55)
    entry = struct.pack("<BBHBBHI20x", 0x88, 4, 0, 0x83, 0, 1, DISK)
    return head + entry


def cd(disk, boot):
    image = bytearray((FLOPPY + 720) * BLOCK)

    def put(block, data):
        image[block * BLOCK:block * BLOCK + len(data)] = data

    put(16, b"\x01CD001\x01")
    put(17, b"\x00CD001\x01" + b"EL TORITO SPECIFICATION".ljust(64, b"\0") +
        struct.pack("<I", CATALOGUE))
    put(18, b"\xffCD001\x01")
    put(CATALOGUE, catalogue())
    put(DISK, disk.ljust(720 * 512, b"\0"))
    put(FLOPPY, boot[:512] + numbered(2880)[512:])
    return image


def rom(code):
    return code[:-1] + bytes([-sum(code[:-1]) & 0xFF])


def main(kind, to, *names):
    sources = [open(name, "rb").read() for name in names]
    make = {"disk": lambda: numbered(20160), "cd": cd, "rom": rom}[kind]
    with open(to, "wb") as f:
        f.write(make(*sources))


main(*sys.argv[1:])
