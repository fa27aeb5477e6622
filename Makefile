# Everything a contributor types. `make run` and `make test` are the two commands of the README.
GO      ?= go
BIN     := bin/burnline
SOURCES := $(shell find . -name '*.go' -not -path './node_modules/*') go.mod go.sum
ASSETS  := $(shell find web collector storage -type f -not -name '*.go' 2>/dev/null)

.PHONY: help build run test check lint fuzz bench soak dist clean

help: ## Show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

build: $(BIN) ## Build the binary into bin/

$(BIN): $(SOURCES) $(ASSETS)
	@mkdir -p bin
	@echo "building $(BIN) (the first build compiles the OpenTelemetry Collector and Prometheus: about five minutes on two cores)"
	$(GO) build -trimpath -o $(BIN) ./cmd/burnline

run: build ## Start the demo: real services, a failure, a page, a recovery
	./$(BIN) demo

test: ## Run every test, under the race detector, with the real servers
	./tools/test-servers
	$(GO) test -race -timeout 30m ./...

check: ## Format, vet, lint and generated files
	./tools/check

fuzz: ## Fuzz every decoder and parser for a minute each
	./tools/fuzz 60s

bench: build ## Measure beside the peers and write docs/benchmarks.md
	./tools/bench $(BIN)

soak: ## The whole fault matrix, 300 kills under load on each database, a hundred of the whole story, ten minutes of random worlds against brute force
	./tools/test-servers
	BURNLINE_MATRIX=whole $(GO) test -timeout 60m -count=1 -run 'TestEveryFaultAndKill' -v ./cmd/burnline
	BURNLINE_KILLS=300 $(GO) test -timeout 90m -count=1 -run 'TestKillsUnderLoad|TestADeadNodesPages' -v ./cmd/burnline
	BURNLINE_KILLS=100 $(GO) test -timeout 120m -count=1 -run 'TestAKilledServer' -v ./cmd/burnline
	$(GO) test -timeout 30m -count=1 -run 'EqualsBruteForce|CountsEqualBruteForce' ./slo/engine -property-for 5m

dist: ## What is shipped, in bin/dist: a static binary, its components, a Debian package, checksums
	./dist/build

clean: ## Remove what was built
	rm -rf bin
