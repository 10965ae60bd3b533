# shirasim. `make help` lists the targets.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The one list of what a fresh Debian 12 needs beside git, gcc and make.
PACKAGES := verilator g++ pkg-config libyaml-dev libjansson-dev libopenblas-dev libisal-dev \
            zlib1g-dev gnuplot-nox
CHECK_PACKAGES := libcmocka-dev libsystemc-dev clang-format yosys

VERSION := $(shell sed -n 's/.*PROGRAM_VERSION "shirasim \(.*\)"/\1/p' host/experiment/run.c)
PREFIX ?= /usr/local

EXPERIMENT ?= configs/experiments/default.yaml
OUT ?= build/report

CC := gcc
PKGS := yaml-0.1 jansson openblas libisal
# pkg-config is itself installed by `make deps`, so it is asked in the recipes, not here.
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS))
PKG_LIBS = $(shell pkg-config --libs $(PKGS))
WARN := -Wall -Wextra -Werror
OPT ?= -O3 -march=native
CFLAGS = -std=c11 $(OPT) -g $(WARN) -fPIC -D_GNU_SOURCE -I. -Ihost/include $(SANITIZE)
LDLIBS = $(PKG_LIBS) -ldl -lm -lpthread

B ?= build
LIB_SRC := $(wildcard host/base/*.c host/config/*.c host/adapter/*.c host/pack/*.c host/plan/*.c \
             host/driver/*.c host/reference/*.c host/experiment/*.c host/report/*.c \
             sim/*.c sim/golden/*.c sim/dram/*.c)
CLI_SRC := $(wildcard host/cli/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/obj/%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(B)/obj/%.o)
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))
SYSTEM := $(patsubst tests/system/%.c,$(B)/tests/system/%,$(wildcard tests/system/*.c))
# What test_programs is made of beside its own file.
PROGRAMS_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/system/programs/*.c))
# The checker of DRAM command traces, of tests and a program.
DRAM_CHECK := $(B)/tests/dram/check_main
DRAM_CHECK_OBJ := $(B)/obj/tests/dram/check.o
# The accelerator as a SystemC module. Debian's SystemC is built as C++17.
TLM_OBJ := $(patsubst %.cpp,$(B)/obj/%.o,$(filter-out %/main.cpp,$(wildcard sim/tlm/*.cpp))) \
           $(patsubst %.c,$(B)/obj/%.o,$(wildcard sim/tlm/*.c))
TLM_TEST := $(B)/tests/system/test_tlm
CXXFLAGS = -std=c++17 $(OPT) -g $(WARN) -I. -Ihost/include $(SANITIZE)
C_FILES = $(shell find host rtl sim tests -name '*.[ch]' -o -name '*.cpp')
# Packages first, then modules.
RTL_PKG := rtl/regs/shira_regs_pkg.sv rtl/common/shira_pkg.sv \
           $(filter-out rtl/regs/% rtl/common/%,$(wildcard rtl/*/*_pkg.sv))
RTL_SRC := $(RTL_PKG) $(filter-out $(RTL_PKG),$(wildcard rtl/*/*.sv)) rtl/shira_top.sv
GENERATED := rtl/regs/shira_regs_pkg.sv host/include/shira/regs.h host/include/shira/wire.h \
             rtl/regs/registers.md

# Random programs of descriptors.
PROGRAMS ?= 10000

# Machine of `make area` and `make platform`.
MACHINE ?= configs/hw/edge16.yaml

.PHONY: help deps deps-check build install report area platform test soak check bench lint format format-check gen gen-check \
        formal sanitize coverage rtl clean

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## /  \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

deps: ## install the packages that build and report need
	@tests/deps.sh $(PACKAGES)

deps-check: ## install the packages that tests and checks need as well
	@tests/deps.sh $(PACKAGES) $(CHECK_PACKAGES)

build: deps ## build/shirasim and build/libshira.a
	@$(MAKE) -s --no-print-directory -j$$(nproc) $(B)/shirasim $(B)/libshira.a

install: build $(B)/libshira.so ## command, libraries, headers, shira.pc below PREFIX (and DESTDIR)
	@host/install.sh "$(B)" "$(VERSION)" "$(PREFIX)" "$(DESTDIR)"

report: build ## measure EXPERIMENT on the RTL, write OUT/report.json and OUT/report.html
	@machines=$$($(B)/shirasim machines "$(EXPERIMENT)") && \
	  $(MAKE) --no-print-directory rtl MACHINES="$$machines"
	@$(B)/shirasim run "$(EXPERIMENT)" --out "$(OUT)"

area: deps-check ## FPGA area of MACHINE's RTL by block: build/area/HASH.json, a table; the next report shows it
	@$(MAKE) -s --no-print-directory -j$$(nproc) $(B)/shirasim
	@B=$(B) rtl/area/run.sh "$(MACHINE)" $(RTL_SRC)

platform: deps-check ## the accelerator in a virtual platform (SystemC/TLM-2.0) on MACHINE: cycles and wall time by quantum
	@$(MAKE) -s --no-print-directory -j$$(nproc) $(B)/shirasim $(B)/platform
	@$(MAKE) --no-print-directory rtl MACHINES="$(MACHINE)"
	@SHIRA_RTL_DIR=$(B)/rtl $(B)/platform "$(MACHINE)"

# One RTL build per distinct set of RTL parameters.
MACHINES ?= configs/hw/edge16.yaml
rtl: $(B)/shirasim ## build the RTL of MACHINES (paths of machine files)
	@printf '%s\n' $(MACHINES) | B=$(B) xargs -P "$$(nproc)" -I{} sim/rtl/machine.sh {} $(RTL_SRC)

test: deps-check ## all tests; ends with `N passed, N failed`
	@$(MAKE) -s --no-print-directory -j$$(nproc) $(B)/shirasim $(UNIT) $(SYSTEM) $(DRAM_CHECK) $(TLM_TEST)
	@$(MAKE) --no-print-directory rtl MACHINES="configs/hw/tiny.yaml configs/hw/edge16.yaml"
	@ASSERT=1 $(MAKE) --no-print-directory rtl MACHINES=configs/hw/tiny.yaml
	@ASSERT=1 RTL_OPT=-Og $(MAKE) --no-print-directory rtl \
	  MACHINES="$$(B=$(B) $(B)/tests/system/test_random --machines)"
	@RTL_OPT=-O0 $(MAKE) --no-print-directory rtl \
	  MACHINES="$$(B=$(B) $(B)/tests/system/test_keys --machines)"
	@B=$(B) tests/run.sh

# The long form of the tests that draw at random: tests/README.md.
soak: deps-check ## the random tests at length, with a seed of their own: SEED=; PROGRAMS= random programs
	@$(MAKE) -s --no-print-directory -j$$(nproc) $(B)/shirasim $(SYSTEM)
	@ASSERT=1 $(MAKE) --no-print-directory rtl MACHINES=configs/hw/tiny.yaml
	@ASSERT=1 RTL_OPT=-Og $(MAKE) --no-print-directory rtl \
	  MACHINES="$$(B=$(B) $(B)/tests/system/test_random --machines)"
	@B=$(B) PROGRAMS=$(PROGRAMS) tests/soak.sh

bench: build deps-check ## simulation speed against a bare array of PEs
	@$(MAKE) --no-print-directory rtl
	@B=$(B) tests/bench/run.sh

worth: build ## what layout, merge, ECC and ports of the weight SRAM are worth on edge16
	@B=$(B) tests/bench/worth.sh

check: test lint format-check gen-check formal sanitize coverage ## what CI runs

lint: ## Verilator -Wall and Yosys on the RTL
	@tests/lint.sh $(RTL_SRC)

format: ## clang-format in place
	@clang-format -i $(filter-out $(GENERATED),$(C_FILES))

format-check: ## fails where clang-format would change something
	@clang-format --dry-run -Werror $(filter-out $(GENERATED),$(C_FILES))

gen: $(B)/regsgen ## write the generated files from rtl/regs/shira_regs.yaml
	@$(B)/regsgen rtl/regs/shira_regs.yaml $(GENERATED)

gen-check: $(B)/regsgen ## fails where a generated file is not up to date
	@mkdir -p $(dir $(GENERATED:%=$(B)/gen/%))
	@$(B)/regsgen rtl/regs/shira_regs.yaml $(GENERATED:%=$(B)/gen/%)
	@for f in $(GENERATED); do cmp $$f $(B)/gen/$$f || exit 1; done

formal: ## proofs of the RTL, and the planted errors that they refute
	@B=$(B) rtl/formal/run.sh

sanitize: ## unit tests under address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory -j$$(nproc) B=$(B)/san OPT="-O1" \
	  SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=all" sanitize-run
sanitize-run: $(UNIT)
	@B=$(B) tests/run.sh unit

coverage: deps-check ## what the tests cover of the RTL: lines, states, errors, stalls
	@$(MAKE) -s --no-print-directory -j$$(nproc) $(B)/shirasim $(SYSTEM)
	@B=$(B) tests/coverage/run.sh $(RTL_SRC)

clean: ## remove build/
	@rm -rf build

$(B)/shirasim: $(CLI_OBJ) $(B)/libshira.a
	@$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)
$(B)/libshira.a: $(LIB_OBJ)
	@rm -f $@ && ar rcs $@ $^
# Of what begins with shira_, and with a version; the number in the name changes with the interface.
$(B)/libshira.so: $(LIB_OBJ) host/libshira.map
	@$(CC) $(CFLAGS) -shared -Wl,-soname,libshira.so.0 -Wl,--version-script=host/libshira.map \
	  -Wl,--no-undefined -o $@ $(LIB_OBJ) $(LDLIBS)
$(B)/regsgen: rtl/regs/gen.c rtl/regs/gen_load.c rtl/regs/gen.h
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -o $@ $(filter %.c,$^) $(PKG_CFLAGS) $(PKG_LIBS)
$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/obj/%.o: %.cpp
	@mkdir -p $(@D)
	@echo "  CXX $<"
	@$(CXX) $(CXXFLAGS) -MMD -MP -c -o $@ $<
$(B)/platform: $(B)/obj/sim/tlm/main.o $(TLM_OBJ) $(B)/libshira.a
	@$(CXX) $(CXXFLAGS) -o $@ $^ $(LDLIBS) -lsystemc
$(TLM_TEST): $(B)/obj/tests/system/test_tlm.o $(TLM_OBJ) $(B)/libshira.a
	@mkdir -p $(@D)
	@$(CXX) $(CXXFLAGS) -o $@ $^ $(LDLIBS) -lsystemc
$(B)/tests/system/test_programs: $(PROGRAMS_OBJ)
$(B)/tests/unit/test_dram_check $(B)/tests/system/test_dram_traffic $(DRAM_CHECK): $(DRAM_CHECK_OBJ)
$(B)/tests/%: tests/%.c $(B)/libshira.a
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS) $(PKG_CFLAGS) -MMD -MP -o $@ $< $(filter %.o,$^) $(B)/libshira.a $(LDLIBS) \
	  -lcmocka

-include $(shell find $(B)/obj $(B)/tests -name '*.d' 2>/dev/null)
