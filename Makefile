# hawos: build, test and run. `make help` lists the targets.
#
#   make                                build the sample's services for this machine
#   make plat=linux arch=arm64          … for another one

plat ?= $(shell go env GOOS)
arch ?= $(shell go env GOARCH)
# bin is where the sample's services go: sample/bin here, a folder of the
# platform's own when built for another.
bin := sample/bin$(if $(filter-out $(shell go env GOOS)-$(shell go env GOARCH),$(plat)-$(arch)),/$(plat)-$(arch))

LINT_VERSION := v2.15.0
LINT_DIR     := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/hawos/golangci-lint-$(LINT_VERSION)
HAWOSGEN     := $(CURDIR)/bin/hawosgen

# The race detector needs a C compiler.
CC_FOUND := $(shell command -v $$(go env CC) 2>/dev/null)
RACE     := $(if $(CC_FOUND),-race)

.DEFAULT_GOAL := services
.PHONY: help services build test test-long test-real bench lint generate sample-up sample-down sample-status clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  make plat=linux|darwin arch=amd64|arm|arm64   builds the sample's services for that machine"

services: ## build the sample's services (plat, arch) into sample/bin
	@case "$(plat)-$(arch)" in \
	linux-amd64|linux-arm|linux-arm64|darwin-amd64|darwin-arm64) ;; \
	darwin-arm) echo "make: Go cannot build for darwin with arch=arm: use arch=arm64 (Apple silicon) or arch=amd64" >&2; exit 1 ;; \
	*) echo "make: unknown platform: plat=$(plat) arch=$(arch): use plat=linux|darwin and arch=amd64|arm|arm64" >&2; exit 1 ;; \
	esac
	CGO_ENABLED=0 GOOS=$(plat) GOARCH=$(arch) go build -o $(bin)/ ./sample/cmd/...
	@echo "built the services for $(plat)/$(arch) in $(bin)"

build: ## build hawosgen into bin
	go build -o $(HAWOSGEN) ./hawosgen

test: build ## build, vet and all tests that need only Go (race detector where a C compiler is found)
	@echo "race detector: $(if $(CC_FOUND),on (C compiler: $(CC_FOUND)),off: no C compiler found)"
	go build ./...
	go vet ./...
	cd sample && $(HAWOSGEN) proto --check
	go test $(RACE) -timeout 15m ./...

test-long: ## fuzzing and long randomised tests, about 10 minutes
	go test -timeout 20m -run '^$$' ./... # compiles all
	HAWOS_LONG=1 go test -timeout 20m -run 'TestRandomEdits|TestKilledRun' ./hawosgen/generate ./hawosgen/cli
	./tests/fuzz.sh 20s

test-real: ## the same contracts against real servers: etcd, redis-server, Kafka, and nsqd where there is one
	./tests/real.sh

bench: ## measure hawos beside other systems (about 20 minutes; quick=1: about 2), into bench/results
	cd bench && go build -o ../bin/bench . && ../bin/bench run $(if $(quick),-quick)

lint: ## golangci-lint, pinned; built on first use
	@test -x $(LINT_DIR)/golangci-lint || { echo "building golangci-lint $(LINT_VERSION) (first time only, some minutes)"; \
	GOBIN=$(LINT_DIR) GOFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION); }
	$(LINT_DIR)/golangci-lint run ./...

generate: build ## regenerate hawos's own protos and everything owned in sample/
	cd runtime/hawospb && go generate
	cd sample && $(HAWOSGEN) proto

sample-up: build ## start the sample on this machine: servers, frontend, config, two chats
	go build -o sample/bin/ ./sample/cmd/test-client
	cd sample && $(HAWOSGEN) up

sample-down: build ## stop all of it
	cd sample && $(HAWOSGEN) down

sample-status: build ## show what runs
	cd sample && $(HAWOSGEN) status

clean: ## remove what was built
	rm -rf bin sample/bin
