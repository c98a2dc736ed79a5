/*
 * main.c - POST, in the order of its steps.
 */
#include "bios/post/post.h"

void post_main(u32 shutdown_code) __attribute__((noreturn));

extern u8 bss_start[], bss_end[];

/* Number of a 16-bit function for CALL_C is its offset: see real/. */
void ata_detect(void);

void post_main(u32 shutdown_code)
{
    memset(bss_start, 0, (size_t)(bss_end - bss_start));
    debug("Klochs BIOS %s\n", ROM_VERSION);
    keyboard_start();
    post_code(0x02);
    chips_init();
    memory_detect();
    vectors_init();
    post_code(0x03);
    pci_init();
    cpu_init();
    smm_init();
    memory_map();
    clock_init();
    post_code(0x04);
    vga_rom_init();
    if (fwcfg_present() && (fwcfg_file("opt/org.klochs/verbose") & 1))
        verbose_on();
    say("Klochs BIOS %s\n\n", ROM_VERSION);
    ports_detect();
    post_code(0x05);
    drives_init();
    keyboard_finish();
    post_code(0x06);
    pir_init();
    mp_init();
    smbios_init();
    acpi_init();
    bios32_init();
    post_code(0x07);
    pnp_init();
    pmm_init();
    option_roms_init();
    boot_list();
    boot_menu();
    pmm_close();
    pnp_close();
    shadow_close();
    post_code(0x08);
    (void)shutdown_code;
    debug("Boot.\n");
    struct regs r = {.flags = 0};

    real_call(CALL_INT, 0x19, &r);
    for (;;)
        __asm__ volatile("hlt");
}
