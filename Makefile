# Everything installs itself into .venv on first use; only Python 3.11+ and make are needed.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
KERNELS := $(VENV)/.kernels
PEERS  := build/peers/.ready
RAY    := $(VENV)/.ray

# Two processes of one thread each beat one process of two threads, and keep results identical anywhere.
export OMP_NUM_THREADS   := 1
export MKL_NUM_THREADS   := 1
export NUMBA_NUM_THREADS := 1

.PHONY: sim garden quick media test test-slow lint bench story clean
.DEFAULT_GOAL := sim

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]"
	touch $@

# Numba notices that a file has changed, but not that another has from which it calls: all are compiled anew.
$(KERNELS): $(READY) $(shell grep -rl --include=*.py njit garden_env)
	$(BIN)/python -m garden_env.install
	touch $@

sim: $(KERNELS)                       ## live through 15 months and write a report
	$(BIN)/python run_sim.py

garden: $(KERNELS)                    ## eighteen months with gardeners that drive by what they see
	$(BIN)/python run_sim.py garden

quick: $(KERNELS)                     ## a coarse year in about a minute
	$(BIN)/python run_sim.py --quick

lint: $(READY)                        ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/pyright

test: lint $(KERNELS)                 ## the whole ordinary suite
	SDL_VIDEODRIVER=dummy $(BIN)/python -m pytest -n 2 -q

test-slow: $(KERNELS)                 ## what the ordinary suite leaves out
	SDL_VIDEODRIVER=dummy $(BIN)/python -m pytest -n 2 -q -m slow

$(PEERS): benchmarks/peers.txt
	$(PYTHON) -m venv build/peers
	build/peers/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers.txt
	touch $@

$(RAY): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[sweep]"
	touch $@

bench: $(KERNELS) $(PEERS) $(RAY)     ## speed, as ratios to others measured in the same run (20 minutes)
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/vector.py
	$(BIN)/python benchmarks/render.py
	$(BIN)/python benchmarks/loop.py
	$(BIN)/python benchmarks/flat.py
	$(BIN)/python benchmarks/sweep.py
	$(BIN)/python benchmarks/updates.py
	$(BIN)/python benchmarks/device.py
	$(BIN)/python benchmarks/capacity.py

story: $(KERNELS)                     ## what the world does to learners, over ten worlds (an hour and more)
	$(BIN)/python benchmarks/story.py

media: $(KERNELS)                     ## the pictures of the README
	$(BIN)/python benchmarks/media.py
	$(BIN)/python run_sim.py preview first_snow --hardness --out docs/media/preview.png --overwrite
	rm -f docs/media/view.png build/life.mp4
	$(BIN)/python run_sim.py view --quick --steps 960 --seed 7 --no-window --overlay prediction --out build/media \
	  --film-every 10 --record build/life.mp4 --screenshot docs/media/view.png
	$(BIN)/python benchmarks/clip.py build/life.mp4 docs/media/life.webp

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache
