# rules.mk - targets of tests/docs, included by the Makefile

## docs: writes the generated pages of docs/ and man/ anew
.PHONY: docs
docs: all $(B)/tests/docs/devices_test
	SRCDIR=$(srcdir) $(B)/tests/docs/devices_test --print >$(B)/devices.md
	mv $(B)/devices.md $(srcdir)/docs/devices.md
	$(B)/tools/mkinsn --docs $(X86_TAB) >$(srcdir)/docs/instructions.md
	./klochs --print-docs bochsrc >$(srcdir)/docs/bochsrc.md
	./klochs --print-docs man >$(srcdir)/man/klochsrc.5
	./klochs --print-docs debugger >$(srcdir)/docs/debugger.md
	./klochs test --verbs >$(srcdir)/docs/test-verbs.md
