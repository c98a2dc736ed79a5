# rules.mk - the example plugins, for the Makefile
#
# Each plugin is one C file that includes klochs-plugin.h and nothing else of
# Klochs. A compiler that makes no shared objects leaves them out.

PLUGIN_SRC := $(sort $(wildcard $(srcdir)/examples/plugins/*.c))
PLUGINS := $(patsubst $(srcdir)/%.c,$(B)/%.so,$(PLUGIN_SRC))

## plugins: the example plugins, examples/plugins/NAME.so
.PHONY: plugins
plugins: $(PLUGINS)
all: $(PLUGINS)
CLEAN_FILES += $(PLUGINS)

$(B)/examples/plugins/%.so: $(srcdir)/examples/plugins/%.c \
	$(srcdir)/instrument/klochs-plugin.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$Q$(CC) -std=c11 -D_GNU_SOURCE -I$(srcdir)/instrument $(WARNINGS) \
	$(CFLAGS) $(EXTRA_CFLAGS) -fPIC -shared $(LDFLAGS) -o $@ $<
