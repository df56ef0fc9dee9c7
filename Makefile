# Talon's commands. `make` alone lists them; what a command does is in the script of the same name in .make.

.DEFAULT_GOAL := help
PREFIX ?= /usr/local

.PHONY: help run run-fleet test build lint format docs fuzz differential bench-http bench-instructions bench-reload bench-replacement bench-hooks bench-metrics bench-request bench-fleet bench-forwarding bench-soak install clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## serve the Flask example with 2 workers and metrics; Ctrl-C stops it
	@.make/run.sh

run-fleet: ## run two servers, a Redis, a fleet exporter and a Prometheus on loopback; Ctrl-C stops them
	@.make/run-fleet.sh

test: ## build and run every test; FILTER=regex picks Swift tests
	@.make/test.sh $(if $(FILTER),--filter '$(FILTER)')

build: ## build a release and lay it out in .build/talon
	@.make/build.sh

lint: ## check format, imports, unsafe code and file sizes; changes nothing
	@.make/lint.sh

format: ## format the Swift sources in place
	@.make/format.sh

docs: ## write docs/settings.md and the schema of talon.yaml from the built talon
	@.make/docs.sh

fuzz: ## fuzz the HTTP codec and the Python extension; ARGS="--seconds N" or "--runs N"
	@.make/fuzz.sh $(ARGS)

differential: ## compare with h11 what is read of random requests; ARGS="--cases N"
	@.make/differential.sh $(ARGS)

bench-http: ## compare requests/s and CPU with gunicorn, granian, bjoern, nginx; ARGS='--quick --case hello'
	@.make/bench.sh throughput $(ARGS)

bench-instructions: ## count the instructions of one request; ARGS=--record renews what a test holds
	@.make/bench-instructions.sh $(ARGS)

bench-reload: ## count failed requests while reloading under load
	@.make/bench.sh reload $(ARGS)

bench-replacement: ## measure how soon a killed worker is replaced; ARGS=--kills N
	@.make/bench.sh replacement $(ARGS)

bench-hooks: ## measure what calls of hooks cost, and what they leave behind; ARGS=--quick
	@.make/bench-hooks.sh $(ARGS)

bench-metrics: ## measure what metrics cost, beside prometheus_client's; ARGS=--quick
	@.make/bench-metrics.sh $(ARGS)

bench-request: ## measure what the metrics of one request cost, and whether they allocate
	@.make/bench-request.sh

bench-fleet: ## measure a fleet exporter with simulated instances in a real Redis; ARGS="--instances 1000"
	@.make/bench-fleet.sh $(ARGS)

bench-forwarding: ## measure what requests notice of a Redis that is stopped; ARGS="--rounds N"
	@.make/bench.sh forwarding $(ARGS)

bench-soak: ## reload, upgrade, recycle and kill under load; no request may fail; ARGS=--quick, or --kind gevent --minutes 10
	@.make/bench-soak.sh $(ARGS)

install: ## copy the built release to PREFIX (default /usr/local); DESTDIR is honoured
	@.make/install.sh '$(DESTDIR)$(PREFIX)'

clean: ## remove everything that was built
	@rm -rf .build
