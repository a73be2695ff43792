# `go test ./...` needs nothing but Go. `make setup` installs what the rest of
# the tests need; CONTRIBUTING.md says what that is.

# A command that fails is not hidden by the grep behind it.
SHELL := bash
.SHELLFLAGS := -o pipefail -c

.PHONY: setup setup-bench setup-torture setup-failover build test race check fmt vet staticcheck vuln bench profile record growth botlab fuzz torture failover canary verify-external pictures

setup:
	@.ci/setup

setup-bench:
	@.ci/setup bench

setup-torture:
	@.ci/setup torture

setup-failover:
	@.ci/setup failover

build:
	CGO_ENABLED=0 go build ./...

test:
	go test ./...

# Where goroutines of ours meet. The race detector makes a test five to ten times
# slower, so one person's way through a form, or a year of days, goes without.
race:
	go test -race ./internal/job
	go test -race -run 'Two|Crash|Node' ./internal/sequencer
	go test -race -run 'Writer|Update|Node|Cancelled|Silent' ./internal/store
	go test -race -run 'Nodes|Clicks|Whatever|Many|AtOnce|Worker|Bucket|Shredd|Withdraw|Address|Backup' -skip 'Damaged|Restored|Refuses|TheClockDoes|Spreadsheet|Packet|Moderator|AnAddressSigns|OnlyTheAddress|NewAddress' ./internal/action
	go test -race -run 'Ready|Conn|Direct|Serve|Built|Overload|Pages|Geocoder|Twice' -skip 'InABrowser|Mirrored|Bounded' ./internal/web

check: fmt vet staticcheck

fmt:
	@out=$$(gofmt -l .) && [ -z "$$out" ] || { echo "Not formatted as gofmt does:"; echo "$$out"; exit 1; } >&2

vet:
	go vet ./...
	go vet -tags torture ./cmd/...
	go vet -tags failover ./cmd/...

staticcheck:
	go tool staticcheck ./...

# Asks vuln.go.dev about the code and its dependencies.
vuln:
	go tool govulncheck ./...

# The measured comparisons: ten minutes of one machine that does nothing else, one
# table in Markdown. Ends with 1 where a goal of bench/goals.tsv is missed or a
# ratio has become much worse. Needs `make setup-bench`, and for all lines
# UNDERSIGNED_TEST_DATA. For one part: make bench PART=page. To keep the ratios
# that it finds for later runs to be compared with: make bench KEEP=1
bench:
	cd bench && go run . -only '$(PART)' -data '$(abspath $(UNDERSIGNED_TEST_DATA))' $(if $(KEEP),-keep)

# Where the time, the memory and the locks go under the load of the bench, as
# files for `go tool pprof`, in PROFILES.
profile:
	cd bench && go run . -profiles '$(abspath $(or $(PROFILES),dist/profiles))'

# The record of petition sites, ten times over, for ten minutes; then more than can be
# taken; then again. Ends with 1 where a promise fails. For a shorter one:
# make record DURATION=1m
record: DURATION = 10m
record:
	cd bench && go run . -only record -during $(DURATION)

# What would become slower or larger with the signatures: with none, a tenth of N, and
# N. Ten million take two hours and 20 GB of a disk; N=100000 two minutes.
growth: N = 10000000
growth:
	cd bench && go run . -only growth -signatures $(N)

# Every parser, three seconds each. FUZZ=crash fails of a crash alone.
fuzz:
	@.ci/fuzz 3s $(FUZZ)

# An hour: 200 kills while 500,000 people are told something, the kernel's own
# account of what was on the disk when, a disk that fills up, a disk that
# refuses a sync, slow clients, every parser fuzzed. Needs root, Linux and
# `make setup-torture`; says its figures as it goes.
torture:
	go test -tags torture -count=1 -timeout 2h -v -run 'Kill|ThankYou|Disk|Slow|Canary|Timing' ./cmd/undersigned | grep -v '^{'
	go test -count=1 -v -run 'HourWithout' ./internal/mail
	@.ci/fuzz 30s

# Four to seven minutes: PostgreSQL under Patroni, whose primary is killed, cut off and frozen
# while people sign. Needs root, Linux and `make setup-failover`; says its figures.
# make failover SETTINGS=asynchronous shows how a wrong setting loses writes; docs/operations.md
# has the others. For one of the trials: ONLY="primary killed", healed, frozen, "standby killed" or standbys.
failover:
	cd external && go mod download
	SETTINGS='$(SETTINGS)' ONLY='$(ONLY)' go test -tags failover -count=1 -timeout 1h -v -exec '$(CURDIR)/.ci/apart' -run 'FailsOver' ./cmd/undersigned | grep -v '^ *{'

# Whether anything of a signer is found on the raw image of a disk. Needs root
# and Linux.
canary:
	go test -tags torture -count=1 -v -run Canary ./cmd/undersigned

# A log made through the built program, checked by verifiers which others wrote
# (external/go.mod). Says so, loudly, where the module proxy does not have them.
verify-external:
	@cd external && if go mod download >/dev/null 2>&1; then go test -count=1 ./...; \
	else echo "LEFT OUT: verify-external. Its modules cannot be had from the module proxy." >&2; fi

# Bots against honest people, in full size: 20,000 against 2,000, on a simulated
# clock. Go's tests have a tenth of it.
botlab:
	UNDERSIGNED_TEST_BOTLAB=full go test -count=1 -v -timeout 30m -run 'TestBotLab' ./internal/web

# The pictures in README.md and docs/organisers.md, of the site as it is now, made
# by the walks through it. Needs `make setup`.
pictures:
	UNDERSIGNED_TEST_REQUIRE=chromium UNDERSIGNED_TEST_PICTURES=$(CURDIR)/docs/pictures \
	go test -count=1 -run 'TestWalkFromSigningToWithdrawingInABrowser|TestWalkOfTheFirstTenMinutesInABrowser/en' ./internal/web
