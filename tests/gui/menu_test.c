/*
 * menu_test.c - the menu, the status line and the choice of files, without a
 * window.
 */
#include "gui/media.h"
#include "gui/menu.h"
#include "gui/statusline.h"
#include "tests/tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct display_status make_status(void)
{
    struct display_status s = {.text = "12.0 MIPS", .drive_count = 2};

    snprintf(s.drives[0].id, sizeof s.drives[0].id, "floppya");
    snprintf(s.drives[0].name, sizeof s.drives[0].name, "A:");
    snprintf(s.drives[0].file, sizeof s.drives[0].file, "dos.img");
    s.drives[0].removable = true;
    snprintf(s.drives[1].id, sizeof s.drives[1].id, "ata0-master");
    snprintf(s.drives[1].name, sizeof s.drives[1].name, "disk");
    return s;
}

static void test_main_page(struct tap *t)
{
    struct display_status s = make_status();
    struct menu m = {.open = false};
    struct menu_hints hints = {"F12"};

    menu_open(&m, &s, &hints);
    tap_eq(t, m.count, 10, "one drive can be changed, nine other things");
    tap_ok(t, !strcmp(m.items[0].label, "Change A: (dos.img)"), "%s",
           m.items[0].label);
    tap_eq(t, menu_key(&m, KEY_UP), MENU_NONE, "up from the first");
    tap_eq(t, m.selected, 9, "is the last");
    tap_eq(t, menu_key(&m, KEY_ENTER), MENU_QUIT, "Quit");
    tap_ok(t, !m.open, "closed");
    menu_open(&m, &s, &hints);
    menu_key(&m, KEY_R);
    tap_eq(t, menu_key(&m, KEY_ENTER), MENU_RESET, "R is Reset");
    menu_open(&m, &s, &hints);
    tap_eq(t, menu_key(&m, KEY_ESC), MENU_CLOSE, "Esc");
    menu_open(&m, &s, &hints);
    menu_draw(&m);
    menu_pointer(&m, 20, 24 + 18 * 1 + 4, false);
    tap_eq(t, m.selected, 1, "the pointer chooses");
    tap_eq(t, menu_pointer(&m, 20, 24 + 18 * 1 + 4, true), MENU_CTRL_ALT_DEL,
           "and a click does it");
    menu_open(&m, &s, &hints);
    tap_eq(t, menu_pointer(&m, -1, 5, true), MENU_CLOSE, "a click beside it");
    menu_free(&m);
}

static void make_file(const char *folder, const char *name)
{
    char path[256];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "w");
    if (f)
        fclose(f);
}

static void test_files(struct tap *t)
{
    char folder[] = "/tmp/klochs-menuXXXXXX", path[256];
    struct menu m = {.open = false};

    if (!mkdtemp(folder))
        return;
    make_file(folder, "b.img");
    make_file(folder, "A.iso");
    make_file(folder, ".hidden");
    snprintf(path, sizeof path, "%s/sub", folder);
    mkdir(path, 0700);
    make_file(path, "c.img");
    snprintf(m.folder, sizeof m.folder, "%s", folder);
    menu_open_drive(&m, "floppya");
    tap_eq(t, m.count, 5, "eject, up, a folder, two files");
    tap_ok(t, !strcmp(m.items[2].label, "sub/"), "folders first");
    tap_ok(t, !strcmp(m.items[3].label, "A.iso"), "then files");
    menu_key(&m, KEY_S);
    tap_eq(t, menu_key(&m, KEY_ENTER), MENU_NONE, "into the folder");
    menu_key(&m, KEY_C);
    tap_eq(t, menu_key(&m, KEY_ENTER), MENU_INSERT, "a file in it");
    snprintf(path, sizeof path, "%s/sub/c.img", folder);
    tap_ok(t, !strcmp(m.path, path) && !strcmp(m.drive, "floppya"), "%s",
           m.path);
    menu_open_drive(&m, "floppya");
    menu_key(&m, KEY_DOWN);
    menu_key(&m, KEY_ENTER);
    tap_eq(t, m.count, 5, "and up again");
    menu_key(&m, KEY_HOME);
    tap_eq(t, menu_key(&m, KEY_ENTER), MENU_EJECT, "the drive is emptied");
    menu_free(&m);
    unlink(path);
    snprintf(path, sizeof path, "rm -r %s",
             folder); /* a name that mkdtemp made */
    tap_eq(t, (unsigned)system(path), 0, "tidy");
}

static void test_statusline(struct tap *t)
{
    struct display_status s = make_status();
    struct canvas c = {.pixels = NULL};

    tap_ok(t, canvas_resize(&c, 720, STATUSLINE_HEIGHT), "canvas");
    statusline_draw(&c, &s, "hint", false);
    tap_eq(t, statusline_at(&s, 720, 5), STATUSLINE_MENU, "Menu at the left");
    tap_eq(t, statusline_at(&s, 720, 715), 1, "the last drive at the right");
    tap_eq(t, statusline_at(&s, 720, 650), 0, "the first before it");
    tap_eq(t, statusline_at(&s, 720, 300), STATUSLINE_NOTHING, "text");
    statusline_draw(&c, &s,
                    "a text that is much too long for a line of this "
                    "width, and goes on and on and on and on",
                    false);
    canvas_text(&c, 700, -5, "beyond the edges", 16, 0xffffff);
    canvas_text(&c, -20, 15, "beyond the edges", 16, 0xffffff);
    tap_ok(t, c.pixels[10 * 720 + 719] != 0xffffff, "nothing is torn");
    canvas_free(&c);
}

int main(void)
{
    struct tap t = {0};

    test_main_page(&t);
    test_files(&t);
    test_statusline(&t);
    return tap_done(&t);
}
