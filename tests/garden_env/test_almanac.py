import dataclasses
import hashlib
import os
import subprocess
import sys
from datetime import date

import numpy as np
import pytest

from garden_env.almanac import EXTRA_DAYS, make_almanac
from scenarios.spec import GardenSpec, Scenario
from scenarios.tables import CLIMATES

DEFAULT = Scenario(name="default")


def _arrays(almanac):
    return {
        field.name: value
        for field in dataclasses.fields(almanac)
        if isinstance(value := getattr(almanac, field.name), np.ndarray)
    }


def _digest(almanac):
    sha = hashlib.sha256()
    for name, column in _arrays(almanac).items():
        sha.update(name.encode())
        sha.update(np.ascontiguousarray(column).tobytes())
    return sha.hexdigest()


@pytest.mark.parametrize("southern", [False, True])
@pytest.mark.parametrize("place", CLIMATES)
def test_every_climate_gives_a_whole_almanac(place, southern):
    almanac = make_almanac(Scenario(name="any", climate=place, southern=southern), 3)
    kinds = len(almanac.species)
    assert almanac.days == DEFAULT.days + EXTRA_DAYS
    for name, column in _arrays(almanac).items():
        assert column.shape in ((almanac.days,), (almanac.days, kinds)), name
        assert np.all(np.isfinite(column)), name
    for name in ("cloud", "fog", "snow_cover", "litter", "petals", "puddle", "lawn_green", "soil_wet"):
        column = getattr(almanac, name)
        assert column.min() >= 0, name
        assert column.max() <= 1, name


def test_the_same_seed_gives_the_same_bits_and_another_seed_other_weather():
    assert _digest(make_almanac(DEFAULT, 5)) == _digest(make_almanac(DEFAULT, 5))
    assert _digest(make_almanac(DEFAULT, 5)) != _digest(make_almanac(DEFAULT, 6))


@pytest.mark.slow
def test_processes_and_hash_seeds_change_nothing():
    program = (
        "import dataclasses, hashlib, numpy as np\n"
        "from garden_env.almanac import make_almanac\n"
        "from scenarios.spec import Scenario\n"
        "sha = hashlib.sha256()\n"
        "a = make_almanac(Scenario(name='default'), 5)\n"
        "for f in dataclasses.fields(a):\n"
        "    v = getattr(a, f.name)\n"
        "    if isinstance(v, np.ndarray):\n"
        "        sha.update(f.name.encode()); sha.update(np.ascontiguousarray(v).tobytes())\n"
        "print(sha.hexdigest())\n"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "77")
    }
    assert seen == {_digest(make_almanac(DEFAULT, 5))}


def test_a_longer_life_begins_with_the_same_days():
    short = make_almanac(DEFAULT, 2)
    long = make_almanac(DEFAULT.model_copy(update={"days": 900}), 2)
    for name, column in _arrays(short).items():
        assert np.array_equal(column, getattr(long, name)[: len(column)]), name


def test_the_first_day_is_already_in_season():
    winter = Scenario(name="winter", start=date(2030, 1, 15))
    snowy = [make_almanac(winter, seed).snow_cover[0] for seed in range(20)]
    assert np.mean(np.array(snowy) > 0.5) > 0.4
    autumn = Scenario(name="autumn", start=date(2030, 10, 20))
    almanac = make_almanac(autumn, 1)
    assert almanac.leaf[0, almanac.species.index("apple")] > 0.2
    assert almanac.senescence[0, almanac.species.index("apple")] > 0.2


def test_the_default_life_has_all_seasons():
    covers, bloom = [], []
    for seed in range(10):
        almanac = make_almanac(DEFAULT, seed)
        months = np.array([almanac.date_of(day).month for day in range(DEFAULT.days)])
        snow, litter, green = (c[: DEFAULT.days] for c in (almanac.snow_cover, almanac.litter, almanac.lawn_green))
        covers.append([snow[months == m].mean() for m in (12, 1, 2, 7)])
        bloom.append(almanac.bloom[: DEFAULT.days].max(axis=0))
        assert litter[months == 11].max() > 0.3
        assert green[months == 6].mean() > green[months == 1].mean() + 0.1
    december, january, february, july = np.mean(covers, axis=0)
    assert min(january, february) > 0.5
    assert december > 0.25
    assert july == 0.0
    flowering = [index for index, name in enumerate(almanac.species) if name not in ("lettuce", "spruce")]
    assert np.min(np.median(bloom, axis=0)[flowering]) > 0.8


def test_the_constant_climate_has_weather_but_no_seasons():
    almanac = make_almanac(Scenario(name="control", climate="constant"), 4)
    still = ("doy", "declination_rad", "day_length_h", "growth", "leaf", "senescence", "bloom", "kc", "lawn_green")
    for name in (*still, "snow_cover", "litter", "petals", "killed", "fruit"):
        column = getattr(almanac, name)
        assert np.all(column == column[0]), name
    assert almanac.cloud.std() > 0.2
    assert almanac.rain_mm.max() > 5
    halves = np.array_split(almanac.tmean_c, 2)
    assert halves[0].mean() == pytest.approx(halves[1].mean(), abs=0.5)


def test_the_south_lies_south_and_has_its_summer_in_january():
    almanac = make_almanac(Scenario(name="south", southern=True, start=date(2030, 1, 1)), 0)
    assert almanac.latitude_deg < 0
    assert almanac.day_length_h[0] > 14.5
    assert almanac.tmean_c[:31].mean() > almanac.tmean_c[181:212].mean() + 15


def test_dates_and_rows_find_each_other():
    almanac = make_almanac(DEFAULT, 0)
    assert almanac.date_of(0) == DEFAULT.start
    assert almanac.day_of(DEFAULT.start.replace(year=2031)) == 365
    with pytest.raises(IndexError, match="outside the almanac"):
        almanac.day_of(date(2029, 1, 1))


def test_gardens_without_trees_have_no_litter():
    almanac = make_almanac(Scenario(name="bulbs", garden=GardenSpec(species=("tulip", "spruce"))), 0)
    assert almanac.litter.max() == 0.0
