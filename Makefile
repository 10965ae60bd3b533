# shirasim. `make help` lists the targets.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The one list of what a fresh Debian 12 needs beside git, gcc and make.
PACKAGES := verilator g++ pkg-config libyaml-dev libjansson-dev libopenblas-serial-dev libisal-dev \
            libmd-dev zlib1g-dev libjs-vega
CHECK_PACKAGES := libcmocka-dev libsystemc-dev clang-format yosys opensta qflow-tech-osu018 python3-numpy \
                  chromium

VERSION := $(shell sed -n 's/.* SHIRA_VERSION "\(.*\)"/\1/p' host/include/shira/version.h)
PREFIX ?= /usr/local

EXPERIMENT ?= configs/experiments/default.yaml
OUT ?= build/report

ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif
PKGS := yaml-0.1 jansson openblas libisal libmd zlib
# The OpenBLAS without threads, also where another one is the system's: a run has one process a
# processor, and the threads of the other take 128 MiB each, spin where they get none (even at the end
# of a program that multiplied nothing), and compete with the processes.
BLAS := /usr/lib/$(shell $(CC) -print-multiarch)/openblas-serial
export PKG_CONFIG_PATH := $(BLAS)/pkgconfig$(if $(PKG_CONFIG_PATH),:$(PKG_CONFIG_PATH))
# pkg-config is itself installed by `make deps`, so it is asked where a recipe first needs it, not here.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)
WARN := -Wall -Wextra -Werror
# What is built here is for this machine; what is installed is for any of its kind.
OPT ?= -O3 -march=native
INSTALL_OPT ?= -O3
# CPPFLAGS, CFLAGS, CXXFLAGS and LDFLAGS are the user's and come last.
COMMON_FLAGS = $(OPT) -g $(WARN) -ffp-contract=off -I. -Ihost/include $(SANITIZE) $(CPPFLAGS)
C_FLAGS = -std=c11 -fPIC -D_GNU_SOURCE $(COMMON_FLAGS) $(CFLAGS)
CXX_FLAGS = -std=c++17 $(COMMON_FLAGS) $(CXXFLAGS)
LDLIBS = $(LDFLAGS) $(PKG_LIBS) -Wl,-rpath,$(BLAS) -ldl -lm -lpthread

B ?= build
LIB_SRC := $(wildcard host/base/*.c host/machine/*.c host/adapter/*.c host/pack/*.c host/plan/*.c \
             host/driver/*.c host/reference/*.c host/experiment/*.c host/report/*.c \
             sim/*.c sim/golden/*.c sim/dram/*.c)
CLI_SRC := $(wildcard host/cli/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/obj/%.o) $(B)/obj/build.o $(B)/obj/page.o
# What decides results beside the RTL library, which has a stamp of its own.
RESULT_SRC := $(filter-out host/report/%,$(LIB_SRC)) \
              $(wildcard host/*/*.h host/include/shira/*.h sim/*.h sim/golden/*.h sim/dram/*.h)
RESULT_SRC := $(filter-out host/report/% host/cli/%,$(RESULT_SRC))
CLI_OBJ := $(CLI_SRC:%.c=$(B)/obj/%.o)
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))
SYSTEM := $(patsubst tests/system/%.c,$(B)/tests/system/%,$(wildcard tests/system/*.c))
# What test_programs is made of beside its own file.
PROGRAMS_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/system/programs/*.c))
# The checker of DRAM command traces, of tests and a program.
DRAM_CHECK := $(B)/tests/dram/check_main
DRAM_CHECK_OBJ := $(B)/obj/tests/dram/check.o $(B)/obj/tests/dram/rules.o
# The accelerator as a SystemC module. Debian's SystemC is built as C++17.
TLM_OBJ := $(patsubst %.cpp,$(B)/obj/%.o,$(filter-out %/main.cpp,$(wildcard sim/tlm/*.cpp sim/tlm/*/*.cpp))) \
           $(patsubst %.c,$(B)/obj/%.o,$(wildcard sim/tlm/*/*.c))
TLM_TEST := $(B)/tests/system/test_tlm
C_FILES = $(shell find host rtl sim tests -name '*.[ch]' -o -name '*.cpp')
# Packages first, then modules.
RTL_PKG := rtl/regs/shira_regs_pkg.sv rtl/common/shira_pkg.sv \
           $(filter-out rtl/regs/% rtl/common/%,$(wildcard rtl/*/*_pkg.sv))
RTL_SRC := $(RTL_PKG) $(filter-out $(RTL_PKG),$(wildcard rtl/*/*.sv)) rtl/shira_top.sv
GENERATED := rtl/regs/shira_regs_pkg.sv host/include/shira/regs.h host/include/shira/wire.h \
             rtl/regs/registers.md

# Random programs of descriptors.
PROGRAMS ?= 10000

# Machine of `make area`, `make timing` and `make platform`.
MACHINE ?= configs/hw/edge16.yaml

# Compiles what is named, with as many processes as -j says, else one a processor. One at a time, so
# that targets that need the same objects may run side by side.
SUBMAKE = mkdir -p $(B) && flock $(B)/.lock $(MAKE) -s --no-print-directory \
          $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$$(nproc))

.PHONY: help deps deps-check build install report area timing timing-gate platform test soak check bench lint format format-check gen gen-check \
        formal sanitize coverage rtl clean

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## /  \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

deps: ## install the packages that build and report need
	@tests/deps.sh $(PACKAGES)

deps-check: ## install the packages that tests and checks need as well
	@tests/deps.sh $(PACKAGES) $(CHECK_PACKAGES)

build: deps ## build/shirasim and build/libshira.a
	+@$(SUBMAKE) $(B)/shirasim $(B)/libshira.a

install: deps ## command, libraries, headers, configurations, man page below PREFIX (and DESTDIR)
	+@$(SUBMAKE) B=$(B)/portable OPT="$(INSTALL_OPT)" $(B)/portable/shirasim $(B)/portable/libshira.a \
	  $(B)/portable/libshira.so
	@host/install.sh "$(B)/portable" "$(VERSION)" "$(PREFIX)" "$(DESTDIR)"

report: build ## measure EXPERIMENT on the RTL, write OUT/report.json and OUT/report.html
	@machines=$$($(B)/shirasim machines "$(EXPERIMENT)") && \
	  $(MAKE) --no-print-directory rtl MACHINES="$$(echo $$machines)"
	@$(B)/shirasim run "$(EXPERIMENT)" --out "$(OUT)"

area: deps-check ## FPGA area of MACHINE's RTL by block: build/area/HASH.json, a table; the next report shows it
	+@$(SUBMAKE) $(B)/shirasim
	@B=$(B) rtl/area/run.sh "$(MACHINE)" $(RTL_SRC)

timing: deps-check ## depth of MACHINE's RTL by block, in FO4, and the clock that follows; build/timing/HASH.json; the next report shows it
	+@$(SUBMAKE) $(B)/shirasim
	@B=$(B) rtl/timing/run.sh "$(MACHINE)" $(RTL_SRC)

timing-gate: deps-check ## fails where a block of tiny is too deep, or a planted path is not found
	+@$(SUBMAKE) $(B)/shirasim
	@B=$(B) rtl/timing/run.sh configs/hw/tiny.yaml $(RTL_SRC)
	@B=$(B) rtl/timing/planted.sh configs/hw/tiny.yaml $(RTL_SRC)

platform: deps-check ## the accelerator in a virtual platform (SystemC/TLM-2.0) on MACHINE: cycles and wall time by quantum
	+@$(SUBMAKE) $(B)/shirasim $(B)/platform
	@$(MAKE) --no-print-directory rtl MACHINES="$(MACHINE)"
	@SHIRA_RTL_DIR=$(B)/rtl $(B)/platform "$(MACHINE)"

# One RTL build per distinct set of RTL parameters.
MACHINES ?= configs/hw/edge16.yaml
rtl: build ## build the RTL of MACHINES (paths of machine files)
	@printf '%s\n' $(MACHINES) | B=$(B) xargs -P "$$(nproc)" -I{} sim/rtl/machine.sh {} $(RTL_SRC)

test: deps-check ## all tests; ends with `N passed, N failed`
	+@$(SUBMAKE) $(B)/shirasim $(UNIT) $(SYSTEM) $(DRAM_CHECK) $(TLM_TEST)
	@$(MAKE) --no-print-directory rtl MACHINES="configs/hw/tiny.yaml configs/hw/edge16.yaml"
	@ASSERT=1 $(MAKE) --no-print-directory rtl MACHINES=configs/hw/tiny.yaml
	@ASSERT=1 RTL_OPT=-Og $(MAKE) --no-print-directory rtl \
	  MACHINES="$$(B=$(B) $(B)/tests/system/test_random --machines)"
	@RTL_OPT=-O0 $(MAKE) --no-print-directory rtl \
	  MACHINES="$$(B=$(B) $(B)/tests/system/test_keys --machines)"
	@B=$(B) tests/run.sh

# The long form of the tests that draw at random: tests/README.md.
soak: deps-check ## the random tests at length, with a seed of their own: SEED=; PROGRAMS= random programs
	+@$(SUBMAKE) $(B)/shirasim $(SYSTEM)
	@$(MAKE) --no-print-directory rtl MACHINES=configs/hw/tiny.yaml
	@ASSERT=1 $(MAKE) --no-print-directory rtl MACHINES=configs/hw/tiny.yaml
	@ASSERT=1 RTL_OPT=-Og $(MAKE) --no-print-directory rtl \
	  MACHINES="$$(SOAK=1 B=$(B) $(B)/tests/system/test_random --machines)"
	@B=$(B) PROGRAMS=$(PROGRAMS) tests/soak.sh

bench: build deps-check ## simulation speed against a bare array of PEs
	@$(MAKE) --no-print-directory rtl
	@B=$(B) tests/bench/run.sh

worth: build ## what layout, merge, ECC and ports of the weight SRAM are worth on edge16
	@B=$(B) tests/bench/worth.sh

check: test lint format-check gen-check formal timing-gate sanitize coverage ## what CI runs

lint: ## who includes what; Verilator -Wall and Yosys on the RTL
	@tests/lint.sh $(RTL_SRC)

format: ## clang-format in place
	@clang-format -i $(filter-out $(GENERATED),$(C_FILES))

format-check: ## fails where clang-format would change something
	@clang-format --dry-run -Werror $(filter-out $(GENERATED),$(C_FILES))

gen: deps ## write the generated files: of registers and descriptors, and configs/keys.md
	+@$(SUBMAKE) $(B)/regsgen
	@$(B)/regsgen rtl/regs/shira_regs.yaml $(GENERATED)
	+@$(SUBMAKE) $(B)/shirasim
	@$(B)/shirasim keys >configs/keys.md

gen-check: build ## fails where a generated file is not up to date
	+@$(SUBMAKE) $(B)/regsgen
	@mkdir -p $(dir $(GENERATED:%=$(B)/gen/%)) $(B)/gen/configs
	@$(B)/regsgen rtl/regs/shira_regs.yaml $(GENERATED:%=$(B)/gen/%)
	@$(B)/shirasim keys >$(B)/gen/configs/keys.md
	@for f in $(GENERATED) configs/keys.md; do cmp $$f $(B)/gen/$$f || exit 1; done

formal: ## proofs of the RTL, and the planted errors that they refute
	@B=$(B) rtl/formal/run.sh

sanitize: ## unit tests under address and undefined-behaviour sanitizers
	+@$(SUBMAKE) B=$(B)/san OPT="-O1" \
	  SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=all" sanitize-run
sanitize-run: $(UNIT)
	@B=$(B) tests/run.sh unit

coverage: deps-check ## what the tests cover of the RTL: lines, states, errors, stalls
	+@$(SUBMAKE) $(B)/shirasim $(SYSTEM)
	@B=$(B) tests/coverage/run.sh $(RTL_SRC)

clean: ## remove build/
	@rm -rf build

# What things are compiled with, and for which prefix: a change makes them again.
FLAGS_TEXT = $(CC) $(CXX) $(C_FLAGS) : $(CXX_FLAGS) : $(LDFLAGS)
.PHONY: force
$(B)/flags: force
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(FLAGS_TEXT))' | cmp -s - $@ || echo '$(subst ','\'',$(FLAGS_TEXT))' >$@
$(B)/prefix: force
	@mkdir -p $(@D)
	@echo '$(PREFIX)' | cmp -s - $@ || echo '$(PREFIX)' >$@
$(B)/obj/host/machine/find.o: $(B)/prefix
$(B)/obj/host/machine/find.o: private C_FLAGS += -DSHIRA_SHARE='"$(PREFIX)/share/shirasim"'

# Results are kept under the hash of these sources and flags.
$(B)/obj/build.c: $(RESULT_SRC) $(B)/flags
	@mkdir -p $(@D)
	@printf 'const char shira_build_hash[] = "%s";\n' "$$(cat $^ | sha256sum | cut -d ' ' -f 1)" >$@
$(B)/obj/build.o: $(B)/obj/build.c
	@$(CC) $(C_FLAGS) -c -o $@ $<

$(B)/shirasim: $(CLI_OBJ) $(B)/libshira.a
	@$(CC) $(C_FLAGS) -o $@ $^ $(LDLIBS)
$(B)/libshira.a: $(LIB_OBJ)
	@rm -f $@ && ar rcs $@ $^
# Of what begins with shira_, and with a version; the number in the name changes with the interface.
$(B)/libshira.so: $(LIB_OBJ) host/libshira.map
	@$(CC) $(C_FLAGS) -shared -Wl,-soname,libshira.so.0 -Wl,--version-script=host/libshira.map \
	  -Wl,--no-undefined -o $@ $(LIB_OBJ) $(LDLIBS)
$(B)/regsgen: rtl/regs/gen.c rtl/regs/gen_load.c rtl/regs/gen.h $(B)/flags
	@mkdir -p $(@D)
	@$(CC) $(C_FLAGS) -o $@ $(filter %.c,$^) $(PKG_CFLAGS) $(PKG_LIBS)
# The page of a report without data: template, style, script, libraries and the keys of its JSON in
# one file, each mark in it once; then that file as an object.
$(B)/page.html: $(wildcard host/report/page/*.*) host/report/page/libraries host/report/keys.md host/report/keys.awk
	@mkdir -p $(@D)
	@host/report/page/make.sh >$@.template
	@awk -f host/report/keys.awk host/report/keys.md $@.template >$@
	@for mark in DATA TEXT; do [ "$$(grep -o "<!--$$mark-->" $@ | wc -l)" = 1 ] || \
	  { echo "$@: the mark $$mark is not there once" >&2; exit 1; }; done
$(B)/obj/page.o: $(B)/page.html
	@mkdir -p $(@D)
	@cd $(B) && ld -r -b binary -z noexecstack -o obj/page.o page.html
$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(C_FLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/obj/%.o: %.cpp $(B)/flags
	@mkdir -p $(@D)
	@echo "  CXX $<"
	@$(CXX) $(CXX_FLAGS) -MMD -MP -c -o $@ $<
$(B)/platform: $(B)/obj/sim/tlm/example/main.o $(TLM_OBJ) $(B)/libshira.a
	@$(CXX) $(CXX_FLAGS) -o $@ $^ $(LDLIBS) -lsystemc
$(TLM_TEST): $(B)/obj/tests/system/test_tlm.o $(TLM_OBJ) $(B)/libshira.a
	@mkdir -p $(@D)
	@$(CXX) $(CXX_FLAGS) -o $@ $^ $(LDLIBS) -lsystemc
$(B)/tests/system/test_programs: $(PROGRAMS_OBJ)
$(B)/tests/unit/test_axi_mem: $(B)/obj/sim/rtl/axi_mem.o
$(B)/tests/unit/test_dram_check $(B)/tests/unit/test_dram_check_before $(B)/tests/unit/test_dram_settle $(B)/tests/system/test_dram_traffic $(DRAM_CHECK): $(DRAM_CHECK_OBJ)
$(B)/tests/%: tests/%.c $(B)/libshira.a $(B)/flags
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(C_FLAGS) $(PKG_CFLAGS) -MMD -MP -o $@ $< $(filter %.o,$^) $(B)/libshira.a $(LDLIBS) \
	  -lcmocka

-include $(shell find $(B)/obj $(B)/tests -name '*.d' 2>/dev/null)
