"""Broken on purpose: whatever is done to a valid file, it loads or is refused with the documented error."""

import numpy as np
import pytest

from garden_env.garden import plant_garden
from garden_env.world import World
from scenarios.files import ScenarioError, library, parse
from scenarios.starter import STARTER

SEEDS = [path.read_text(encoding="utf-8") for path in library().values()] + [STARTER.format(name="mine")]
EXTRA = """\
name: extra
climate: mediterranean
soil: clay
southern: true
garden: {width_m: 12.5, depth_m: 9, beds: 4, pond: false, trees: 2, props: 0, plants_per_bed: 3, species: [rose, tulip]}
robot: {metres_per_step: 0.4, turn_deg_per_step: 90, tank_l: 100, flow_l_per_step: 10, spray_half_angle_deg: 30}
camera: {width_px: 48, height_px: 32, fov_deg: 80, height_m: 0.5, horizon: 0.4, noise: 1.5}
drift:
  - {axis: camera.blur_px, set: 1.5, shape: window, at: 2030-06-01, days: 30, edge_days: 4}
  - {axis: light.night, add: 0.5, shape: cycle, period_days: 20}
  - {axis: weather.fog, add: 0.4, shape: walk, at: 2030-06-01, relax_days: 9}
off: [robot, camera.noise]
freeze: {plants: 2030-09-01, camera.blur_px: 2030-08-01}
speed: 2.5
"""
ODD = (
    "on", "null", "~", "12:30", "1e-3", "1e308", "-1e308", ".inf", ".nan", "0", "-1", "0x1F", "1_000", "007", "true",
    "2030-02-31", "2030-06-01", "0001-01-01", "9999-12-31", "2030-06-01T10:00:00Z", "''", "[]", "{}", "[1, [2, [3]]]",
    "{a: {b: c}}", "*x", "&x 1", "!!set {a}", "!!binary aGk=", "|", ">", "?", "-", ":", "\t", "\x00", "\u2028",
    "%YAML 1.1", "---", "...", "<<: {a: 1}", "🌻", "9" * 5000, "a" * 3000, "\ud7ff",
    "extends: four_seasons", "extends: mine.yaml",
    "climate: {file: x.csv, latitude_deg: 1}", "drift: [{axis: light.night, set: 1}]", "speed: 100", "days: 36600",
)  # fmt: skip


def mutated(rng):
    """A valid file with one to four things done to it."""
    text = [*SEEDS, EXTRA][rng.integers(len(SEEDS) + 1)]
    for _ in range(rng.integers(1, 5)):
        lines = text.split("\n")
        i, j = rng.integers(len(lines), size=2)
        odd, at = ODD[rng.integers(len(ODD))], int(rng.integers(len(text) + 1))
        kind = rng.integers(10)
        if kind == 0:  # a line goes
            del lines[i]
        elif kind == 1:  # a line comes twice
            lines.insert(j, lines[i])
        elif kind == 2:  # two lines change places
            lines[i], lines[j] = lines[j], lines[i]
        elif kind == 3:  # another value
            lines[i] = lines[i].partition(":")[0] + ": " + odd
        elif kind == 4:  # a new line
            lines.insert(i, odd)
        elif kind == 5:  # otherwise indented
            lines[i] = " " * int(rng.integers(5)) + lines[i].lstrip()
        if kind <= 5:
            text = "\n".join(lines)
        elif kind == 6:  # a character goes
            text = text[:at] + text[at + 1 :]
        elif kind == 7:  # something comes in
            text = text[:at] + odd + text[at:]
        elif kind == 8:  # a digit becomes another
            digits = [k for k, letter in enumerate(text) if letter.isdigit()]
            k = digits[rng.integers(len(digits))] if digits else 0
            text = text[:k] + str(rng.integers(10)) + text[k + 1 :]
        else:  # cut off
            text = text[: max(at, len(text) // 2)]
    return text


def fuzz(count, seed, folder):
    """Mutate and load; returns the scenarios that were accepted."""
    accepted = []
    for i in range(count):
        text = mutated(np.random.default_rng([seed, i]))
        try:
            accepted.append(parse(text, source="mine.yaml", folder=folder))
        except ScenarioError as error:
            assert ": " in str(error)
            assert len(str(error)) < 6000
        except Exception as error:  # pragma: no cover
            raise AssertionError(
                f"mutation {i} of seed {seed}: {type(error).__name__}: {error}\n{text[:3000]}"
            ) from error
    return accepted


def live(scenario, steps=50):
    """Some steps of a life, in a picture small enough to draw many."""
    small = {"width_px": min(scenario.camera.width_px, 32), "height_px": min(scenario.camera.height_px, 32)}
    scenario = scenario.model_copy(update={"camera": scenario.camera.model_copy(update=small)})
    world = World([plant_garden(scenario, 1)])
    rng = np.random.default_rng(0)
    for _ in range(min(steps, scenario.life_steps - 1)):
        world.advance(rng.uniform([[0, -1, 0]], [[1, 1, 1]]))
        assert np.isfinite(world.frame(0).rgb).all()


def spread(accepted, count):
    return [accepted[i] for i in np.linspace(0, len(accepted) - 1, count).astype(int)]


def test_mutated_files_load_or_are_refused_and_what_loads_lives(tmp_path):
    accepted = fuzz(300, 0, tmp_path)
    assert 30 < len(accepted) < 270
    for scenario in spread(accepted, 10):
        live(scenario)


@pytest.mark.slow
def test_ten_thousand_mutations_load_or_are_refused_and_two_hundred_live(tmp_path):
    accepted = fuzz(10_000, 1, tmp_path)
    for scenario in spread(accepted, 200):
        live(scenario)
