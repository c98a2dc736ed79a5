/*
 * devices.c - every device class there is, by name.
 */
#include "cpu/reset.h"
#include "iodev/ata/ata.h"
#include "iodev/cmos.h"
#include "iodev/debugport.h"
#include "iodev/dma.h"
#include "iodev/elcr.h"
#include "iodev/ferr.h"
#include "iodev/floppy/fdc.h"
#include "iodev/floppy/floppy.h"
#include "iodev/fwcfg.h"
#include "iodev/hpet.h"
#include "iodev/ioapic.h"
#include "iodev/iodebug.h"
#include "iodev/isairq.h"
#include "iodev/kbc.h"
#include "iodev/parallel.h"
#include "iodev/pci/i440fx.h"
#include "iodev/pci/piix3.h"
#include "iodev/pci/piix3ide.h"
#include "iodev/pci/piix4pm.h"
#include "iodev/pic.h"
#include "iodev/pit.h"
#include "iodev/port92.h"
#include "iodev/ps2kbd.h"
#include "iodev/ps2mouse.h"
#include "iodev/serial.h"
#include "iodev/sound/opl3.h"
#include "iodev/sound/sb16.h"
#include "iodev/speaker.h"
#include "iodev/vga/isa_vga.h"
#include "iodev/vga/pci_vga.h"

const struct device_class *const device_classes[] = {
    &ata_class,       &ata_drive_class,
    &cmos_class,      &cpu_class,
    &debugport_class, &dma_class,
    &elcr_class,      &fdc_class,
    &ferr_class,      &floppy_class,
    &fwcfg_class,     &hpet_class,
    &i440fx_class,    &ioapic_class,
    &iodebug_class,   &isairq_class,
    &kbc_class,       &opl3_class,
    &parallel_class,  &pci_class,
    &pcivga_class,    &pic_class,
    &piix3_class,     &piix3ide_class,
    &piix4pm_class,   &pit_class,
    &port92_class,    &ps2kbd_class,
    &ps2mouse_class,  &sb16_class,
    &serial_class,    &speaker_class,
    &vga_class,       NULL};
