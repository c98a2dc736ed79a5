/*
 * dw_libdw.c - libdw, opened when it is first wanted.
 */
#include "core/dl.h"
#include "debugger/dw_api.h"

void *dw_library(struct dw_api *api, struct error *err)
{
    static const char *const names[] = {"libdw.so.1", "libdw.so", NULL};
#define ROW(member, symbol)                                                    \
    {                                                                          \
        "dwarf_" symbol, offsetof(struct dw_api, member)                       \
    }
    static const struct dl_symbol table[] = {
        ROW(begin, "begin"),
        ROW(end, "end"),
        ROW(getelf, "getelf"),
        ROW(next_cu, "nextcu"),
        ROW(offdie, "offdie"),
        ROW(addrdie, "addrdie"),
        ROW(child, "child"),
        ROW(sibling, "siblingof"),
        ROW(tag, "tag"),
        ROW(name, "diename"),
        ROW(offset, "dieoffset"),
        ROW(unit, "diecu"),
        ROW(attr, "attr_integrate"),
        ROW(own_attr, "attr"),
        ROW(udata, "formudata"),
        ROW(sdata, "formsdata"),
        ROW(addr, "formaddr"),
        ROW(block, "formblock"),
        ROW(ref, "formref_die"),
        ROW(has_pc, "haspc"),
        ROW(low_pc, "lowpc"),
        ROW(entry_pc, "entrypc"),
        ROW(location, "getlocation_addr"),
        ROW(implicit, "getlocation_implicit_value"),
        ROW(op_attr, "getlocation_attr"),
        ROW(cfi, "getcfi"),
        ROW(cfi_elf, "getcfi_elf"),
        ROW(cfi_end, "cfi_end"),
        ROW(frame, "cfi_addrframe"),
        ROW(frame_info, "frame_info"),
        ROW(frame_cfa, "frame_cfa"),
        ROW(frame_register, "frame_register"),
        ROW(lines, "getsrclines"),
        ROW(line, "onesrcline"),
        ROW(line_addr, "lineaddr"),
        ROW(line_number, "lineno"),
        ROW(line_end, "lineendsequence"),
        ROW(line_stmt, "linebeginstatement"),
        ROW(line_file, "linesrc"),
        ROW(files, "getsrcfiles"),
        ROW(file, "filesrc"),
        {NULL, 0}};
#undef ROW

    return dl_open("C sources", names, table, api, err);
}
