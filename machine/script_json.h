/*
 * script_json.h - the little JSON that events and the control socket need.
 */
#ifndef MACHINE_SCRIPT_JSON_H
#define MACHINE_SCRIPT_JSON_H

#include "core/err.h"
#include "core/out.h"

/* A JSON string; what is not UTF-8 becomes U+FFFD. */
void json_put_text(struct out *o, const char *p, size_t n);
/* `,"name":"text"` and `,"name":value`. */
void json_field(struct out *o, const char *name, const char *text);
void json_field_u64(struct out *o, const char *name, uint64_t value);

enum { JSON_MAX_ARGS = 64 };

/* A request: {"id": anything, "verb": "name", "args": ["...", 12]}. */
struct json_request {
    char *id;   /* as JSON text, NULL when not given; owned */
    char *verb; /* owned */
    char *args[JSON_MAX_ARGS + 1]; /* owned, ends with NULL */
    unsigned count;
};

/* `r` is to be freed in any case. */
bool json_parse_request(struct json_request *r, const char *line,
                        struct error *err);
void json_free_request(struct json_request *r);

#endif
