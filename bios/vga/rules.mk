# rules.mk - builds the VGA BIOS, included by the Makefile
#
# Needs a compiler that can make 16-bit code for x86 (gcc -m16); without one
# the ROM is left out, and `make` says which package has one.

VGAROM := klochs-vgabios.bin
VGAROM_SRC := $(sort $(wildcard $(srcdir)/bios/vga/*.c))
VGAROM_OBJS := $(patsubst $(srcdir)/%.c,$(B)/obj/%.o,$(VGAROM_SRC)) \
	$(B)/obj/bios/vga/entry.o $(B)/obj/bios/vga/fonts.o
VGAROM_CFLAGS := -std=gnu11 -m16 -march=i386 -Os -I$(srcdir) $(WARNINGS) \
	-ffreestanding -fno-pic -fno-pie -fno-stack-protector -fcf-protection=none \
	-fno-asynchronous-unwind-tables -fno-jump-tables -fno-common \
	-fno-tree-loop-distribute-patterns -fno-strict-aliasing -fno-lto \
	-mregparm=3 -mpreferred-stack-boundary=2 -mno-sse -mno-mmx

# The first compiler that can do it, address spaces of segments included.
ROM_CC := $(shell for c in '$(CC)' '$(BUILD_CC)' gcc i686-linux-gnu-gcc \
	x86_64-linux-gnu-gcc; do \
	echo 'const __seg_gs int a[1] = {1}; int f(void) { return a[0]; }' | \
	$$c $(VGAROM_CFLAGS) -x c -c -o /dev/null - 2>/dev/null && \
	{ echo $$c; break; }; done)

$(B)/tools/mkfont $(B)/tools/mkrom: $(B)/tools/%: $(srcdir)/tools/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$Q$(BUILD_CC) $(BUILD_ALL_CFLAGS) -o $@ $<

$(B)/gen/vga/fonts.c: $(B)/tools/mkfont $(srcdir)/bios/vga/font8x16.txt \
	$(srcdir)/bios/vga/font8x8.txt
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$Q$(B)/tools/mkfont $(srcdir)/bios/vga/font8x16.txt \
	$(srcdir)/bios/vga/font8x8.txt >$@

ifneq ($(ROM_CC),)
$(B)/obj/bios/vga/%.o: $(srcdir)/bios/vga/%.c $(srcdir)/bios/vga/rom.h
	@mkdir -p $(@D)
	$(call say,ROMCC,$<)
	$Q$(ROM_CC) $(VGAROM_CFLAGS) -c -o $@ $<

$(B)/obj/bios/vga/fonts.o: $(B)/gen/vga/fonts.c $(srcdir)/bios/vga/rom.h
	@mkdir -p $(@D)
	$(call say,ROMCC,$<)
	$Q$(ROM_CC) $(VGAROM_CFLAGS) -c -o $@ $<

$(B)/obj/bios/vga/entry.o: $(srcdir)/bios/vga/entry.S
	@mkdir -p $(@D)
	$(call say,ROMCC,$<)
	$Q$(ROM_CC) -m16 -c -o $@ $<

$(VGAROM): $(VGAROM_OBJS) $(srcdir)/bios/vga/rom.ld $(B)/tools/mkrom
	$(call say,ROM,$@)
	$Q$(ROM_CC) -m16 -nostdlib -static -no-pie -Wl,--build-id=none \
	-Wl,--oformat=binary -Wl,-Map=$(B)/obj/bios/vga/rom.map \
	-Wl,-T,$(srcdir)/bios/vga/rom.ld -o $(B)/obj/bios/vga/rom.raw \
	$(VGAROM_OBJS)
	$Q$(B)/tools/mkrom $(B)/obj/bios/vga/rom.raw $@

all: $(VGAROM)
INSTALL_ROMS += $(VGAROM)
else
all: no-vgarom
.PHONY: no-vgarom
no-vgarom:
	@echo '  no compiler for 16-bit x86 (gcc, or Debian gcc-i686-linux-gnu):' \
	'the VGA BIOS is not built'
endif

## vgabios: our own VGA BIOS, klochs-vgabios.bin
.PHONY: vgabios
vgabios: $(if $(ROM_CC),$(VGAROM),no-vgarom)

CLEAN_FILES += $(VGAROM) $(B)/tools/mkfont $(B)/tools/mkrom
