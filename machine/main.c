/*
 * main.c - command line -> configuration -> machine -> run -> exit code.
 */
#include "machine/exec.h"
#include "machine/script.h"
#include "machine/session.h"
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    struct error err = {0};
    struct session s = {0};
    int code;

    if (argc > 1 && !strcmp(argv[1], "exec"))
        return exec_main(argc - 1, argv + 1);
    if (argc > 1 && !strcmp(argv[1], "test"))
        return script_main(argc - 1, argv + 1);
    code = session_parse(&s, argc, argv, &err);
    if (code < 0)
        code = session_run(&s, &err);
    if (err.text[0])
        fprintf(stderr, "klochs: %s\n", err.text);
    session_free(&s);
    return code;
}
