# Everything that is done to this project, one target each. Needs a Rust toolchain; most targets
# install whatever else they miss, or say what to install.

# Pinned exactly, so that a release of a tool never turns a green tree red.
MACHETE_VERSION := 0.9.2
DENY_VERSION    := 0.20.2

# Tools live here, out of git's sight.
MACHETE      := .tools/cargo-machete-$(MACHETE_VERSION)/bin/cargo-machete
DENY         := .tools/cargo-deny-$(DENY_VERSION)/bin/cargo-deny
REDOCLY      := .tools/openapi-lint/node_modules/.bin/redocly
SCHEMATHESIS := .tools/schemathesis/bin/schemathesis
BROWSER      := .tools/browser/node_modules/.bin/playwright-core

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- To use it ---

.PHONY: build
build: compiler ## Build target/release/stationmaster
	cargo build --release

# A DATABASE_URL left over from other work is ignored: `run` must not migrate a database by accident.
.PHONY: run
run: compiler postgres ## Build and serve on 127.0.0.1:8080 with the embedded database (LISTEN= DATA_DIR= ARGS=)
	env -u DATABASE_URL cargo run --release -- serve \
		$(if $(LISTEN),--listen $(LISTEN)) $(if $(DATA_DIR),--data-dir $(DATA_DIR)) $(ARGS)

.PHONY: demo
demo: compiler postgres ## Fill a fresh server with real releases and two years of a fleet, and leave it running (LISTEN= CLUSTERS= SEED=)
	@scripts/demo.sh

.PHONY: replicas
replicas: compiler postgres haproxy ## Run three servers on one database behind HAProxy, for a look (LISTEN=)
	@scripts/replicas.sh

# --- To change it ---

.PHONY: generate
generate: compiler ## Write the server's contract and the client from openapi/*.yaml
	cargo run --quiet -p stationmaster-openapi-generator

.PHONY: test
test: compiler postgres haproxy ## Run every test
	cargo test --workspace

.PHONY: faults
faults: compiler postgres ## Kill, freeze and starve what runs under load; print what was lost (CYCLES= ONLY=disk_full,... SEED=)
	FAULTS_CYCLES=$(or $(CYCLES),20) FAULTS_ONLY='$(ONLY)' FAULTS_SEED='$(SEED)' cargo test --release --test faults

.PHONY: bench
bench: compiler postgres wrk ## Run everything that bench-full measures, briefly: only to see that it works
	cargo bench --profile dev --workspace --bench compare $(if $(ONLY),-- --only $(ONLY))

.PHONY: bench-full
bench-full: compiler postgres wrk ## Measure beside references, print the table (ONLY=check-in,ages,... for a part)
	cargo bench --workspace --bench compare -- --full $(if $(ONLY),--only $(ONLY))

.PHONY: lint
lint: compiler ## Check the formatting, and run clippy
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

.PHONY: doc
doc: compiler ## Build the documentation; a broken link is an error
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps

.PHONY: check-contract
check-contract: compiler $(REDOCLY) ## Lint openapi/*.yaml; check that what is generated and what is served equal them
	cargo run --quiet -p stationmaster-openapi-generator -- --check
	$(REDOCLY) lint --config openapi/lint/redocly.yaml openapi/v4.yaml openapi/legacy.yaml
	cargo test --workspace --test contract

.PHONY: schemathesis
schemathesis: compiler postgres $(SCHEMATHESIS) ## Try to break a running server with what openapi/*.yaml allow and forbid
	@SCHEMATHESIS=$(SCHEMATHESIS) scripts/schemathesis.sh

.PHONY: schemathesis-long
schemathesis-long: ## The same with many more requests, and with requests that follow from each other
	@LONG=1 $(MAKE) --no-print-directory schemathesis

.PHONY: browser
browser: compiler postgres chromium $(BROWSER) ## Check the dashboard, and use it in a browser (ONLY=numbers,theme,...)
	@scripts/browser.sh

.PHONY: screenshots
screenshots: compiler postgres chromium $(BROWSER) ## Take the pictures of the dashboard in docs/screenshots anew
	@command -v pngquant >/dev/null || { echo 'The pictures are made small by pngquant: sudo apt-get install pngquant' >&2; exit 1; }
	@SCREENSHOTS=1 CLUSTERS=4000 scripts/browser.sh

.PHONY: inputs-long
inputs-long: compiler ## Try what reads input with a hundred times as many inputs as `test` does
	PROPTEST_CASES=25600 cargo test --release --test inputs

.PHONY: unused
unused: $(MACHETE) ## Find dependencies that nothing uses
	$(MACHETE) .

# `--log-level error`: warnings here are duplicate versions, which only lengthen the build.
.PHONY: licences
licences: $(DENY) ## Check the licences, versions and sources of all dependencies
	$(DENY) --log-level error --workspace check licenses bans sources

# Not in `ci`: it fetches a database, and its verdict changes while nothing here does.
.PHONY: advisories
advisories: $(DENY) ## Look for known vulnerabilities in dependencies (needs the internet)
	$(DENY) --workspace check advisories

# Cheap checks first; the tests last, so that their result ends the log. The benchmark reads Linux's /proc.
CI_STEPS := lint check-contract doc unused licences schemathesis $(if $(filter Linux,$(shell uname)),bench) browser test

.PHONY: ci
ci: ## Everything above that checks, step by step, up to the first failure
	@began=$$(date +%s); \
	for step in $(CI_STEPS); do \
		step_began=$$(date +%s); \
		printf '\n── %s\n' "$$step"; \
		$(MAKE) --no-print-directory "$$step" || { printf '── %s: FAILED\n' "$$step"; exit 1; }; \
		printf '── %s: passed, %d s\n' "$$step" $$(($$(date +%s) - step_began)); \
	done; \
	printf '── ci: all passed, %d s\n' $$(($$(date +%s) - began))

.PHONY: ci-long
ci-long: ## What takes too long for every change: run it before a release, and after a change of what reads input
	$(MAKE) --no-print-directory inputs-long
	$(MAKE) --no-print-directory schemathesis-long

# --- What that takes ---

.PHONY: tools
tools: $(MACHETE) $(DENY) $(REDOCLY) $(SCHEMATHESIS) $(BROWSER) ## Install the tools that the checks use into .tools/

.PHONY: clean
clean: ## Remove what was built, and the tools
	cargo clean
	rm -rf .tools

.PHONY: compiler
compiler:
	@scripts/ensure-compiler.sh

.PHONY: postgres
postgres:
	@scripts/ensure-postgres.sh

.PHONY: haproxy
haproxy:
	@scripts/ensure-haproxy.sh

.PHONY: chromium
chromium:
	@scripts/ensure-chromium.sh >/dev/null

.PHONY: wrk
wrk:
	@scripts/ensure-wrk.sh

$(MACHETE): | compiler
	@scripts/install-cargo-tool.sh cargo-machete $(MACHETE_VERSION) $@

$(DENY): | compiler
	@scripts/install-cargo-tool.sh cargo-deny $(DENY_VERSION) $@

# $(1): where to.
define npm-ci
@command -v npm >/dev/null || { echo 'This needs Node.js 20 or later with npm: https://nodejs.org' >&2; exit 1; }
@mkdir -p $(1)
@cp $^ $(1)
npm ci --prefix $(1) --ignore-scripts --no-audit --no-fund --loglevel error
@touch $@
endef

$(REDOCLY): openapi/lint/package.json openapi/lint/package-lock.json
	$(call npm-ci,.tools/openapi-lint)

$(BROWSER): tests/browser/package.json tests/browser/package-lock.json
	$(call npm-ci,.tools/browser)

$(SCHEMATHESIS): tests/schemathesis-requirements.txt
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo 'schemathesis needs Python 3.10 or later: https://www.python.org' >&2; exit 1; }
	python3 -m venv --clear .tools/schemathesis
	.tools/schemathesis/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@
