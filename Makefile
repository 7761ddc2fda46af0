# Two commands matter: `make demo` runs the whole job on real pages, `make test` proves it. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Pinned tools. wasm-bindgen must be the version in Cargo.lock; worker-build the version of the `worker` crate.
WORKER_BUILD_VERSION := 0.8.7
WASM_BINDGEN_VERSION := 0.2.130
CARGO_FUZZ_VERSION := 0.13.2
WRANGLER_VERSION := 4.164.0
# For wrangler alone, where this machine's Node is older than it takes.
WRANGLER_NODE_VERSION := 24.9.0
NODE_MAJOR_MIN := 20

TOOLS := $(CURDIR)/.tools
WORKER_BUILD := $(TOOLS)/worker-build-$(WORKER_BUILD_VERSION)/bin/worker-build
CARGO_FUZZ := $(TOOLS)/cargo-fuzz-$(CARGO_FUZZ_VERSION)/bin/cargo-fuzz
WASM_BINDGEN := $(TOOLS)/wasm-bindgen-$(WASM_BINDGEN_VERSION)/bin/wasm-bindgen
WRANGLER_HOME := $(TOOLS)/wrangler-$(WRANGLER_VERSION)
WRANGLER := $(WRANGLER_HOME)/installed
NODE_TOOLS := node_modules/.package-lock.json
STANDARD_WEBHOOKS_VERSION := 1.1.0
PYTHON_TOOLS := $(TOOLS)/python-webhooks-$(STANDARD_WEBHOOKS_VERSION)/installed
WEBCLAW_VERSION := 0.7.0
OPENAI_VERSION := 3.57.0
PERPLEXITY_VERSION := 0.46.1
PYTHON_CLIENTS := $(TOOLS)/python-clients-$(WEBCLAW_VERSION)-$(OPENAI_VERSION)-$(PERPLEXITY_VERSION)/installed
SCHEMATHESIS_VERSION := 4.32.5
OPENAPI_SPEC_VALIDATOR_VERSION := 0.9.0
SCHEMATHESIS := $(TOOLS)/python-schemathesis-$(SCHEMATHESIS_VERSION)/installed
WASM_TARGET := $(TOOLS)/wasm32-unknown-unknown
WASM := build/index_bg.wasm
BENCH_WASM := target/bench/bench_bg.wasm
# What the compiler may have used; what the module itself says of SIMD comes on top.
WASM_FEATURES := mutable-globals sign-ext nontrapping-float-to-int bulk-memory multivalue reference-types exception-handling
# What makes the gzipped file smaller. `-O` and `-Oz`, which worker-build would use, make it larger by a twentieth and nothing
# faster, and worker-build keeps the names of functions, another tenth.
WASM_PASSES := strip-debug strip-producers dae precompute rse remove-unused-brs merge-blocks code-pushing optimize-instructions vacuum \
  duplicate-function-elimination remove-unused-module-elements reorder-functions reorder-locals
WASM_OPT := node_modules/.bin/wasm-opt $(addprefix --enable-,$(WASM_FEATURES)) $(addprefix --,$(WASM_PASSES))
CRATE := Cargo.toml Cargo.lock .cargo/config.toml reading/Cargo.toml $(shell find src reading/src -name '*.rs' -o -path 'src/ui/*' -type f -o -path 'src/api/docs/*' -type f -o -name '*.json' -o -name '*.bin' -o -name '*.txt')

# Settings of `make serve`; everything else is read from the environment, and `make demo Q=...` puts Q there.
PORT ?= 8787
DATA ?= .data
export PORT DATA

.PHONY: schemathesis help demo test serve build build-quick tools check-tools fmt lint test-native test-edge soak mutants clean bench eval replay train fuzz chromium renderer screenshots deploy wrangler test-wrangler rehearse cost

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-13s %s\n", $$1, $$2}'

demo: build ## research a question over the Rust books: make demo [Q="..."] [DEEP=1] [DOCS=folder]
	@node demo/run.mjs

test: fmt lint test-native test-edge ## formatting, lints, native tests, and the edge tests in real workerd

serve: build ## serve on PORT with its data in DATA, settings from the environment (DEV=1: private addresses too)
	@node scripts/serve.mjs

build: $(WASM) ## build the Worker into build/
	@node scripts/size.mjs $(WASM)

# Into the place of the optimised one: whatever needs that rebuilds it, since its age is put before any source.
build-quick: $(WORKER_BUILD) $(WASM_BINDGEN) $(NODE_TOOLS) $(WASM_TARGET) ## build the Worker without optimising it, for edge tests while working
	WASM_BINDGEN_BIN=$(WASM_BINDGEN) ESBUILD_BIN=$(CURDIR)/node_modules/.bin/esbuild $(WORKER_BUILD) --profile quick --no-opt
	@touch -d @0 $(WASM)

renderer: chromium ## render pages on this machine for RENDER_URL: make renderer [PORT=3000] (docs/sites.md)
	@PORT=$(if $(filter-out file,$(origin PORT)),$(PORT),3000) node scripts/render.mjs

screenshots: build chromium ## take the pictures of docs/images anew
	@node scripts/screenshots.mjs

# DRY_RUN=1 and SECRETS=file reach the script as they reach make; so does what wrangler itself reads (CLOUDFLARE_API_TOKEN ...).
deploy: $(WRANGLER) $(NODE_TOOLS) ## deploy to Cloudflare, or say what is missing: make deploy [DRY_RUN=1] [SECRETS=file] (docs/deploy.md)
	@WRANGLER_HOME=$(WRANGLER_HOME) DRY_RUN="$(DRY_RUN)" SECRETS="$(SECRETS)" node scripts/deploy.mjs

wrangler: $(WRANGLER) ## the pinned wrangler: make wrangler ARGS="login"
	@WRANGLER_HOME=$(WRANGLER_HOME) node scripts/wrangler.mjs run $(ARGS)

fmt: ## check the formatting
	cargo fmt --all --check

lint: $(WASM_TARGET) ## check the lints, natively and for wasm
	cargo clippy --all-targets -- -D warnings
	cargo clippy --all-targets --features training,bench -- -D warnings
	cargo clippy -p footnote-reading -p footnote-cli --all-targets -- -D warnings
	cargo clippy --target wasm32-unknown-unknown --lib -- -D warnings

test-native: $(NODE_TOOLS) $(PYTHON_TOOLS) ## unit, property and simulation tests
	cargo test --lib -p footnote-reading
	cargo test --lib $(addprefix --test ,$(basename $(notdir $(wildcard tests/*.rs))))
	cargo test --doc
	node --test $(wildcard eval/*.test.mjs)
	node tests/mutants.mjs places

test-edge: build chromium $(PYTHON_CLIENTS) $(SCHEMATHESIS) ## the tests in real workerd, and for rendered pages in real Chromium
	cargo test --test edge

test-wrangler: build $(WRANGLER) ## what Cloudflare's own tool makes of the Worker: dry run, wrangler dev, cron
	WRANGLER_HOME=$(WRANGLER_HOME) node --test tests/wrangler.mjs

soak: build ## 100,000 simulated worlds, and 200 kills of a real workerd
	SEEDS=100000 cargo test --profile quick --test simulation -- --nocapture
	KILL_ROUNDS=200 cargo test --test edge -- --nocapture kills_at_random_moments

schemathesis: build $(SCHEMATHESIS) ## hold the Worker to its OpenAPI document at length: make schemathesis [EXAMPLES=50] [SEED=1]
	SCHEMATHESIS_EXAMPLES=$(or $(EXAMPLES),50) SCHEMATHESIS_SEED=$(or $(SEED),1) cargo test --test edge -- --test-threads=1 --nocapture schemathesis::

# ONLY, WORLD and PAGES reach the program as they reach make.
bench: build ## speed and cost, each figure beside its limit or rival: make bench [ONLY=http,jobs] (docs/bench.md)
	@ONLY="$(ONLY)" node benches/run.mjs

eval: build ## ask questions with known answers: make eval QUESTIONS=file.jsonl SITES=url,url [MODEL=...] (docs/eval.md)
	@node eval/run.mjs

cost: build ## what a job takes of what Cloudflare bills, and what 1,000 of them cost (docs/deploy.md)
	@ONLY=cost node benches/run.mjs

rehearse: ## the Dockerfile's steps without Docker, in an empty directory: make rehearse [DIR=folder] [REUSE=1]
	@REUSE="$(REUSE)" deploy/rehearse.sh $(DIR)

replay: ## make a report anew from its evidence bundle, offline, and check it: make replay BUNDLE=file [OUT=report.md]
	@test -n "$(BUNDLE)" || { echo "say which bundle: make replay BUNDLE=file (GET /v1/research/{id}/bundle gives it)"; exit 1; }
	@cargo run --quiet --example replay -- "$(BUNDLE)" $(if $(OUT),"$(OUT)")

# PAGES and TRUTH: the training data, see train/README.md.
train: ## make reading/src/page/model.bin anew and prove it equal to the trainer
	mkdir -p build/train
	cargo run --profile quick --features training --example features -- $(PAGES) build/train/dev
	.tools/train/bin/python train/train.py fit build/train/dev $(TRUTH) reading/src/page/model.bin
	cargo run --profile quick --features training --example features -- $(PAGES) build/train/dev
	.tools/train/bin/python train/train.py check build/train/dev reading/src/page/model.bin

# Seeds are committed; what is found beyond them stays in fuzz/corpus. Needs a nightly toolchain: rustup toolchain add nightly.
SECONDS ?= 60
fuzz: $(CARGO_FUZZ) ## throw mutated pages at the extractor: make fuzz [SECONDS=60], for each target
	mkdir -p fuzz/corpus/html fuzz/corpus/markdown fuzz/corpus/pdf
	for target in html markdown pdf; do \
	  PATH="$(dir $(CARGO_FUZZ)):$$PATH" cargo +nightly fuzz run -s none $$target fuzz/corpus/$$target fuzz/seeds/$$target tests/fixtures/structure \
	    -- -max_total_time=$(SECONDS) -max_len=16384 -timeout=20 || exit 1; \
	done

mutants: ## plant known bugs one at a time and see that the tests catch each
	@node tests/mutants.mjs

clean: ## remove what was built (the tools stay)
	rm -rf build target

tools: $(WORKER_BUILD) $(WASM_BINDGEN) $(NODE_TOOLS) $(PYTHON_TOOLS) $(PYTHON_CLIENTS) $(SCHEMATHESIS) $(WASM_TARGET) ## install the pinned tools into .tools/ and node_modules/

check-tools:
	@command -v cargo >/dev/null || { echo "cargo is missing: install Rust with rustup (https://rustup.rs)"; exit 1; }
	@command -v rustup >/dev/null || { echo "rustup is missing: the wasm target is installed with it (https://rustup.rs)"; exit 1; }
	@command -v cc >/dev/null || { echo "a C compiler is missing: install gcc or clang"; exit 1; }
	@command -v node >/dev/null || { echo "node is missing: install Node.js $(NODE_MAJOR_MIN) or newer"; exit 1; }
	@node -e 'const have = +process.versions.node.split(".")[0]; if (have < $(NODE_MAJOR_MIN)) { console.error(`node $${have} is too old: install Node.js $(NODE_MAJOR_MIN) or newer`); process.exit(1) }'

$(WASM): $(CRATE) $(WORKER_BUILD) $(WASM_BINDGEN) $(NODE_TOOLS) $(WASM_TARGET)
	WASM_BINDGEN_BIN=$(WASM_BINDGEN) ESBUILD_BIN=$(CURDIR)/node_modules/.bin/esbuild $(WORKER_BUILD) --release --no-opt
	$(WASM_OPT) $@ -o $@
	@touch $@

# Single functions of the crate, for `make bench`; optimised as the Worker is.
$(BENCH_WASM): $(CRATE) $(WASM_BINDGEN) $(NODE_TOOLS) $(WASM_TARGET)
	cargo build --release --target wasm32-unknown-unknown --lib --features bench
	$(WASM_BINDGEN) --target web --out-dir $(@D) --out-name bench target/wasm32-unknown-unknown/release/footnote.wasm
	$(WASM_OPT) $@ -o $@
	@touch $@

# --locked is right for worker-build; wasm-bindgen-cli's lock names crates that its features pull in and ours do not.
$(WORKER_BUILD): | check-tools
	cargo install worker-build@$(WORKER_BUILD_VERSION) --locked --root $(TOOLS)/worker-build-$(WORKER_BUILD_VERSION) --target-dir $(TOOLS)/target

$(CARGO_FUZZ): | check-tools
	cargo install cargo-fuzz@$(CARGO_FUZZ_VERSION) --root $(TOOLS)/cargo-fuzz-$(CARGO_FUZZ_VERSION) --target-dir $(TOOLS)/target

# 13 s and 420 MB, so it is installed by the targets that need it only.
$(WRANGLER): | check-tools
	npm install --prefix $(WRANGLER_HOME) --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error \
	  wrangler@$(WRANGLER_VERSION) $(shell node scripts/wrangler.mjs package $(WRANGLER_NODE_VERSION))
	@touch $@

$(WASM_BINDGEN): | check-tools
	cargo install wasm-bindgen-cli@$(WASM_BINDGEN_VERSION) --no-default-features --root $(TOOLS)/wasm-bindgen-$(WASM_BINDGEN_VERSION) --target-dir $(TOOLS)/target

# Versions are exact in package.json and these packages pin their platform binaries exactly too, so a lock would only add
# the platform it was made on. Their install scripts only look for binaries that are packages of their own already.
$(NODE_TOOLS): package.json | check-tools
	npm install --no-package-lock --ignore-scripts --no-audit --no-fund
	@touch $@

# The reference library by which tests/webhook_signature.rs checks what is signed here.
$(PYTHON_TOOLS): | check-tools
	@python3 -c 'import venv, ensurepip' 2>/dev/null || { echo "python3 with venv is missing: install python3 and python3-venv"; exit 1; }
	python3 -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check standardwebhooks==$(STANDARD_WEBHOOKS_VERSION)
	@touch $@

# Clients that other services publish, by which tests/edge/clients.rs asks this one.
$(PYTHON_CLIENTS): | check-tools
	@python3 -c 'import venv, ensurepip' 2>/dev/null || { echo "python3 with venv is missing: install python3 and python3-venv"; exit 1; }
	python3 -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check webclaw==$(WEBCLAW_VERSION) openai==$(OPENAI_VERSION) perplexityai==$(PERPLEXITY_VERSION)
	@touch $@

# Holds the Worker to /openapi.json, by tests/edge/schemathesis.rs.
$(SCHEMATHESIS): | check-tools
	@python3 -c 'import venv, ensurepip' 2>/dev/null || { echo "python3 with venv is missing: install python3 and python3-venv"; exit 1; }
	python3 -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check schemathesis==$(SCHEMATHESIS_VERSION) openapi-spec-validator==$(OPENAPI_SPEC_VALIDATOR_VERSION)
	@touch $@

# A browser is no part of the build: it is only asked for where pages are rendered.
chromium: | check-tools
	@scripts/chromium.sh

$(WASM_TARGET): | check-tools
	rustup target add wasm32-unknown-unknown
	@mkdir -p $(TOOLS) && touch $@
