# The commands of the project. Each works on a fresh clone with Go, Node and Debian.
GO      ?= go
LISTEN  ?= 127.0.0.1:8420
TEMPL   := $(GO) run github.com/a-h/templ/cmd/templ@v0.3.977
LINT    := $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
VULN    := $(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0
ASSETS  := web/static/dist/app.css
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: run build assets test test-pg test-fast check gen migration bench screenshots clean

run: build ## the running product with live sample data
	./holdfast demo --listen $(LISTEN)

build: assets ## one static binary
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.released=$(VERSION)" -o holdfast ./cmd/holdfast

assets: $(ASSETS) ## styles and scripts for the browser

$(ASSETS): package.json package-lock.json $(shell find web/static/src -type f)
	npm ci --ignore-scripts --no-audit --no-fund
	npm run --silent build

test: assets ## everything: both databases, files, browser
	$(GO) test -timeout 14m ./...

test-fast: ## without the browser and PostgreSQL where they are missing
	$(GO) test -short ./...

test-pg: ## the same, and fail where PostgreSQL is missing
	HOLDFAST_REQUIRE_POSTGRES=1 $(GO) test -timeout 14m ./...

check: assets ## what must be clean before a change lands
	test -z "$$(gofmt -l $$(git ls-files '*.go'))"
	$(GO) vet ./...
	$(GO) run ./cmd/generate -check
	$(LINT) run
	$(VULN) ./... || echo "govulncheck could not reach its database"

gen: ## generated files: pages, access matrix, docs of kinds
	$(TEMPL) generate
	$(GO) run ./cmd/generate
	$(GO) test ./access -run Matrix -update

migration: ## write the migration that the kinds need: make migration NAME=what_it_does
	$(GO) run ./cmd/newmigration -name $(NAME)

bench: ## benchmarks; docs/performance.md tells how to read them
	$(GO) test -run '^$$' -bench . -benchmem ./...

screenshots: assets ## photograph today's build for the README
	HOLDFAST_SCREENSHOTS=$(CURDIR)/docs/screenshots $(GO) test ./server -run TestTheTourIsAccessible -count=1

clean:
	rm -rf holdfast node_modules web/static/dist/*
