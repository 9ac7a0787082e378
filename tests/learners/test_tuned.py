"""What a search has found reaches the learner, alone and in mixtures."""

import pytest

from learners import recipes, tuned
from learners.recipes import find_recipe
from learners.search import space_of
from learners.settings import Settings
from learners.tuned import TUNED


@pytest.mark.parametrize("name", TUNED)
def test_what_is_kept_of_a_search_is_what_was_sought(name):
    settings, search = TUNED[name]
    assert find_recipe(name).name == name and find_recipe(name).search == search
    assert set(settings) == set(space_of(name))
    assert all(space_of(name)[key].low <= value <= space_of(name)[key].high for key, value in settings.items())
    assert all(getattr(find_recipe(name).settings, key) == value for key, value in settings.items())
    assert len(search) == 12 and int(search, 16) >= 0


def test_the_largest_mixture_that_was_sought_has_the_last_word(monkeypatch):
    table = {
        "er": ({"learning_rate": 0.5}, "0" * 12),
        "ewc": ({"learning_rate": 0.25, "ewc_strength": 7.0, "ewc_decay": 0.75}, "1" * 12),
        "si": ({"learning_rate": 0.125, "si_strength": 3.0}, "2" * 12),
        "er+ewc": ({"learning_rate": 0.0625, "ewc_strength": 9.0}, "3" * 12),
    }
    for module in (tuned, recipes):
        monkeypatch.setattr(module, "TUNED", table)
    er, ewc, mixture = (find_recipe(name).settings for name in ("er", "ewc", "ewc+er"))
    assert (er.learning_rate, ewc.learning_rate, ewc.ewc_strength) == (0.5, 0.25, 7.0)
    assert (mixture.learning_rate, mixture.ewc_strength, mixture.ewc_decay) == (0.0625, 9.0, 0.75)
    larger, other = find_recipe("si+er+ewc"), find_recipe("ewc+si")
    assert (larger.settings.learning_rate, larger.settings.ewc_strength) == (0.0625, 9.0)
    assert (larger.settings.si_strength, larger.search) == (3.0, "")
    assert (other.settings.learning_rate, other.settings.ewc_strength) == (Settings().learning_rate, 7.0)
    assert find_recipe("er+ewc").search == "3" * 12
