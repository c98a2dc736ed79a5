# rules.mk - targets of tests/bench, included by the Makefile

BENCH_RUN = KLOCHS=$(abspath klochs) BUILDDIR=$(abspath $(B)) \
	$(srcdir)/tests/bench/klochs_bench.sh

## bench-quick: a fiftieth of the workloads of `make bench`, once
.PHONY: bench-quick
bench-quick: all
	@BENCH_FLAGS='--quick $(BENCH_FLAGS)' $(BENCH_RUN)

## bench-linux: boots of whole systems beside other emulators
.PHONY: bench-linux
bench-linux: all
	@BENCH_FLAGS='--no-payload --linux $(BENCH_FLAGS)' $(BENCH_RUN)

CLEAN_FILES += $(B)/bench.json $(B)/bench/bench32.img $(B)/bench/bench64.img
