# rules.mk - targets of tests/boot, included by the Makefile

BOOT_RUN = KLOCHS_GUESTS=$${KLOCHS_GUESTS:-$(abspath $(B))/guests}

## guests: builds every guest of the boot tests from Debian packages
.PHONY: guests
guests:
	$(BOOT_RUN) $(srcdir)/tests/boot/mkguests

## check-boot-all: all boot cases with all firmware (hours of guest time)
.PHONY: check-boot-all
check-boot-all: all guests
	$(BOOT_RUN) KLOCHS_BOOT=all KLOCHS_BOOT_REQUIRED=1 \
	KLOCHS=$(abspath klochs) $(srcdir)/tests/run-tests -t 14400 \
	$(sort $(wildcard $(srcdir)/tests/boot/*_test.sh))
