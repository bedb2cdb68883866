# What a person does here. `make` alone lists it.
#
#   make conformance                                 ask the built-in reference
#   make conformance VALIDATOR='python3 my.py'       ask your own program
#   make conformance SDK=twilio-node                 install and ask an official SDK
#   make conformance VALIDATOR=… FILTER='rule:port-kept' ID='url-port/*' ARGS='--strict --oneshot'

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help build conformance test sdks vectors fuzz bench bench-fuzz lint

sigconform := .build/sigconform

help: ## list the targets
	@sed -n '/^$$/q;s/^# \{0,1\}//p' Makefile
	@echo; grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

build: ## build .build/sigconform
	@mkdir -p .build
	@go build -o $(sigconform) ./spec/cmd/sigconform

conformance: build ## ask a validator; see above for VALIDATOR, SDK, FILTER, ID, VECTORS, ARGS
	@$(sigconform) run --report conformance-report \
	  $(if $(SDK),--sdk '$(SDK)') $(if $(VECTORS),--vectors '$(VECTORS)') \
	  $(if $(FILTER),--filter '$(FILTER)') $(foreach id,$(ID),--id '$(id)') \
	  $(ARGS) $(if $(VALIDATOR),-- $(VALIDATOR)) || exit $$?

test: lint ## all tests, with the race detector, and the vectors' self-checks
	@go test -race ./...
	@$(MAKE) --no-print-directory build
	@$(sigconform) vectors lint
	@if command -v python3 >/dev/null; then python3 vectors/verify.py; \
	  else echo "skipped: vectors/verify.py, the second computation of all signatures: there is no python3"; fi

sdks: ## ask every official SDK that can be installed here; the others are skipped, with a line
	@SIGCONFORM_SDKS=1 go test -count=1 -v -timeout 30m -run '^TestSDKs$$' ./spec/conformance

vectors: build ## fill in signatures and ids of new vectors, then check everything
	@$(sigconform) vectors sign
	@$(MAKE) --no-print-directory build
	@$(sigconform) vectors lint

# How long the native targets and the engine are given by 'make fuzz'.
NATIVE_TIME ?= 3s
FUZZ_TIME ?= 20s
SEED ?= 1

fuzz: build ## a minute of fuzzing: the reference's properties, the native targets, the engine (or VALIDATOR=…, SDK=…)
	@go test ./fuzz -run 'Test' -rapid.checks=1000
	@for target in $$(go test ./fuzz/native -list '^Fuzz' | grep ^Fuzz); do \
	  echo "$$target"; go test ./fuzz/native -run '^$$' -fuzz "^$$target\$$" -fuzztime $(NATIVE_TIME) -fuzzminimizetime 1x | tail -1 || exit 1; done
	@$(sigconform) fuzz --time $(FUZZ_TIME) --seed $(SEED) --out .build/findings $(if $(SDK),--sdk '$(SDK)') \
	  $(if $(SDK),,-- $(or $(VALIDATOR),$(sigconform) validator)) || exit $$?

bench-fuzz: ## how many cases it takes to find each known mistake, and random strings (minutes)
	@SIGCONFORM_SEEDS=20 go test ./fuzz -run '^TestDetections$$' -count 1 -v -timeout 60m | grep -vE '^(=== |--- |ok|PASS)'

bench: ## benchmarks, as ratios to a floor measured in the same run
	@go test -run '^$$' -bench . -benchtime 1s $$(go list ./... | grep -v '/fuzz$$')
	@go test -run '^$$' -bench . -benchtime 300000x ./fuzz

lint: ## go vet and gofmt
	@go vet ./...
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	  if [ -n "$$unformatted" ]; then echo "not gofmt-ed: $$unformatted"; exit 1; fi
