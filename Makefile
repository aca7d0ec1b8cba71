# perennial. `make demo` shows it, `make test` proves it; both need only Go, git
# and make, and on Debian `make test` installs the rest.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.PHONY: build demo test needs generate fmt check-generated lint suite bench proof mutants update-golden clean

GO ?= go
DIRS := $(wildcard cmd web views internal static)

# The race detector watches our code and not the C that SQLite was translated
# from: there it would cost a factor of 25. The packages are named one by one,
# because modernc.org/sqlite itself holds copies of the generic functions behind
# sync.Map, and the linker may take the uninstrumented copy for the whole program,
# which then sees races that are none. Nor does it watch the hash of passwords, which
# is slow on purpose. The linters get the same flags, so that everything is compiled
# once.
TRANSLATED := modernc.org/sqlite/lib modernc.org/libc modernc.org/memory
HASHES := golang.org/x/crypto/argon2 golang.org/x/crypto/blake2b
RACE := -race $(foreach package,$(TRANSLATED) $(HASHES),-gcflags=$(package)=-race=false)

# What `make test` must not leave out.
REQUIRE := postgres,browser

build:
	$(GO) build -o perennial ./cmd/perennial

demo:
	$(GO) run ./cmd/perennial demo

test: needs check-generated lint suite

needs:
	@.ci/needs

generate:
	$(GO) tool templ generate

fmt:
	$(GO) tool templ fmt $(DIRS)
	gofmt -w $(DIRS)

check-generated:
	@.ci/check-generated

lint:
	$(GO) vet $(RACE) ./...
	@.ci/vulncheck
	staticcheck=$$($(GO) tool -modfile=.ci/tools.mod -n staticcheck); GOFLAGS="$$($(GO) env GOFLAGS) $(RACE)" "$$staticcheck" ./...

# One PostgreSQL server for the tests of all packages, each test with a database
# of its own. The two that take longest begin first, so that neither is left over at
# the end. TESTFLAGS narrows: make suite TESTFLAGS='-run Ledger -v'.
suite:
	PERENNIAL_TEST_REQUIRE=$(REQUIRE) $(GO) run ./internal/testkit/withpostgres \
		$(GO) test $(RACE) -vet=off -shuffle=on -timeout=40m $(if $(CI),-count=1) $(TESTFLAGS) ./web ./internal/app ./...

bench:
	$(GO) run ./internal/testkit/withpostgres \
		$(GO) test -run='^$$' -bench=. -benchmem -timeout=30m $(TESTFLAGS) ./...

# What the suite proves with a sample, proved at length: every operation of a
# journey fails in every way, random histories, kills and stops of the real program,
# and charging on files with flipped bits.
HISTORIES ?= 300
KILLS ?= 100
FLIPS ?= 300
proof:
	$(GO) run ./internal/testkit/withpostgres \
		$(GO) test -count=1 -v -timeout=24h -run='RestartAnywhere|RandomHistories' ./internal/app -proof -histories=$(HISTORIES)
	$(GO) test -count=1 -v -timeout=24h -run='KillNine|StoppedServer|ADamagedFile' ./cmd/perennial -kills=$(KILLS) -flips=$(FLIPS)

# Takes guards away, one at a time, and shows which test notices.
mutants:
	$(GO) run ./internal/testkit/withpostgres $(GO) run ./internal/testkit/mutants

# In the packages whose tests know -update.
update-golden:
	for dir in $$(grep -rl --include='*_test.go' 'flag.Bool("update"' $(DIRS) | xargs -r -n1 dirname | sort -u); do \
		$(GO) test -count=1 -run='Golden|Pictures' "./$$dir" -update; \
	done

clean:
	rm -f perennial
