/*
 * tone.c - makes a Linux guest sound: PC speaker, samples, FM synthesizer.
 *
 * usage: klochs-tone speaker HZ MS
 *        klochs-tone volume PERCENT
 *        klochs-tone dsp u8|s16 RATE LEFT-HZ RIGHT-HZ MS
 *        klochs-tone fm FNUM BLOCK MS
 * For i386, without a C library: the kernel's numbers (OSS, hwdep of the OPL3
 * driver, KIOCSOUND of a virtual console) are all it needs.
 */

enum {
    SYS_EXIT = 1,
    SYS_WRITE = 4,
    SYS_OPEN = 5,
    SYS_CLOSE = 6,
    SYS_IOCTL = 54,
    SYS_NANOSLEEP = 162
};

enum {
    KIOCSOUND = 0x4b2f,
    DSP_SYNC = 0x5001,
    FM_RESET = 0x4821,
    AFMT_U8 = 8,
    AFMT_S16_LE = 16,
};

#define DSP_SPEED    0xc0045002
#define DSP_SETFMT   0xc0045005
#define DSP_CHANNELS 0xc0045006
#define MIXER_WRITE  0xc0044d00
#define FM_PLAY_NOTE 0x400c4822
#define FM_SET_VOICE 0x40124823
#define FM_SET_MODE  0x40044825

struct fm_voice {
    unsigned char op, voice, am, vibrato, do_sustain, kbd_scale, harmonic,
        scale_level, volume, attack, decay, sustain, release, feedback,
        connection, left, right, waveform;
};

struct fm_note {
    unsigned char voice, octave;
    unsigned int fnum;
    unsigned char key_on;
};

static long call(long n, long a, long b, long c)
{
    long r;

    __asm__ volatile("int $0x80"
                     : "=a"(r)
                     : "a"(n), "b"(a), "c"(b), "d"(c)
                     : "memory");
    return r;
}

static void die(const char *what)
{
    long n = 0;

    while (what[n])
        n++;
    call(SYS_WRITE, 2, (long)what, n);
    call(SYS_WRITE, 2, (long)"\n", 1);
    call(SYS_EXIT, 1, 0, 0);
}

static long must(long r, const char *what)
{
    if (r < 0)
        die(what);
    return r;
}

static long device(const char *path)
{
    return must(call(SYS_OPEN, (long)path, 1, 0), path);
}

static long number(const char *s)
{
    long v = 0;

    for (; *s >= '0' && *s <= '9'; s++)
        v = v * 10 + *s - '0';
    return v;
}

static void wait_ms(long ms)
{
    long t[2] = {ms / 1000, ms % 1000 * 1000000};

    call(SYS_NANOSLEEP, (long)t, 0, 0);
}

static void speaker(long hz, long ms)
{
    long fd = device("/dev/tty0");

    must(call(SYS_IOCTL, fd, KIOCSOUND, 1193182 / hz), "KIOCSOUND");
    wait_ms(ms);
    must(call(SYS_IOCTL, fd, KIOCSOUND, 0), "KIOCSOUND");
}

static void volume(long percent)
{
    static const int controls[] = {0, 3, 4}; /* master, synthesizer, PCM */
    long fd = device("/dev/mixer");

    for (int n = 0; n < 3; n++) {
        int v = (int)(percent | percent << 8);

        must(call(SYS_IOCTL, fd, (long)(MIXER_WRITE + controls[n]), (long)&v),
             "mixer");
    }
}

/* A sine by rotation: exact enough for a second, and needs no library. */
struct sine {
    double x, y, k;
};

static struct sine sine_make(long hz, long rate)
{
    double a = 3.14159265358979 * (double)hz / (double)rate;

    return (struct sine){1, 0,
                         2 * (a - a * a * a / 6 + a * a * a * a * a / 120)};
}

static double sine_next(struct sine *s)
{
    s->y += s->k * s->x;
    s->x -= s->k * s->y;
    return s->y;
}

static void set(long fd, unsigned long what, int v, const char *name)
{
    int got = v;

    must(call(SYS_IOCTL, fd, (long)what, (long)&got), name);
    if (got != v)
        die(name);
}

static void dsp(int wide, long rate, long left, long right, long ms)
{
    static unsigned char buf[4096];
    long fd = device("/dev/dsp"), frame = wide ? 4 : 2;
    long left_over = rate * ms / 1000;
    struct sine l = sine_make(left, rate), r = sine_make(right, rate);

    set(fd, DSP_SETFMT, wide ? AFMT_S16_LE : AFMT_U8, "format");
    set(fd, DSP_CHANNELS, 2, "channels");
    set(fd, DSP_SPEED, (int)rate, "rate");
    while (left_over) {
        long n = (long)sizeof buf / frame;

        n = n < left_over ? n : left_over;
        for (long i = 0; i < n; i++) {
            int a = (int)(sine_next(&l) * 12000);
            int b = (int)(sine_next(&r) * 12000);

            if (wide) {
                ((short *)buf)[2 * i] = (short)a;
                ((short *)buf)[2 * i + 1] = (short)b;
            } else {
                buf[2 * i] = (unsigned char)(a / 256 + 128);
                buf[2 * i + 1] = (unsigned char)(b / 256 + 128);
            }
        }
        if (call(SYS_WRITE, fd, (long)buf, n * frame) != n * frame)
            die("write");
        left_over -= n;
    }
    must(call(SYS_IOCTL, fd, DSP_SYNC, 0), "sync");
    call(SYS_CLOSE, fd, 0, 0);
}

static void fm(long fnum, long block, long ms)
{
    long fd = device("/dev/snd/hwC0D0");
    struct fm_voice v = {.do_sustain = 1,
                         .harmonic = 1,
                         .attack = 15,
                         .sustain = 15,
                         .release = 12,
                         .left = 1,
                         .right = 1};
    struct fm_note note = {
        .octave = (unsigned char)block, .fnum = (unsigned)fnum, .key_on = 1};

    must(call(SYS_IOCTL, fd, FM_RESET, 0), "FM reset");
    must(call(SYS_IOCTL, fd, (long)FM_SET_MODE, 1), "FM mode");
    must(call(SYS_IOCTL, fd, (long)FM_SET_VOICE, (long)&v), "FM voice");
    v.op = 1;
    v.volume = 63;
    must(call(SYS_IOCTL, fd, (long)FM_SET_VOICE, (long)&v), "FM voice");
    must(call(SYS_IOCTL, fd, (long)FM_PLAY_NOTE, (long)&note), "FM note");
    wait_ms(ms);
    note.key_on = 0;
    must(call(SYS_IOCTL, fd, (long)FM_PLAY_NOTE, (long)&note), "FM note");
    wait_ms(100);
    call(SYS_CLOSE, fd, 0, 0);
}

__attribute__((used)) static void run(long *stack)
{
    long argc = stack[0];
    char **argv = (char **)(stack + 1);
    char what = argc > 1 ? argv[1][0] : 0;

    if (what == 's' && argc == 4)
        speaker(number(argv[2]), number(argv[3]));
    else if (what == 'v' && argc == 3)
        volume(number(argv[2]));
    else if (what == 'd' && argc == 7)
        dsp(argv[2][0] == 's', number(argv[3]), number(argv[4]),
            number(argv[5]), number(argv[6]));
    else if (what == 'f' && argc == 5)
        fm(number(argv[2]), number(argv[3]), number(argv[4]));
    else
        die("klochs-tone: wrong arguments");
    call(SYS_EXIT, 0, 0, 0);
}

__asm__(".globl _start\n"
        "_start: mov %esp, %eax\n"
        "and $-16, %esp\n"
        "sub $12, %esp\n"
        "push %eax\n"
        "call run\n");
