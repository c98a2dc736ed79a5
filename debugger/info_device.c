/*
 * info_device.c - `info device` for the chips whose text Bochs has, in its
 * words, made from our tables of fields.
 *
 * Options stand in one string, separated by commas, as there. A chip's name
 * of ours (pic0, i440fx), or the option "fields", shows our fields instead.
 */
#include "debugger/values.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct view {
    const char *name;  /* Bochs's */
    const char *id;    /* ours */
    const char *title; /* first line */
    /* False: an option is unknown to it. */
    void (*print)(struct debugger *d, struct device *dev, const char *option);
};

#define V(...)    value_of(dev, __VA_ARGS__)
#define BIT(v, n) ((unsigned)((v) >> (n)) & 1)

static void unknown(struct debugger *d, const char *option)
{
    say(d, "\nUnknown option: '%s'\n", option);
}

static void dump(struct debugger *d, struct device *dev, const char *field,
                 unsigned n)
{
    for (unsigned at = 0; at < n; at += 16) {
        say(d, "%04x ", at);
        for (unsigned k = at; k < at + 16; k++)
            say(d, " %02x", (unsigned)V("%s[%u]", field, k));
        say(d, "\n");
    }
}

/* What the class itself adds to its fields, "" if nothing; to be freed. */
static char *own_text(struct device *dev)
{
    struct out o;

    out_to_string(&o);
    if (dev && dev->cls->info)
        dev->cls->info(dev, &o);
    return o.text ? o.text : calloc(1, 1);
}

/* ---- pic ---- */

static void one_pic(struct debugger *d, const char *which, struct device *dev)
{
    unsigned level = (unsigned)V("level_mode"), pins = (unsigned)V("pins");
    unsigned imr = (unsigned)V("imr"), irq = 0;
    unsigned irr = (pins & level) | ((unsigned)V("edges") & ~level);

    if (V("icw1") & 8) /* LTIM: all inputs */
        irr = pins;
    for (unsigned n = 8; n-- > 0;) {
        unsigned l = ((unsigned)V("lowest") + 1 + n) & 7;

        irq = irr & ~imr & 1u << l ? l : irq;
    }
    say(d, "%s IMR = %02x\n", which, imr);
    say(d, "%s ISR = %02x\n", which, (unsigned)V("isr"));
    say(d, "%s IRR = %02x\n", which, irr);
    say(d, "%s IRQ = %02x\n", which, irq);
}

static void print_pic(struct debugger *d, struct device *dev,
                      const char *option)
{
    one_pic(d, "master", dev);
    one_pic(d, "slave", value_device(d, "pic1"));
    if (*option)
        unknown(d, option);
}

/* ---- pit ---- */

#define PIT_HZ 1193180.0f

static unsigned pit_period(struct device *dev, unsigned n)
{
    unsigned cr = (unsigned)V("counters[%u].cr", n);
    bool bcd = V("counters[%u].control", n) & 1;
    unsigned count = cr & 15;

    if (!bcd)
        return cr ? cr : 65536;
    for (unsigned k = 1, ten = 10; k < 4; k++, ten *= 10)
        count += (cr >> 4 * k & 15) * ten;
    return count ? count : 10000;
}

static void pit_line(struct debugger *d, struct device *dev, unsigned n)
{
    say(d, "counter #%u: freq=%.3f", n,
        (double)(PIT_HZ / (float)pit_period(dev, n)));
}

/* CLK pulses until OUT changes. */
static unsigned pit_next(struct device *dev, unsigned n)
{
    unsigned ce = (unsigned)V("counters[%u].ce", n);
    unsigned mode = (unsigned)V("counters[%u].control", n) >> 1 & 7;

    if (!V("counters[%u].loaded", n))
        return 0;
    if (!ce)
        ce = V("counters[%u].control", n) & 1 ? 10000 : 65536;
    if ((mode & 3) == 3)
        return ce / 2;
    return (mode & 3) == 2 && ce > 1 ? ce - 1 : ce;
}

static void pit_counter(struct debugger *d, struct device *dev, unsigned n)
{
    unsigned ce = (unsigned)V("counters[%u].ce", n);

    pit_line(d, dev, n);
    say(d, "\ncount: %u\ncount_binary: 0x%04x\n", ce, ce);
    say(d, "counter GATE: %u\n", (unsigned)V("counters[%u].gate", n));
    say(d, "counter OUT: %u\n", (unsigned)V("counters[%u].out", n));
    say(d, "next_change_time: %u\n", pit_next(dev, n));
}

static void print_pit(struct debugger *d, struct device *dev,
                      const char *option)
{
    struct device *speaker = value_device(d, "speaker");
    unsigned long n;

    say(d, "GATE #2 = %u\n", (unsigned)V("counters[2].gate"));
    say(d, "Speaker = %u\n\n", (unsigned)value_of(speaker, "control") >> 1 & 1);
    if (!*option) {
        for (n = 0; n < 3; n++) {
            pit_line(d, dev, (unsigned)n);
            say(d, ", OUT=%u\n", (unsigned)V("counters[%u].out", (unsigned)n));
        }
        say(d, "\nSupported options:\n"
               "info device 'pit' 'counter=N' - show status of counter N\n");
    } else if (strncmp(option, "counter=", 8) != 0) {
        unknown(d, option);
    } else {
        n = strtoul(option + 8, NULL, 10);
        if (n < 3)
            pit_counter(d, dev, (unsigned)n);
        else
            say(d, "\nInvalid PIT counter number: %lu\n", n);
    }
}

/* ---- dma ---- */

/* Bochs lists the channels that its devices use: the floppy's, and the one
 * between the chips; here those that the guest has set up as well. */
static void print_dma(struct debugger *d, struct device *dev,
                      const char *option)
{
    for (unsigned n = 0; n < 8; n++) {
        unsigned mask = (unsigned)V("chip[%u].mask", n / 4) >> n % 4 & 1;
        unsigned drq = (unsigned)V("dreq") >> n & 1;

        if (n == 4)
            say(d, "DMA channel 4 (cascade)\n");
        else if (n == 2 || !mask || drq)
            say(d, "DMA channel %u (%sactive: DRQ=%u, mask=%u)\n", n,
                drq && !mask ? "" : "not ", drq, mask);
    }
    if (*option)
        unknown(d, option);
}

/* ---- cmos ---- */

static void print_cmos(struct debugger *d, struct device *dev,
                       const char *option)
{
    say(d, "Index register: 0x%02x\n\n", (unsigned)V("index"));
    dump(d, dev, "ram", 128);
    if (*option)
        unknown(d, option);
}

/* ---- pci ---- */

/* dump=full, or the help line on it. True: nothing was asked for. */
static bool config_options(struct debugger *d, struct device *dev,
                           const char *option)
{
    if (!*option)
        return true;
    if (strcmp(option, "dump=full") != 0) {
        unknown(d, option);
        return false;
    }
    say(d, "\nPCI config space\n\n");
    dump(d, dev, "config", 256);
    return false;
}

static void config_help(struct debugger *d, const char *name)
{
    say(d,
        "\nSupported options:\n"
        "info device '%s' 'dump=full' - show PCI config space\n",
        name);
}

static void print_pci(struct debugger *d, struct device *dev,
                      const char *option)
{
    struct device *bus = value_device(d, "pci");

    say(d, "confAddr = 0x%08x\n\n", (unsigned)value_of(bus, "address"));
    if (!config_options(d, dev, option))
        return;
    for (unsigned n = 0x59; n < 0x60; n++)
        say(d, "PAM reg 0x%02x = 0x%02x\n", n, (unsigned)V("config[%u]", n));
    say(d, "SMRAM control = 0x%02x\n", (unsigned)V("config[0x72]"));
    config_help(d, "pci");
}

static void print_isa(struct debugger *d, struct device *dev,
                      const char *option)
{
    struct device *elcr = value_device(d, "elcr");

    say(d, "ELCR1 = 0x%02x\n", (unsigned)value_of(elcr, "level[0]"));
    say(d, "ELCR2 = 0x%02x\n", (unsigned)value_of(elcr, "level[1]"));
    if (!config_options(d, dev, option))
        return;
    for (unsigned n = 0; n < 4; n++) {
        unsigned route = (unsigned)V("config[%u]", 0x60 + n);

        say(d, "PIRQ%c# = 0x%02x", (char)('A' + n), route);
        if (route < 16)
            say(d, " (level=%u)", (unsigned)V("pirq") >> n & 1);
        say(d, "\n");
    }
    config_help(d, "pci2isa");
}

/* ---- ioapic ---- */

static void print_ioapic(struct debugger *d, struct device *dev,
                         const char *option)
{
    for (unsigned n = 0; n < 24; n++) {
        uint32_t low = (uint32_t)V("low[%u]", n);

        say(d,
            "entry[%u]: dest=%02x, masked=%u, trig_mode=%u, remote_irr=%u, "
            "polarity=%u, delivery_status=%u, dest_mode=%u, delivery_mode=%u, "
            "vector=%02x\n",
            n, (unsigned)V("high[%u]", n) >> 24, BIT(low, 16), BIT(low, 15),
            BIT(low, 14), BIT(low, 13), BIT(low, 12), BIT(low, 11),
            low >> 8 & 7, low & 0xff);
    }
    if (*option)
        unknown(d, option);
}

/* ---- vga ---- */

static void vga_misc(struct debugger *d, unsigned misc)
{
    static const char *const clock[] = {" (25Mhz 640 horiz pixel clock)",
                                        " (28Mhz 720 horiz pixel clock)", "",
                                        ""};
    static const char *const lines[] = {"", " (400 lines)", " (350 lines)",
                                        " (480 lines)"};

    say(d, "s.misc_output.color_emulation = %u\n", misc & 1);
    say(d, "s.misc_output.enable_ram = %u\n", BIT(misc, 1));
    say(d, "s.misc_output.clock_select = %u%s\n", misc >> 2 & 3,
        clock[misc >> 2 & 3]);
    say(d, "s.misc_output.select_high_bank = %u\n", BIT(misc, 5));
    say(d, "s.misc_output.horiz_sync_pol = %u\n", BIT(misc, 6));
    say(d, "s.misc_output.vert_sync_pol = %u%s\n", BIT(misc, 7),
        lines[misc >> 6 & 3]);
}

static void print_vga(struct debugger *d, struct device *dev,
                      const char *option)
{
    static const char *const map[] = {"A0000-BFFFF", "A0000-AFFFF",
                                      "B0000-B7FFF", "B8000-BFFFF"};
    struct value_ref v;
    /* The adapter on the PCI bus has it beside the bus's registers. */
    const char *in = value_find(dev, "vga.misc", &v) ? "vga." : "";
    unsigned mode = (unsigned)V("%sgr[5]", in),
             misc = (unsigned)V("%sgr[6]", in);
    unsigned memory = (unsigned)V("%sseq[4]", in),
             ar = (unsigned)V("%sar[16]", in);

    vga_misc(d, (unsigned)V("%smisc", in));
    say(d, "s.graphics_ctrl.odd_even = %u\n", BIT(mode, 4));
    say(d, "s.graphics_ctrl.chain_odd_even = %u\n", BIT(misc, 1));
    say(d, "s.graphics_ctrl.shift_reg = %u\n", mode >> 5 & 3);
    say(d, "s.graphics_ctrl.graphics_alpha = %u\n", misc & 1);
    say(d, "s.graphics_ctrl.memory_mapping = %u (%s)\n", misc >> 2 & 3,
        map[misc >> 2 & 3]);
    say(d, "s.sequencer.extended_mem = %u\n", BIT(memory, 1));
    say(d, "s.sequencer.odd_even = %u (inverted)\n", BIT(memory, 2));
    say(d, "s.sequencer.chain_four = %u\n", BIT(memory, 3));
    say(d, "s.attribute_ctrl.video_enabled = %u\n",
        BIT(V("%sar_index", in), 5));
    say(d, "s.attribute_ctrl.mode_ctrl.graphics_alpha = %u\n", ar & 1);
    say(d, "s.attribute_ctrl.mode_ctrl.display_type = %u\n", BIT(ar, 1));
    say(d, "s.attribute_ctrl.mode_ctrl.internal_palette_size = %u\n",
        BIT(ar, 7));
    say(d, "s.attribute_ctrl.mode_ctrl.pixel_clock_select = %u\n", BIT(ar, 6));
    if (*option)
        unknown(d, option);
}

/* ---- floppy ---- */

/* The drive's own line ends "...: CYLINDERS/HEADS/SECTORS, RATE kbit/s". */
static void one_floppy(struct debugger *d, unsigned n, struct device *dev)
{
    char *text = own_text(dev), *colon = NULL;
    unsigned c, h, s;

    if (!text)
        error_no_memory();
    for (char *p = text; (p = strstr(p, ": ")); p++)
        colon = p;
    if (!dev)
        say(d, "fd%u: not installed\n", n);
    else if (!colon || sscanf(colon + 2, "%u/%u/%u,", &c, &h, &s) != 3)
        say(d, "fd%u: media not present\n", n);
    else
        say(d, "fd%u: tracks=%u, heads=%u, spt=%u, readonly=%u\n", n, c, h, s,
            strstr(colon, "write-protected") != NULL);
    free(text);
}

static void print_floppy(struct debugger *d, struct device *dev,
                         const char *option)
{
    static const char *const phases[] = {"command", "execution", "execution",
                                         "execution", "result"};
    unsigned phase = (unsigned)V("phase"), msr = 0;
    char *text = own_text(dev), *at = text ? strstr(text, "MSR ") : NULL;
    const char *name = phase < ARRAY_LEN(phases) ? phases[phase] : "?";

    if (at)
        sscanf(at, "MSR %x", &msr);
    free(text);
    one_floppy(d, 0, value_device(d, "floppya"));
    one_floppy(d, 1, value_device(d, "floppyb"));
    say(d, "\ncontroller status: %s phase\n",
        phase || V("command_len") ? name : "idle");
    say(d, "DOR = 0x%02x\nMSR = 0x%02x\nDSR = 0x%02x\n", (unsigned)V("dor"),
        msr, (unsigned)V("dsr"));
    if (*option)
        unknown(d, option);
}

/* ---- hpet ---- */

static void hpet_timer(struct debugger *d, struct device *dev, unsigned n)
{
    unsigned config = (unsigned)V("timer[%u].config", n);

    say(d, "timer #%u (%s-bit)\n", n, BIT(config, 8) ? "32" : "64");
    say(d, "interrupt enable = %u\n", BIT(config, 2));
    say(d, "periodic mode    = %u\n", BIT(config, 3));
    say(d, "level sensitive  = %u\n", BIT(config, 1));
    say(d, "comparator value = 0x%" PRIx64 "\n", V("timer[%u].comparator", n));
    say(d, "period           = 0x%" PRIx64 "\n", V("timer[%u].period", n));
}

static void print_hpet(struct debugger *d, struct device *dev,
                       const char *option)
{
    char *text = own_text(dev), *at = text ? strstr(text, "counter ") : NULL;
    uint64_t now = at ? strtoull(at + 8, NULL, 16) : V("counter");

    free(text);
    say(d, "enable config    = %u\n", (unsigned)V("config") & 1);
    say(d, "legacy config    = %u\n", BIT(V("config"), 1));
    say(d, "interrupt status = 0x%08x\n", (unsigned)V("status"));
    say(d, "main counter = 0x%" PRIx64 "\n\n", now);
    for (unsigned n = 0; n < 3; n++)
        hpet_timer(d, dev, n);
    if (*option)
        unknown(d, option);
}

/* ---- all ---- */

static const struct view views[] = {
    {"pci", "i440fx", "i440FX PMC/DBX", print_pci},
    {"pci2isa", "piix3", "PIIX3 ISA bridge", print_isa},
    {"cmos", "cmos", "CMOS RTC", print_cmos},
    {"dma", "dma", "i8237A DMA controller", print_dma},
    {"pic", "pic0", "i8259A PIC", print_pic},
    {"pit", "pit", "82C54 PIT", print_pit},
    {"vga", "vga", "Standard VGA adapter", print_vga},
    {"floppy", "fdc", "i82077AA FDC", print_floppy},
    {"hpet", "hpet", "HPET", print_hpet},
    {"ioapic", "ioapic", "82093AA I/O APIC", print_ioapic},
};

bool info_device_has(const char *name)
{
    for (size_t n = 0; n < ARRAY_LEN(views); n++)
        if (!strcmp(views[n].name, name))
            return true;
    return false;
}

bool info_device_text(struct debugger *d, const char *name, const char *options)
{
    for (size_t n = 0; n < ARRAY_LEN(views); n++) {
        struct device *dev;
        char one[64];

        if (strcmp(views[n].name, name) != 0)
            continue;
        dev = value_device(d, views[n].id);
        if (!dev)
            return false;
        say(d, "%s\n\n", views[n].title);
        do {
            size_t len = strcspn(options, ",");

            snprintf(one, sizeof one, "%.*s", (int)len, options);
            options += len + (options[len] == ',');
            views[n].print(d, dev, one);
        } while (*options);
        return true;
    }
    return false;
}
