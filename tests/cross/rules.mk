# rules.mk - builds for other processors, included by the Makefile

## check-cross: builds for aarch64 and s390x, tests under qemu-user
.PHONY: check-cross
check-cross: all $(B)/tests/insn/digest_test
	KLOCHS=$(CURDIR)/klochs \
	    $(srcdir)/tests/cross/check-cross $(CROSS_OPTIONS) $(abspath $(B))
