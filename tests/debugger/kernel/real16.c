/*
 * real16.c - C in real mode.
 */
volatile unsigned short letters16;

static int __attribute__((noinline)) count16(const char *text)
{
    int n = 0;

    while (text[n])
        n++;
    letters16 = (unsigned short)n;
    return n;
}

int real16(void);

int real16(void)
{
    return count16("real mode") + 1;
}
