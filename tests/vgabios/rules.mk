# rules.mk - builds the guest of tests/vgabios, included by the Makefile

VGAGUEST := $(B)/tests/vgabios/guest.img
VGAGUEST_SRC := $(sort $(wildcard $(srcdir)/tests/vgabios/guest/*.c))
VGAGUEST_OBJS := $(patsubst $(srcdir)/%.c,$(B)/obj/%.o,$(VGAGUEST_SRC)) \
	$(B)/obj/tests/vgabios/guest/start.o

ifneq ($(ROM_CC),)
$(B)/obj/tests/vgabios/guest/%.o: $(srcdir)/tests/vgabios/guest/%.c \
	$(srcdir)/tests/vgabios/guest/guest.h
	@mkdir -p $(@D)
	$(call say,ROMCC,$<)
	$Q$(ROM_CC) $(VGAROM_CFLAGS) -c -o $@ $<

$(B)/obj/tests/vgabios/guest/start.o: $(srcdir)/tests/vgabios/guest/start.S
	@mkdir -p $(@D)
	$(call say,ROMCC,$<)
	$Q$(ROM_CC) -m16 -c -o $@ $<

# A floppy of 1.44 MB.
$(VGAGUEST): $(VGAGUEST_OBJS) $(srcdir)/tests/vgabios/guest/guest.ld
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$Q$(ROM_CC) -m16 -nostdlib -static -no-pie -Wl,--build-id=none \
	-Wl,--oformat=binary -Wl,-T,$(srcdir)/tests/vgabios/guest/guest.ld \
	-o $@ $(VGAGUEST_OBJS)
	$Qdd if=/dev/zero of=$@ bs=1 count=0 seek=1474560 2>/dev/null

TEST_DEPS += $(VGAGUEST)
endif
CLEAN_FILES += $(VGAGUEST)
check check-fast check-vgabios: $(if $(ROM_CC),$(VGAGUEST))
