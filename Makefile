# What a person does here. `make` alone lists it.
#
#   make conformance                                 test the built-in reference
#   make conformance VALIDATOR='python3 my.py'       test your own program
#   make conformance SDK=twilio-node                 install and test an official SDK
#   TWILIO_AUTH_TOKEN=… make conformance ENDPOINT=http://127.0.0.1:3000/sms
#                                                    test a running application
#   make conformance VALIDATOR=… FILTER='rule:port-kept' ID='url-port/*' ARGS='--strict --oneshot'

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help build release conformance check test sdks thirdparty matrix test-pages examples frameworks fuzz vectors bench bench-fuzz lint

sigconform := .build/sigconform

help: ## list the targets
	@sed -n '/^$$/q;s/^# \{0,1\}//p' Makefile
	@echo; grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

build: ## build .build/sigconform; with RELEASE=1 as 'make release'
ifdef RELEASE
	@$(MAKE) --no-print-directory release
else
	@mkdir -p .build
	@go build -ldflags '-X main.release=$(version)' -o $(sigconform) ./spec/cmd/sigconform
endif

version ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
release: ## build .build/release/: static programs for Linux, macOS and Windows, the vectors inside, with checksums
	@rm -rf .build/release && mkdir -p .build/release
	@case '$(version)' in v*.*.*-*) ;; v*.*.*) go run ./spec/cmd/sigconform vectors release --check '$(version)' ;; esac
	@for os in linux darwin windows; do for arch in amd64 arm64; do \
	  name=sigconform-$$os-$$arch; [ $$os = windows ] && name=$$name.exe; \
	  CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build -trimpath -ldflags '-s -w -X main.release=$(version)' \
	    -o .build/release/$$name ./spec/cmd/sigconform || exit 1; \
	done; done
	@cd .build/release && { sha256sum sigconform-* || shasum -a 256 sigconform-*; } >SHA256SUMS 2>/dev/null && ls -l

conformance: build ## test a validator; see above for VALIDATOR, SDK, ENDPOINT, FILTER, ID, VECTORS, ARGS
	@$(sigconform) run --report conformance-report \
	  $(if $(SDK),--sdk '$(SDK)') $(if $(ENDPOINT),--endpoint '$(ENDPOINT)') $(if $(VECTORS),--vectors '$(VECTORS)') \
	  $(if $(FILTER),--filter '$(FILTER)') $(foreach id,$(ID),--id '$(id)') \
	  $(ARGS) $(if $(VALIDATOR),-- $(VALIDATOR)) || exit $$?

check: ## what is quick and finds most, for work on the code: vet, format, the fast tests, lint of the vectors
	@.ci/progress .ci/check

test: ## all tests, with the race detector where there is a C compiler, and a second computation of all signatures
	@.ci/progress .ci/test

sdks: ## test every official SDK that can be installed here; the others are skipped, with a line
	@SIGCONFORM_SDKS=$${SIGCONFORM_SDKS:-1} go test -count=1 -v -timeout 30m -run '^TestSDKs$$' ./spec

thirdparty: ## test the libraries of others that can be installed here
	@SIGCONFORM_SDKS=$${SIGCONFORM_SDKS:-1} go test -count=1 -v -timeout 30m -run '^TestThirdParty$$' ./spec

matrix: build ## test every SDK and library that can run here; with what 'make frameworks' left, all side by side in matrix-report/
	@$(sigconform) matrix --sdks $(if $(wildcard .build/frameworks/*/report.json),--frameworks .build/frameworks) \
	  --out matrix-report $(REPORTS)

test-pages: build ## test the report pages in headless Chromium; skipped, with a line, if it is not installed
	@spec/report/browser/run

examples: build ## test real applications, alone and behind nginx; what cannot be had here is skipped, with a line
	@SIGCONFORM_EXAMPLES=1 go test -count=1 -v -timeout 30m -run '^TestExamples$$' ./spec

frameworks: build ## test and fuzz the frameworks' applications alone, and set them side by side, in matrix-report/
	@rm -rf .build/frameworks
	@SIGCONFORM_EXAMPLES=frameworks go test -count=1 -v -timeout 30m -run '^TestExamples$$' ./spec
	@$(sigconform) matrix --frameworks .build/frameworks --out matrix-report $(REPORTS)

vectors: build ## fill in signatures and ids of new vectors, then check everything
	@$(sigconform) vectors sign
	@$(MAKE) --no-print-directory build
	@$(sigconform) vectors lint

# How long the native targets and the engine are given by 'make fuzz'.
NATIVE_TIME ?= 3s
FUZZ_TIME ?= 20s
SEED ?= 1

fuzz: build ## a minute of fuzzing: the reference's properties, the native targets, the engine; or of VALIDATOR, SDK, ENDPOINT
ifeq ($(VALIDATOR)$(SDK)$(ENDPOINT),)
	@go test ./fuzz/generate -run 'Test' -rapid.checks=1000
	@fuzz/native/run $(NATIVE_TIME)
endif
	@$(sigconform) fuzz --time $(FUZZ_TIME) --seed $(SEED) --out .build/findings \
	  $(if $(SDK),--sdk '$(SDK)') $(if $(ENDPOINT),--endpoint '$(ENDPOINT)') $(ARGS) \
	  $(if $(SDK)$(ENDPOINT),,-- $(or $(VALIDATOR),$(sigconform) validator)) || exit $$?

bench-fuzz: ## how many cases it takes to find each known mistake, and random strings (minutes)
	@SIGCONFORM_SEEDS=20 go test ./fuzz/generate -run '^TestDetections$$' -count 1 -v -timeout 60m | grep -vE '^(=== |--- |ok|PASS)'

bench: ## benchmarks, as ratios to a floor measured in the same run
	@go test -run '^$$' -bench . -benchtime 1s $$(go list ./... | grep -v '/fuzz$$')
	@go test -run '^$$' -bench . -benchtime 300000x ./fuzz

lint: ## go vet and gofmt
	@go vet ./...
	@unformatted=$$(find reference vectors adapters spec fuzz \( -name '.?*' -o -name node_modules -o -name vendor \) -prune \
	    -o -name '*.go' -print0 | xargs -0 gofmt -l); \
	  if [ -n "$$unformatted" ]; then echo "not gofmt-ed: $$unformatted"; exit 1; fi
