# What is done with the sources, in words that are easy to remember. Everything here is a command of Go's.

.PHONY: build test check man dist clean

build: ## the program, for this machine
	CGO_ENABLED=0 go build -trimpath -o spikec ./cmd/spikec

test: ## the tests
	go test ./...

check: ## everything that is checked before something is taken in
	bash .ci/run

man: ## manual pages, in man/man1
	go run ./cmd/spikec man --to man/man1

dist: ## archives of six platforms, what is in them (SPDX), their SHA-256, in dist
	go run ./internal/dist --out dist

clean: ## all that these commands write
	rm -rf spikec man dist
