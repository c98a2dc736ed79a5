/*
 * sniff.c - what kind of image a file is, by its contents.
 *
 * ISO 9660: "CD001" at byte 32769 (ECMA-119 8.4.2); raw CD sectors of 2352
 * bytes begin with a sync pattern and hold the same 16 or 24 bytes on.
 */
#include "machine/sniff.h"
#include "machine/kernel.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_BYTES = 40960 };

struct head {
    uint8_t bytes[HEAD_BYTES];
    size_t len;
    uint64_t size; /* of the file or device */
};

static const struct {
    uint32_t bytes;
    const char *key;
} floppies[] = {
    {2949120, "2_88"}, {1474560, "1_44"}, {1720320, "1_44"}, {1763328, "1_44"},
    {1884160, "1_44"}, {1228800, "1_2"},  {737280, "720k"},  {368640, "360k"},
    {327680, "320k"},  {184320, "180k"},  {163840, "160k"},
};

const char *sniff_floppy_key(uint64_t bytes)
{
    for (size_t n = 0; n < ARRAY_LEN(floppies); n++)
        if (floppies[n].bytes == bytes)
            return floppies[n].key;
    return NULL;
}

static bool has(const struct head *h, size_t at, const char *magic, size_t n)
{
    return h->len >= at + n && !memcmp(h->bytes + at, magic, n);
}

static bool is_cdrom(const struct head *h)
{
    static const char sync[13] = "\0\377\377\377\377\377\377\377\377\377\377";

    return has(h, 0x8001, "CD001", 5) ||
           (has(h, 0, sync, 12) && (has(h, 16 * 2352 + 17, "CD001", 5) ||
                                    has(h, 16 * 2352 + 25, "CD001", 5)));
}

struct foreign {
    size_t at;
    const char *magic;
    const char *what, *advice;
};

/* Things that people give to emulators and that are no sectors. */
static const struct foreign foreigners[] = {
    {0, "QFI\xfb", "a qcow2 image",
     "convert it: qemu-img convert -O raw FROM TO"},
    {0, "KDMV", "a VMDK image", "convert it: qemu-img convert -O raw FROM TO"},
    {0, "# Disk DescriptorFile", "a VMDK description",
     "convert it: qemu-img convert -O raw FROM TO"},
    {0, "conectix", "a VHD image",
     "convert it: qemu-img convert -O raw FROM TO"},
    {0, "vhdxfile", "a VHDX image",
     "convert it: qemu-img convert -O raw FROM TO"},
    {0x40, "\x7f\x10\xda\xbe", "a VDI image",
     "convert it: qemu-img convert -O raw FROM TO"},
    {0, "Bochs Virtual HD Image", "a Bochs growing, sparse or redolog image",
     "convert it with bximage to a flat one"},
    {0, "\x1f\x8b", "compressed", "unpack it with gunzip"},
    {0, "BZh", "compressed", "unpack it with bunzip2"},
    {0,
     "\xfd"
     "7zXZ",
     "compressed", "unpack it with unxz"},
    {0, "(\xb5/\xfd", "compressed", "unpack it with unzstd"},
    {0, "PK\3\4", "a ZIP archive", "unpack it with unzip"},
};

static bool refuse_if(const struct head *h, const struct foreign *f,
                      const char *path, struct error *err)
{
    if (!has(h, f->at, f->magic, strlen(f->magic)))
        return true;
    return error_set(err, EXIT_BAD_DATA, "'%s' is %s; %s", path, f->what,
                     f->advice);
}

static bool refuse_foreign(const struct head *h, const char *path,
                           struct error *err)
{
    for (size_t n = 0; n < ARRAY_LEN(foreigners); n++)
        if (!refuse_if(h, &foreigners[n], path, err))
            return false;
    return true;
}

static bool is_text(const struct head *h)
{
    for (size_t n = 0; n < h->len; n++)
        if (!h->bytes[n] || (h->bytes[n] < ' ' && h->bytes[n] != '\n' &&
                             h->bytes[n] != '\r' && h->bytes[n] != '\t'))
            return false;
    return h->len != 0;
}

static bool judge(const struct head *h, const char *path, enum image_kind *kind,
                  struct error *err)
{
    if (!h->size)
        return error_set(err, EXIT_BAD_DATA, "'%s' is empty", path);
    if (is_cdrom(h)) {
        *kind = IMAGE_CDROM;
        return true;
    }
    if (!refuse_foreign(h, path, err))
        return false;
    if (kernel_is_elf(h->bytes, h->len)) {
        *kind = IMAGE_KERNEL;
        return true;
    }
    if (sniff_floppy_key(h->size)) {
        *kind = IMAGE_FLOPPY;
        return true;
    }
    /* After the floppies: old kernels and memtest86+ have a boot sector. */
    if (kernel_is_linux(h->bytes, h->len) ||
        kernel_is_plain_multiboot(h->bytes, h->len)) {
        *kind = IMAGE_KERNEL;
        return true;
    }
    if (is_text(h))
        return error_set(err, EXIT_BAD_DATA,
                         "'%s' is a text, no image; a configuration file is "
                         "given with -f",
                         path);
    *kind = IMAGE_DISK;
    return true;
}

static bool fill(struct head *h, int fd)
{
    off_t end = lseek(fd, 0, SEEK_END);

    if (end < 0)
        return false;
    h->size = (uint64_t)end;
    while (h->len < HEAD_BYTES) {
        ssize_t n =
            pread(fd, h->bytes + h->len, HEAD_BYTES - h->len, (off_t)h->len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (!n)
            break;
        h->len += (size_t)n;
    }
    return true;
}

bool sniff_image(const char *path, enum image_kind *kind, struct error *err)
{
    struct head h = {.len = 0};
    struct stat st;
    bool ok;
    /* Nothing here may wait, not even for the writer of a named pipe. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return error_set(err, EXIT_NO_OPEN, "cannot open '%s': %s", path,
                         strerror(errno));
    if (fstat(fd, &st) || !(S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)))
        ok = error_set(err, EXIT_BAD_DATA,
                       "'%s' is neither a file nor a disk device", path);
    else if (!fill(&h, fd))
        ok = error_set(err, EXIT_IO, "cannot read '%s': %s", path,
                       strerror(errno));
    else
        ok = judge(&h, path, kind, err);
    close(fd);
    return ok;
}
