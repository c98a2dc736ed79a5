/*
 * types.c - every kind of C type, and frames without a frame pointer; built
 * for 32 and for 64 bits.
 */
enum color { RED, GREEN = 5, BLUE };
enum access { READ = 1, WRITE = 2, EXECUTE = 4 };

struct bits {
    unsigned low : 3;
    int middle : 5;
    unsigned long long high : 40;
};

union number {
    int i;
    float f;
    unsigned char b[4];
};

typedef int operation(int a, int b);

struct node {
    struct node *next;
    const char *name;
    enum color color;
    enum access access;
    union number n;
    struct bits bits;
    short m[2][3];
    operation *op;
    struct {
        int x, y;
    };
    _Bool good;
    char text[8];
};

struct hidden;
struct hidden {
    long secret;
};

static int add(int a, int b)
{
    return a + b;
}
extern double scale;
volatile int sink;
struct hidden *volatile hiding;
static struct hidden cache = {42};
double scale = 2.5;
long double exact = -0.125L;
unsigned char table[16] = {1, 2, 3};
struct node nodes[3] = {
    {&nodes[1],
     "first",
     GREEN,
     READ | WRITE,
     {1065353216},
     {5, -3, 0x123456789a},
     {{1, 2, 3}, {4, 5, 6}},
     add,
     {7, 8},
     1,
     "text"},
    {&nodes[2], "second", BLUE, EXECUTE, {2}, {1, 1, 1}, {{0}}, add},
    {0, "third", RED, 0, {3}, {0, -1, 0}, {{0}}, 0, {0, 0}, 1, "12345678"},
};

static inline __attribute__((always_inline)) int twice(int v)
{
    int doubled = 2 * v;

    sink = doubled;
    return doubled;
}

/* Its depth is in a register, its list is not. */
static int __attribute__((noinline)) visit(struct node *list, int depth)
{
    volatile int local[4] = {depth, 2, 3, 4};
    int result = depth;

    if (list->next)
        result += visit(list->next, depth + 1);
    if (list->op)
        result += list->op(list->n.i, local[1]);
    result += twice(result);
    sink = result;
    return result + local[0];
}

static float __attribute__((noinline)) half(float x)
{
    sink++;
    return x / 2;
}

int types(int start);

int types(int start)
{
    int sum = visit(nodes, start);

    hiding = &cache;
    sink = (int)half(9.0f);
    return sum;
}

struct pair {
    long a;
    double b;
};

struct large {
    int v[8];
};

static struct pair __attribute__((noinline)) pair_of(long a)
{
    sink++;
    return (struct pair){a, (double)a / 4};
}

static struct large __attribute__((noinline)) large_of(int v)
{
    sink++;
    return (struct large){{v, v + 1, v + 2}};
}

int structures(int start);

int structures(int start)
{
    struct pair p = pair_of(start);
    struct large l = large_of(start);

    return (int)p.a + (int)p.b + l.v[0] + l.v[2];
}
