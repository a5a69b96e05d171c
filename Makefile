# Two commands do all set-up: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
EXTRAS := effects,dev

.PHONY: demo test check bench calibrate docs clean

demo: $(INSTALLED)
	$(BIN)/technopole demo

test: $(INSTALLED)
	$(BIN)/python -m pytest -n 2

check: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright & all=$$!; $(BIN)/pyright -p pyrightstrict.json && wait $$all
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 -m "not slow and not browser"

bench: $(INSTALLED)
	$(BIN)/python benchmarks/run.py

calibrate: $(INSTALLED)
	$(BIN)/python scripts/calibrate.py

docs: $(INSTALLED)
	$(BIN)/python docs/build.py

clean:
	rm -rf .venv docs/_site

# uv where there is one (on the PATH, or put into .venv), else plain pip: the same pinned set either way.
$(INSTALLED): pyproject.toml constraints.txt
	@echo "Setting up .venv from constraints.txt (once; needs the package index) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@command -v uv >/dev/null || test -x $(BIN)/uv || $(BIN)/python -m pip install -q -c constraints.txt uv || true
	@UV=$$(command -v uv || (test -x $(BIN)/uv && echo $(BIN)/uv)); \
	if [ -n "$$UV" ]; then "$$UV" pip install -q --compile-bytecode --python $(BIN)/python -c constraints.txt -e ".[$(EXTRAS)]"; \
	else $(BIN)/python -m pip install -q -c constraints.txt -e ".[$(EXTRAS)]"; fi
	@touch $(INSTALLED)
