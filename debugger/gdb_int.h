/*
 * gdb_int.h - what the files of the gdb stub share.
 */
#ifndef DEBUGGER_GDB_INT_H
#define DEBUGGER_GDB_INT_H

#include "core/out.h"
#include "debugger/gdb.h"

#define GDB_PACKET 0x4000u /* longest packet, both ways */

enum gdb_layout { GDB_16, GDB_32, GDB_64 };

struct gdb_net;

/* What a packet asked the guest to do. */
struct gdb_run {
    enum { GDB_STAY, GDB_GO, GDB_STEP, GDB_RANGE, GDB_BACK, GDB_BACK_STEP } how;
    uint64_t from, to; /* GDB_RANGE */
};

struct gdb {
    struct target *t;
    gdb_write_fn *write;
    void *opaque;
    gdb_monitor_fn *monitor;
    void *monitor_opaque;
    struct gdb_net *net; /* NULL: fed by hand */
    bool connected;
    bool hold; /* the guest stands until gdb lets it go */
    bool no_ack, extended, physical;
    bool waiting;    /* gdb waits for a stop reply */
    bool busy;       /* a packet is being worked on: no other one begins */
    bool told_width; /* of a layout that is not the processor's */
    enum gdb_layout layout;
    struct stop last;
    struct gdb_run run;

    /* Bytes that came, and the packet taken from them. */
    uint8_t in[2 * GDB_PACKET];
    size_t in_len;
    char packet[GDB_PACKET + 1];
    size_t packet_len;
    struct out description; /* target.xml as last made */
};

/* ---- gdb.c ---- */
void gdb_reset_connection(struct gdb *g);
void gdb_reply(struct gdb *g, const char *text);
void gdb_reply_bytes(struct gdb *g, const void *p, size_t n);
/* Hexadecimal number at *p, which moves on; false: there is none. */
bool gdb_number(const char **p, uint64_t *out);
/* Exactly n bytes from hexadecimal digits. */
bool gdb_unhex(const char *p, uint8_t *out, size_t n);
void gdb_hex(struct out *o, const uint8_t *p, size_t n);

/* Text for gdb's console; only while the guest runs or in a monitor command. */
void gdb_console(struct gdb *g, const char *text);
void gdb_stop_reply(struct gdb *g, const struct stop *s);
/* A run has ended, ours or somebody else's. */
void gdb_on_stop(void *opaque, const struct stop *s);

/* ---- gdb_commands.c ---- */
/* Works on g->packet; what shall run then is in g->run. */
void gdb_do_packet(struct gdb *g);
void gdb_run_now(struct gdb *g);
void gdb_forget_points(struct gdb *g);

/* ---- gdb_regs.c ---- */
enum gdb_layout gdb_layout_now(struct gdb *g);
/* Takes the layout of the present mode and makes the description. */
void gdb_describe(struct gdb *g);
void gdb_packet_g(struct gdb *g);
void gdb_packet_G(struct gdb *g, const char *hex);
void gdb_packet_p(struct gdb *g, const char *rest);
void gdb_packet_P(struct gdb *g, const char *rest);

/* ---- gdb_net.c ---- */
void gdb_net_poll(struct gdb *g);
void gdb_net_close(struct gdb *g);
void gdb_net_destroy(struct gdb *g);
/* Sleeps until something comes, at most this long. */
void gdb_net_wait(struct gdb *g, int milliseconds);

#endif
