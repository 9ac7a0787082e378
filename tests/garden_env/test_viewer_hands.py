"""Every key and button, through SDL's own queue on the dummy driver, does what the help says, and nothing else."""

import os

import pytest

from garden_env.viewer.drawing import layout_of
from garden_env.viewer.hearing import SIGNS
from garden_env.viewer.keys import COMMANDS, HELD, OWN, SOLO, KeyMapError, read_keys, told_keys, usual_keys
from garden_env.viewer.layout import scale_of
from garden_env.viewer.state import OVERLAYS
from garden_env.viewer.strip import column
from scenarios.tables import CLASSES
from tests.garden_env.window_state import mind_of, state_of

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
KEYBOARD = [key for key in usual_keys() if not key.startswith(("pad", "stick"))]
WRITES = {name: sign for sign, name in SIGNS.items()}  # what SDL calls a key that we call by a word
KEYPAD = {"keypad minus": "K_KP_MINUS", "keypad plus": "K_KP_PLUS"}
PAD = {"instance_id": 0}


class Hands:
    """Presses keys of the dummy window."""

    def __init__(self, window):
        import pygame

        self.pygame, self.window = pygame, window

    def press(self, key, *, shift=False, up=True, writes=""):
        """A key by its name in a file of keys, down and, if wanted, up again."""
        if key.startswith("shift "):
            key, shift = key.removeprefix("shift "), True
        if key in KEYPAD:
            code = getattr(self.pygame, KEYPAD[key])
        elif key == "?":
            code, shift, writes = self.pygame.key.key_code("/"), True, "?"
        else:
            code = self.pygame.key.key_code(WRITES.get(key, key))
        told = {"key": code, "mod": self.pygame.KMOD_SHIFT if shift else 0, "unicode": writes}
        asked = self.send("KEYDOWN", **told)
        return asked + (self.send("KEYUP", **told) if up else [])

    def click(self, x, y):
        return self.send("MOUSEBUTTONDOWN", button=1, pos=(x, y))

    def send(self, kind, **told):
        self.pygame.event.post(self.pygame.event.Event(getattr(self.pygame, kind), **told))
        return self.window.poll()


@pytest.fixture(scope="module")
def opened():
    from garden_env.viewer.window import Window

    window = Window((800, 500))
    window.show(state_of(mind=mind_of()))
    window.poll()
    yield Hands(window)
    window.close()


@pytest.fixture
def hands(opened):
    hand = opened.window.hand
    hand.overlay, hand.solo, hand.paused, hand.rate, hand.hud, hand.help, hand.beliefs = (
        "plain", None, False, 8.0, "full", False, False,
    )  # fmt: skip
    opened.send("WINDOWFOCUSLOST")
    return opened


@pytest.mark.parametrize("key", KEYBOARD)
def test_every_key_does_what_it_is_there_for(hands, key):
    name = usual_keys()[key]
    before = {field: value for field, value in vars(hands.window.hand).items() if field != "keys"}
    asked = hands.press(key, up=name not in HELD)
    changed = {field for field, value in before.items() if getattr(hands.window.hand, field) != value}
    held = hands.window.held
    if name in HELD:
        assert (asked, changed, held) == ([], set(), (name,))
    elif name in OWN or name in SOLO:
        about = {
            "pause": {"paused"}, "slower": {"rate"}, "faster": {"rate"}, "normal": set(), "overlay": {"overlay"},
            "overlay_back": {"overlay"}, "seasons": {"overlay"}, "beliefs": {"beliefs"}, "hud": {"hud"},
            "help": {"help"},
        }.get(name, {"solo"})  # fmt: skip
        assert (asked, changed, held) == ([], about, ())
    else:
        assert ([command.name for command in asked], changed, held) == ([name], set(), ())


def test_speed_goes_from_an_eighth_to_flat_out(hands):
    hand = hands.window.hand
    for _ in range(9):
        hands.press("equals")
    assert hand.rate == float("inf")
    hands.press("0")
    assert hand.rate == 8.0
    for _ in range(9):
        hands.press("minus")
    assert hand.rate == 1.0


def test_overlays_come_round_and_those_of_the_mind_only_where_there_is_one(hands):
    hand = hands.window.hand
    for overlay in (*OVERLAYS[1:], OVERLAYS[0]):
        hands.press("o")
        assert hand.overlay == overlay
    hands.press("shift o")
    assert hand.overlay == OVERLAYS[-1]
    hands.press("g")
    assert hand.overlay == "plain"
    hands.window.show(state_of())
    for overlay in ("truth", "seasons", "plain"):
        hands.press("o")
        assert hand.overlay == overlay
    hands.window.show(state_of(mind=mind_of()))


def test_a_class_is_alone_until_its_key_comes_again(hands):
    keys = [key for key, name in usual_keys().items() if name in SOLO]
    assert [usual_keys()[key] for key in keys] == [f"only_{name}" for name in CLASSES]
    for key, row in zip(keys, CLASSES.values(), strict=True):
        hands.press(key)
        assert hands.window.hand.solo == row.id
    hands.press(keys[-1])
    assert hands.window.hand.solo is None


def test_keys_for_driving_count_as_long_as_any_of_them_is_down(hands):
    hands.press("w", up=False)
    hands.press("e", up=False)
    hands.press("up", up=False)
    assert hands.window.held == ("forward", "water")
    hands.send("KEYUP", key=hands.pygame.key.key_code("w"), mod=0)
    assert hands.window.held == ("water", "forward")
    hands.send("KEYUP", key=hands.pygame.key.key_code("up"), mod=0)
    assert hands.window.held == ("water",)
    hands.send("WINDOWFOCUSLOST")
    assert hands.window.held == ()


def test_a_sign_counts_wherever_a_keyboard_has_it(hands):
    [command] = hands.press("8", writes="[")  # with AltGr, in Germany
    assert command.name == "season_back" and hands.window.hand.solo is None
    hands.press("0", shift=True, writes="=")
    assert hands.window.hand.rate == 16.0


@pytest.mark.parametrize("button", [key for key in usual_keys() if key.startswith("pad")])
def test_every_button_of_a_gamepad_does_what_it_is_there_for(hands, button):
    name, number = usual_keys()[button], int(button.removeprefix("pad "))
    before = hands.window.hand.paused, hands.window.hand.rate, hands.window.hand.overlay, hands.window.hand.help
    asked = [command.name for command in hands.send("JOYBUTTONDOWN", button=number, **PAD)]
    after = hands.window.hand.paused, hands.window.hand.rate, hands.window.hand.overlay, hands.window.hand.help
    assert hands.window.held == ((name,) if name in HELD else ())
    assert (asked == [name]) == (name not in OWN and name not in HELD) and (after != before) == (name in OWN)
    hands.send("JOYBUTTONUP", button=number, **PAD)
    assert hands.window.held == ()


def test_a_stick_drives_while_it_leans_and_small_movements_do_not(hands):
    def lean(axis, value):
        hands.send("JOYAXISMOTION", axis=axis, value=value, **PAD)
        return hands.window.held

    assert lean(1, -0.4) == ()
    assert lean(1, -0.9) == ("forward",)
    assert lean(0, 0.8) == ("forward", "right")
    assert lean(0, 0.4) == ("forward", "right")  # it trembles, and is not let go of
    assert lean(0, -0.8) == ("forward", "left")
    assert lean(0, 0.0) == ("forward",)
    assert lean(1, 0.0) == ()
    assert lean(4, 1.0) == ()  # a trigger
    hands.send("JOYHATMOTION", hat=0, value=(-1, 1), **PAD)
    assert hands.window.held == ("left", "forward")
    hands.send("JOYHATMOTION", hat=0, value=(0, 0), **PAD)
    assert hands.window.held == ()


def test_a_gamepad_that_is_pulled_out_lets_go(hands):
    hands.send("JOYAXISMOTION", axis=1, value=-1.0, **PAD)
    hands.send("JOYBUTTONDOWN", button=0, **PAD)
    assert hands.window.held == ("forward", "water")
    hands.send("JOYDEVICEREMOVED", **PAD)
    assert hands.window.held == ()


@pytest.mark.parametrize("part", ["strip", "curves"])
@pytest.mark.parametrize("size", [(800, 500), (1920, 1080)])
def test_a_click_on_the_calendar_or_the_curves_asks_for_that_day(hands, part, size):
    state = state_of(mind=mind_of())
    hands.send("VIDEORESIZE", w=size[0], h=size[1], size=size)
    box, scale = getattr(layout_of(state, hands.window.hand, *size), part), scale_of(*size)
    [command] = hands.click(round(scale * column(box, state.course, 200)), round(scale * (box.y + 30)))
    assert command.name == "jump" and abs(command.value - 200) <= 1


def test_the_window_takes_any_size_down_to_its_least(hands):
    for given, got in (((1000, 640), (1000, 640)), ((1500, 1000), (1500, 1000)), ((200, 100), (640, 400))):
        hands.send("VIDEORESIZE", w=given[0], h=given[1], size=given)
        hands.window.show(state_of(mind=mind_of()))
        assert hands.window.pixels.shape == (got[1], got[0], 3)
        width, height = hands.window.camera_px(4 / 3, 1.25)
        assert width / height == pytest.approx(4 / 3, rel=0.01) and width < got[0]


def test_what_nobody_carries_out_has_no_key_and_no_line_in_the_help():
    from garden_env.viewer.window import Window

    told = dict(Window(serves=("step", "quit")).hand.keys)
    assert "F5" not in told and "L" not in told and told["Esc"] == COMMANDS["quit"][1] and told["O"]


def test_every_command_has_a_usual_key_and_an_explanation():
    assert set(usual_keys().values()) == {*COMMANDS, *SOLO}
    assert len(told_keys(usual_keys())) == len(COMMANDS) + 1
    with_pad = {does: key for key, does in told_keys(usual_keys(), pad=True)}
    assert with_pad[COMMANDS["water"][1]] == "E Pad 0"


def test_a_file_changes_keys(tmp_path):
    file = tmp_path / "keys.yaml"
    file.write_text("pause: x\nstep: [y, shift y, pad 9]\nonly_snow: f9\nlearning: pad 8\n")
    keys = read_keys(file)
    assert keys["x"] == "pause" and keys["shift y"] == "step" and "space" not in keys and keys["o"] == "overlay"
    assert keys["f9"] == "only_snow" and "shift 2" not in keys and keys["pad 8"] == "learning" and "l" not in keys
    assert ("F9", "snow alone; again for all") in told_keys(keys)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("paus: x", "did you mean 'pause'"),
        ("only_snwo: x", "did you mean 'only_snow'"),
        ("pause: x\nstep: x", "given to both pause and step"),
        ("- pause", "expected lines like"),
        ("pause: {x", "not YAML"),
        ("pause: [true]", "a key is a name"),
    ],
)
def test_a_bad_file_of_keys_is_refused_with_its_name(tmp_path, text, told):
    file = tmp_path / "keys.yaml"
    file.write_text(text)
    with pytest.raises(KeyMapError, match=told) as refused:
        read_keys(file)
    assert str(file) in str(refused.value)
