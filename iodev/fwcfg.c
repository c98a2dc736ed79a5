/*
 * fwcfg.c - configuration items for the firmware (the fw_cfg interface).
 *
 * Ports: 510h selector (16 bits), 511h data, 514h DMA address (big-endian,
 * high half first; writing 518h starts). Interface as SeaBIOS, OVMF and
 * Linux use it (their documentation calls it fw_cfg).
 * Departures: items are read-only; a DMA request that runs more than 16 MiB
 * beyond the end of its item stops with the error bit.
 */
#include "iodev/fwcfg.h"
#include "core/hash.h"
#include "memory/phys.h"

#include <stdlib.h>

enum {
    ITEMS = 0x20, /* well-known keys */
    LOCALS = 8,   /* architecture-local keys */
    FILES = 64,
    FIRST_FILE = 0x20,
    NAME_BYTES = 56,
    DIR_ENTRY = 64,
    KEY_MASK = 0x3fff, /* bit 14: write channel */
    KEY_ARCH = FWCFG_ARCH_LOCAL,
    ID_TRADITIONAL = 1,
    ID_DMA = 2,
    DMA_ERROR = 1,
    DMA_READ = 2,
    DMA_SKIP = 4,
    DMA_SELECT = 8,
    DMA_WRITE = 16,
    PADDING_MAX = 16 << 20
};

struct item {
    char name[NAME_BYTES];
    uint8_t *data;
    uint32_t len;
};

struct fwcfg {
    struct device dev;

    struct fwcfg_state {
        uint16_t key;
        uint32_t offset;
        uint64_t dma;
    } s;

    /* Configuration: the same in every run with the same options. */
    struct item item[ITEMS], local[LOCALS], file[FILES];
    unsigned files;
};

static struct fwcfg *fwcfg_of(struct device *dev)
{
    return container_of(dev, struct fwcfg, dev);
}

static uint32_t ld_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

static void st_be32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

/* ---- contents ---- */

static bool set_data(struct item *it, const void *data, size_t len)
{
    uint8_t *copy;

    if (len > INT32_MAX || !(copy = malloc(len ? len : 1)))
        return false;
    if (len)
        memcpy(copy, data, len);
    free(it->data);
    it->data = copy;
    it->len = (uint32_t)len;
    return true;
}

bool fwcfg_give_item(struct device *dev, unsigned key, uint8_t *data,
                     size_t len)
{
    struct fwcfg *f = fwcfg_of(dev);

    if (key >= ITEMS || len > INT32_MAX)
        return false;
    free(f->item[key].data);
    f->item[key].data = data;
    f->item[key].len = (uint32_t)len;
    return true;
}

bool fwcfg_add_item(struct device *dev, unsigned key, const void *data,
                    size_t len)
{
    struct fwcfg *f = fwcfg_of(dev);

    if (key >= KEY_ARCH && key < KEY_ARCH + LOCALS)
        return set_data(&f->local[key - KEY_ARCH], data, len);
    return key < ITEMS && set_data(&f->item[key], data, len);
}

uint64_t fwcfg_kernel_hash(struct device *dev, uint64_t seed)
{
    static const uint8_t keys[] = {
        FWCFG_KERNEL_ADDR,  FWCFG_KERNEL_SIZE, FWCFG_KERNEL_ENTRY,
        FWCFG_INITRD_ADDR,  FWCFG_INITRD_SIZE, FWCFG_CMDLINE_ADDR,
        FWCFG_CMDLINE_SIZE, FWCFG_SETUP_ADDR,  FWCFG_SETUP_SIZE,
        FWCFG_KERNEL_DATA,  FWCFG_INITRD_DATA, FWCFG_CMDLINE_DATA,
        FWCFG_SETUP_DATA};
    struct fwcfg *f = fwcfg_of(dev);

    for (size_t n = 0; n < ARRAY_LEN(keys); n++)
        if (f->item[keys[n]].data)
            seed =
                hash_bytes(f->item[keys[n]].data, f->item[keys[n]].len, seed);
    return seed;
}

bool fwcfg_add_int(struct device *dev, unsigned key, uint64_t value,
                   unsigned size)
{
    uint8_t bytes[8];

    st_le64(bytes, value);
    return fwcfg_add_item(dev, key, bytes, size < 8 ? size : 8);
}

/* Count, then for each file size, key, zero, name; big-endian. */
static bool make_directory(struct fwcfg *f)
{
    uint8_t dir[4 + FILES * DIR_ENTRY] = {0};

    st_be32(dir, f->files);
    for (unsigned i = 0; i < f->files; i++) {
        uint8_t *e = dir + 4 + (size_t)i * DIR_ENTRY;

        st_be32(e, f->file[i].len);
        st_be32(e + 4, (FIRST_FILE + i) << 16);
        memcpy(e + 8, f->file[i].name, NAME_BYTES);
    }
    return set_data(&f->item[FWCFG_FILE_DIR], dir,
                    4 + (size_t)f->files * DIR_ENTRY);
}

bool fwcfg_add_file(struct device *dev, const char *name, const void *data,
                    size_t len)
{
    struct fwcfg *f = fwcfg_of(dev);
    unsigned at = 0;

    if (strlen(name) >= NAME_BYTES)
        return false;
    while (at < f->files && strcmp(f->file[at].name, name) < 0)
        at++;
    if (at == f->files || strcmp(f->file[at].name, name) != 0) {
        if (f->files == FILES)
            return false;
        memmove(&f->file[at + 1], &f->file[at],
                (f->files - at) * sizeof f->file[0]);
        f->file[at] = (struct item){.data = NULL};
        memcpy(f->file[at].name, name, strlen(name));
        f->files++;
    }
    return set_data(&f->file[at], data, len) && make_directory(f);
}

static const struct item *current(const struct fwcfg *f)
{
    unsigned key = f->s.key & KEY_MASK;

    if (f->s.key & KEY_ARCH)
        return key < LOCALS ? &f->local[key] : NULL;
    if (key < ITEMS)
        return &f->item[key];
    return key - FIRST_FILE < f->files ? &f->file[key - FIRST_FILE] : NULL;
}

static void select_key(struct fwcfg *f, uint16_t key)
{
    f->s.key = key;
    f->s.offset = 0;
}

/* Bytes of the item that are left, at most n. */
static uint32_t available(const struct fwcfg *f, uint32_t n)
{
    const struct item *it = current(f);
    uint32_t len = it ? it->len : 0;
    uint32_t left = f->s.offset < len ? len - f->s.offset : 0;

    return left < n ? left : n;
}

/* ---- DMA ---- */

static void pad(struct fwcfg *f, uint64_t addr, uint32_t n)
{
    static const uint8_t zero[PAGE_SIZE];

    for (uint32_t done = 0; done < n;) {
        uint32_t part = n - done < PAGE_SIZE ? n - done : PAGE_SIZE;

        phys_write(f->dev.sv->phys, addr + done, zero, part);
        done += part;
    }
}

static void skip(struct fwcfg *f, uint32_t n)
{
    f->s.offset = n > UINT32_MAX - f->s.offset ? UINT32_MAX : f->s.offset + n;
}

/* True unless the request is refused. */
static bool run_request(struct fwcfg *f, uint32_t control, uint32_t len,
                        uint64_t addr)
{
    uint32_t n;

    if (control & DMA_SELECT)
        select_key(f, (uint16_t)(control >> 16));
    if (control & DMA_READ) {
        n = available(f, len);
        if (len - n > PADDING_MAX)
            return false;
        if (n)
            phys_write(f->dev.sv->phys, addr, current(f)->data + f->s.offset,
                       n);
        pad(f, addr + n, len - n);
        skip(f, len);
    } else if (control & DMA_WRITE) {
        return false;
    } else if (control & DMA_SKIP) {
        skip(f, len);
    }
    return true;
}

static void start_dma(struct fwcfg *f)
{
    uint8_t request[16];
    uint32_t control;
    bool good;

    phys_read(f->dev.sv->phys, f->s.dma, request, sizeof request);
    control = ld_be32(request);
    good = run_request(f, control, ld_be32(request + 4),
                       (uint64_t)ld_be32(request + 8) << 32 |
                           ld_be32(request + 12));
    if (!good)
        log_error(&f->dev.log, "DMA request refused, control %08x", control);
    st_be32(request, good ? 0 : DMA_ERROR);
    phys_write(f->dev.sv->phys, f->s.dma, request, 4);
    f->s.dma = 0;
}

/* ---- ports ---- */

static void select_write(struct device *dev, uint16_t port, uint32_t value,
                         unsigned size)
{
    (void)port;
    (void)size;
    select_key(fwcfg_of(dev), (uint16_t)value);
}

static uint32_t data_read(struct device *dev, uint16_t port, unsigned size)
{
    struct fwcfg *f = fwcfg_of(dev);
    uint8_t v = 0;

    (void)port;
    (void)size;
    if (available(f, 1))
        v = current(f)->data[f->s.offset];
    skip(f, 1);
    return v;
}

/* Reads as "QEMU CFG" where DMA is offered. */
static uint32_t dma_read(struct device *dev, uint16_t port, unsigned size)
{
    static const uint8_t text[12] = "QEMU CFG";

    (void)dev;
    (void)size; /* the bus cuts the value */
    return ld_le32(text + (port & 3) + (port >= 0x518 ? 4 : 0));
}

static void dma_write(struct device *dev, uint16_t port, uint32_t value,
                      unsigned size)
{
    struct fwcfg *f = fwcfg_of(dev);
    uint8_t bytes[4];

    (void)size;
    st_le32(bytes, value);
    if (port == 0x514) {
        f->s.dma = (uint64_t)ld_be32(bytes) << 32;
    } else {
        f->s.dma = (f->s.dma & ~(uint64_t)UINT32_MAX) | ld_be32(bytes);
        start_dma(f);
    }
}

/* ---- class ---- */

static bool fwcfg_init(struct device *dev, struct error *err)
{
    struct fwcfg *f = fwcfg_of(dev);
    uint8_t id[4] = {ID_TRADITIONAL | ID_DMA, 0, 0, 0};

    if (fwcfg_add_item(dev, FWCFG_SIGNATURE, "QEMU", 4) &&
        fwcfg_add_item(dev, FWCFG_ID, id, sizeof id) && make_directory(f))
        return true;
    return error_set(err, EXIT_INTERNAL, "out of memory");
}

static void fwcfg_reset(struct device *dev, enum reset_kind kind)
{
    (void)kind;
    fwcfg_of(dev)->s = (struct fwcfg_state){.key = 0};
}

static void fwcfg_info(struct device *dev, struct out *out)
{
    const struct fwcfg *f = fwcfg_of(dev);

    for (unsigned i = 0; i < f->files; i++)
        out_printf(out, "%02x %8u %s\n", FIRST_FILE + i, f->file[i].len,
                   f->file[i].name);
}

static void fwcfg_destroy(struct device *dev)
{
    struct fwcfg *f = fwcfg_of(dev);

    for (unsigned i = 0; i < ITEMS; i++)
        free(f->item[i].data);
    for (unsigned i = 0; i < LOCALS; i++)
        free(f->local[i].data);
    for (unsigned i = 0; i < f->files; i++)
        free(f->file[i].data);
}

static const struct field fwcfg_fields[] = {
    FIELD(struct fwcfg_state, key, "selected item"),
    FIELD(struct fwcfg_state, offset, "next byte of it"),
    FIELD(struct fwcfg_state, dma, "address of the DMA request"),
    FIELD_END,
};

static const struct port_range fwcfg_ports[] = {
    {0x510, 1, IO8 | IO16, NULL, select_write, "item selector"},
    {0x511, 1, IO8, data_read, NULL, "item data"},
    {0x514, 4, IO32, dma_read, dma_write, "DMA address, high"},
    {0x518, 4, IO32, dma_read, dma_write, "DMA address, low"},
    {.count = 0},
};

const struct device_class fwcfg_class = {
    .name = "fwcfg",
    .summary = "configuration items for the firmware",
    DEVICE_STATE(struct fwcfg, s),
    .state_version = 1,
    .fields = fwcfg_fields,
    .ports = fwcfg_ports,
    .init = fwcfg_init,
    .reset = fwcfg_reset,
    .info = fwcfg_info,
    .destroy = fwcfg_destroy,
};
