# rules.mk - the system BIOS, klochs-bios.bin, for the Makefile
#
# real/ is compiled for 16-bit segments, post/ for flat 32-bit mode; no host
# library and no 32-bit libraries are needed, only a compiler and binutils for
# x86. With neither the ROM is left out, and the build says so.

BIOS_CFLAGS := -std=gnu11 -Os -march=i386 -ffreestanding -fno-pic -fno-pie \
	-nostdlib -fno-stack-protector -fno-jump-tables -fno-strict-aliasing \
	-fno-delete-null-pointer-checks -fomit-frame-pointer -mregparm=3 \
	-fno-asynchronous-unwind-tables -fcf-protection=none -mno-sse -mno-mmx \
	-mpreferred-stack-boundary=2 -fno-tree-vectorize \
	-fno-tree-loop-distribute-patterns -fno-tree-switch-conversion \
	-ffunction-sections -I$(srcdir) -Wall -Wextra -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef -Wno-array-bounds

# The first compiler that takes all of this; clang does not.
BIOS_CC := $(shell for c in $(CC) gcc i686-linux-gnu-gcc x86_64-linux-gnu-gcc; \
	do echo 'int x(void); int x(void) { return 1; }' | $$c -m16 \
	$(BIOS_CFLAGS) -x c -c -o /dev/null - 2>/dev/null && echo $$c && break; \
	done)
OBJCOPY ?= $(patsubst %objdump,%objcopy,$(OBJDUMP))
BIOS_CCACHE := $(filter %ccache,$(firstword $(CC)))
BIOS_REAL := $(patsubst $(srcdir)/bios/%,$(B)/obj/bios/%.o,$(basename \
	$(sort $(wildcard $(srcdir)/bios/real/*.[cS]))))
BIOS_POST := $(patsubst $(srcdir)/bios/%,$(B)/obj/bios/%.o,$(basename \
	$(sort $(wildcard $(srcdir)/bios/post/*.[cS]))))

ifneq ($(BIOS_CC),)

## bios: our own system BIOS, klochs-bios.bin
.PHONY: bios
bios: klochs-bios.bin
all: klochs-bios.bin
INSTALL_ROMS += klochs-bios.bin
CLEAN_FILES += klochs-bios.bin $(B)/bios.elf

bios_cc = $(BIOS_CCACHE) $(BIOS_CC) $(BIOS_CFLAGS) -MMD -MP

$(B)/obj/bios/real/%.o: $(srcdir)/bios/real/%.c
	@mkdir -p $(@D)
	$(call say,BIOS,$<)
	$Q$(bios_cc) -m16 -c -o $@ $<

$(B)/obj/bios/post/%.o: $(srcdir)/bios/post/%.c
	@mkdir -p $(@D)
	$(call say,BIOS,$<)
	$Q$(bios_cc) -m32 -c -o $@ $<

$(B)/obj/bios/%.o: $(srcdir)/bios/%.S
	@mkdir -p $(@D)
	$(call say,BIOS,$<)
	$Q$(BIOS_CC) -m32 -I$(srcdir) -Wa,-I$(B)/gen -MMD -MP -c -o $@ $<

# The first half of the 8x8 characters, as the assembler reads them.
$(B)/gen/bios/font8x8.inc: $(B)/gen/vga/fonts.c
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$Qsed -n '/font_8x8\[/,/};/s|^ *\(0x.*\), /.*|.byte \1|p' $< | \
	sed 128q >$@

$(B)/obj/bios/real/entry.o: $(B)/gen/bios/font8x8.inc

$(B)/bios.elf: $(srcdir)/bios/bios.ld $(BIOS_REAL) $(BIOS_POST)
	$(call say,LINK,$@)
	$Q$(BIOS_CC) -m32 -nostdlib -static -no-pie -Wl,--build-id=none \
	-Wl,--no-check-sections -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments \
	-Wl,-T,$< -o $@ $(BIOS_REAL) $(BIOS_POST)

klochs-bios.bin: $(B)/bios.elf
	$(call say,ROM,$@)
	$Q$(OBJCOPY) -O binary --gap-fill 0xff --pad-to 0x20000 \
	-j .post -j .data16 -j .text16 -j .fixed $< $@

-include $(BIOS_REAL:.o=.d) $(BIOS_POST:.o=.d)

else

## bios: needs gcc and binutils for x86 (Debian: gcc-i686-linux-gnu)
.PHONY: bios
bios:
	@echo 'klochs-bios.bin is left out: no compiler for 16-bit x86;' \
	'install gcc-i686-linux-gnu'
all: bios

endif
