/*
 * main32.c - the 32-bit part: something with frames and variables.
 */
volatile unsigned counter32;
volatile unsigned result32;

static unsigned __attribute__((noinline)) factorial(unsigned n)
{
    counter32++;
    if (n < 2)
        return 1;
    return n * factorial(n - 1);
}

int types(int start), structures(int start);
void main32(void);
void more32(void);

void main32(void)
{
    result32 = factorial(5);
}

void more32(void)
{
    counter32 += (unsigned)types(10);
    counter32 += (unsigned)structures(3);
}
