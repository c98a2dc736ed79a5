# rules.mk - the single-step captures, included by the Makefile

## sst: i8086 and i80286 against captures of the chips (KLOCHS_SST=folder)
.PHONY: sst
sst: $(B)/tests/sst/sst_conformance
	@$(B)/tests/sst/sst_conformance
