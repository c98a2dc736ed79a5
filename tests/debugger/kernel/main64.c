/*
 * main64.c - the 64-bit part: a list, a structure, SSE.
 */
struct point {
    long x, y;
};

volatile long total64;
volatile double ratio64;
struct point points64[4];
volatile unsigned char guarded64[64];

static long __attribute__((noinline)) sum(const struct point *p, int n)
{
    long s = 0;

    for (int k = 0; k < n; k++)
        s += p[k].x * p[k].y;
    return s;
}

static void __attribute__((noinline)) fill(unsigned char v)
{
    for (unsigned k = 0; k < sizeof guarded64; k++)
        guarded64[k] = v;
}

int types(int start), structures(int start);
void main64(void);

void main64(void)
{
    for (int k = 0; k < 4; k++) {
        points64[k].x = k;
        points64[k].y = 10 * k;
    }
    total64 = sum(points64, 4);
    ratio64 = (double)total64 / 8;
    fill(0x5a);
    total64 += types(20);
    total64 += structures(5);
}
