# make run   open the demo in the editor     make test   every check that a change has to pass
# make fuzz  damaged and hostile inputs for MINUTES=10; TARGETS="film picture" tries those alone, REPLAY=film:12 one again
# make kill  kill renders, saving and training TIMES=100, at random and before chosen steps; ONLY="file project", SEED=1
# make docs  write docs/formats.md anew, the table of formats that tests hold true, and pages of the API into build/api
# make translations  take new texts into remaster_gui/translations, say which are to be translated, and compile them
#
# All build .venv with pinned packages first, if it is missing or older than what describes it.

VENV := .venv
BIN := $(VENV)/bin
API := remaster_gui.api remaster_gui.base.timebase remaster_gui.base.notices remaster_gui.base.errors remaster_gui.project.edits remaster_gui.project.name_edits
READY := $(VENV)/.ready

# The first Python that is recent enough; searched only when the environment has to be built.
IS_RECENT := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON = $(shell for python in python3 python3.11 python3.12 python3.13; do \
	"$$python" $(IS_RECENT) 2>/dev/null && command -v "$$python" && break; done)

.PHONY: run test types tests docs translations fuzz kill
.DELETE_ON_ERROR:

run: $(READY)
	@$(BIN)/remaster-gui demo

# What takes long goes side by side: one core checks types while the other ones begin to test.
test: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	@$(MAKE) --no-print-directory --jobs 2 types tests

types: $(READY)
	$(BIN)/mypy
	$(BIN)/lint-imports

# Compiled first: many tests start the program, or parts of it, in a process of its own. Files are tried in the order
# that tests/conftest.py gives them, the longest first. A process that crashes ends the run: in place of the tests that
# it had yet to do, pytest would wait for ever.
tests: export QT_QPA_PLATFORM ?= offscreen
tests: export PYTHONDONTWRITEBYTECODE =
tests: $(READY)
	@$(BIN)/python -m compileall -q remaster_gui
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder --max-worker-restart 0

docs: $(READY)
	$(BIN)/python -m tests.formats
	$(BIN)/pdoc --output-directory build/api $(API)

translations: $(READY)
	$(BIN)/python -m tests.translations

fuzz: $(READY)
	$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),10) $(if $(TARGETS),--targets $(TARGETS)) \
		$(if $(FIRST),--first $(FIRST)) $(if $(REPLAY),--replay '$(REPLAY)') $(if $(KEEP),--keep $(KEEP))

kill: $(READY)
	$(BIN)/python -m tests.kill --times $(or $(TIMES),100) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

$(READY): pyproject.toml constraints.txt scripts/setup.py
	@python="$(PYTHON)"; if [ -z "$$python" ]; then \
		echo "Python 3.11 or later is needed. On Debian, type as root: apt-get install -y python3 python3-venv" >&2; \
		exit 1; fi; "$$python" scripts/setup.py
