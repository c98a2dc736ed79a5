/*
 * mkrom - finishes an option ROM: size, checksum.
 *
 * mkrom IN OUT. Pads to a multiple of 2048 bytes with FFh, writes the size into
 * byte 2 and the PCI data structure, and makes the bytes add up to 0 (PCI
 * Firmware Specification 3.0, 5.1). The last byte is the one that is changed.
 * The protected-mode information block of VBE 3.0 has a checksum of its own.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 0x10000, UNIT = 512, STEP = 2048, PM_INFO_BYTES = 20 };

/* 20 bytes that begin with PMID. */
static void sum_pm_info(uint8_t *rom, size_t n)
{
    uint8_t sum = 0;
    size_t at = 0;

    while (at + PM_INFO_BYTES <= n && memcmp(rom + at, "PMID", 4) != 0)
        at++;
    if (at + PM_INFO_BYTES > n)
        return;
    rom[at + PM_INFO_BYTES - 1] = 0;
    for (size_t i = 0; i < PM_INFO_BYTES; i++)
        sum = (uint8_t)(sum + rom[at + i]);
    rom[at + PM_INFO_BYTES - 1] = (uint8_t)-sum;
}

int main(int argc, char **argv)
{
    static uint8_t rom[MAX_BYTES + 1];
    FILE *f = argc == 3 ? fopen(argv[1], "rb") : NULL;
    size_t n, size, pcir;
    uint8_t sum = 0;

    if (!f) {
        fprintf(stderr, "usage: mkrom IN OUT\n");
        return 64;
    }
    memset(rom, 0xff, sizeof rom);
    n = fread(rom, 1, sizeof rom, f);
    fclose(f);
    size = (n + 1 + STEP - 1) / STEP * STEP;
    if (n < 0x40 || size > MAX_BYTES || rom[0] != 0x55 || rom[1] != 0xaa) {
        fprintf(stderr, "mkrom: %s is no option ROM\n", argv[1]);
        return 65;
    }
    rom[2] = (uint8_t)(size / UNIT);
    pcir = (size_t)(rom[0x18] | rom[0x19] << 8);
    if (pcir + 24 <= n && !memcmp(rom + pcir, "PCIR", 4)) {
        rom[pcir + 0x10] = (uint8_t)(size / UNIT);
        rom[pcir + 0x11] = 0;
    }
    sum_pm_info(rom, n);
    rom[size - 1] = 0;
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + rom[i]);
    rom[size - 1] = (uint8_t)-sum;
    f = fopen(argv[2], "wb");
    if (!f || fwrite(rom, 1, size, f) != size || fclose(f)) {
        perror(argv[2]);
        return 74;
    }
    return 0;
}
