"""What was pressed, on the keyboard or a gamepad, by the names that keys have in a file of keys."""

from typing import Any, NamedTuple

SHIFT = "shift "
SIGNS = {".": "period", "-": "minus", "=": "equals", "+": "plus", "[-]": "keypad minus", "[+]": "keypad plus"}
AXES = (("stick left", "stick right"), ("stick up", "stick down"))  # of a gamepad's first stick, low and high end
LEANS, RESTS = 0.5, 0.3  # a stick counts as leaning beyond the one, and as at rest again within the other


class Press(NamedTuple):
    """A key or a button that went down or up.

    Attributes:
        source: which one it is, whatever it is called.
        names: what it may be called, the likeliest first; empty when it goes up.
        down: whether it went down.
    """

    source: str
    names: tuple[str, ...]
    down: bool


class Hearing:
    """Turns pygame's events into presses; opens gamepads as they are plugged in.

    Args:
        pygame: the module, with its display initialised.

    Attributes:
        pads: gamepads that are open.
    """

    def __init__(self, pygame: Any) -> None:
        self._pygame = pygame
        self.pads: dict[int, Any] = {}
        self._leaning: dict[str, str] = {}  # by stick and axis: which way
        self._held: list[str] = []  # buttons that are down
        try:
            pygame.joystick.init()
        except pygame.error:  # a machine without the means is a machine without a gamepad
            return

    def heard(self, event: Any) -> list[Press]:
        """What an event of pygame's says; nothing where it is about something else."""
        pygame = self._pygame
        if event.type in (pygame.KEYDOWN, pygame.KEYUP):
            down = event.type == pygame.KEYDOWN
            return [Press(f"key {event.key}", _names(pygame, event) if down else (), down)]
        if event.type in (pygame.JOYBUTTONDOWN, pygame.JOYBUTTONUP):
            source = f"pad {event.instance_id} button {event.button}"
            down = event.type == pygame.JOYBUTTONDOWN
            self._held = [held for held in self._held if held != source] + [source] * down
            return [Press(source, (f"pad {event.button}",) if down else (), down)]
        if event.type == pygame.JOYAXISMOTION and event.axis < len(AXES):
            return self._leans(f"pad {event.instance_id} axis {event.axis}", event.value, AXES[event.axis])
        if event.type == pygame.JOYHATMOTION:
            source, (x, y) = f"pad {event.instance_id} hat {event.hat}", event.value
            return [*self._leans(f"{source} x", x, AXES[0]), *self._leans(f"{source} y", -y, AXES[1])]
        if event.type == pygame.JOYDEVICEADDED:
            pad = pygame.joystick.Joystick(event.device_index)
            self.pads[pad.get_instance_id()] = pad
        elif event.type == pygame.JOYDEVICEREMOVED:
            self.pads.pop(event.instance_id, None)
            return [Press(source, (), False) for source in self._forget(f"pad {event.instance_id} ")]
        return []

    def close(self) -> None:
        """Let go of the gamepads."""
        self.pads.clear()
        self._pygame.joystick.quit()

    def _leans(self, source: str, value: float, ends: tuple[str, str]) -> list[Press]:
        """A stick that leans counts as a key that is down, until it is back."""
        before = self._leaning.get(source, "")
        beyond = RESTS if before else LEANS
        now = ends[0] if value < -beyond else ends[1] if value > beyond else ""
        if now == before:
            return []
        self._leaning[source] = now
        up = [Press(f"{source} {before}", (), False)] if before else []
        return [*up, *([Press(f"{source} {now}", (now,), True)] if now else [])]

    def _forget(self, beginning: str) -> list[str]:
        """What was leaning or held on a gamepad that is gone."""
        leaning = [source for source in self._leaning if source.startswith(beginning)]
        held = [source for source in self._held if source.startswith(beginning)]
        self._held = [source for source in self._held if source not in held]
        return [*(f"{source} {self._leaning.pop(source)}" for source in leaning), *held]


def _names(pygame: Any, event: Any) -> tuple[str, ...]:
    """What a key may mean: with shift, the sign it writes on this keyboard, and as pygame names it."""
    name, writes = str(pygame.key.name(event.key)), str(getattr(event, "unicode", ""))
    told = SIGNS.get(name, name)
    sign = SIGNS.get(writes, writes) if writes.isprintable() and not writes.isalnum() else ""
    names = (SHIFT + told if event.mod & pygame.KMOD_SHIFT else "", sign.strip(), told)
    return tuple(name for name in names if name)
