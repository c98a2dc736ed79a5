# rules.mk - builds the guest of tests/gui, included by the Makefile

SCREENS := $(B)/tests/gui/screens.img

ifneq ($(ROM_CC),)
# A floppy of 1.44 MB.
$(SCREENS): $(srcdir)/tests/gui/guest/screens.S
	@mkdir -p $(@D)
	$(call say,ROMCC,$<)
	$Q$(ROM_CC) -m16 -c -o $@.o $<
	$Q$(ROM_CC) -m16 -nostdlib -static -no-pie -Wl,--build-id=none \
	-Wl,--oformat=binary -Wl,-Ttext=0x7c00 -o $@ $@.o
	$Qdd if=/dev/zero of=$@ bs=1 count=0 seek=1474560 2>/dev/null

TEST_DEPS += $(SCREENS)
check check-fast: $(SCREENS)
endif
CLEAN_FILES += $(SCREENS) $(SCREENS).o
