"""From a world to what the window draws of it; reads the world, and changes nothing."""

from collections import deque
from collections.abc import Callable, Iterator

import numpy as np

from garden_env import soil
from garden_env.camera import Frame
from garden_env.garden import Garden
from garden_env.look import rows_lived
from garden_env.render.draw import draw_map
from garden_env.soil import WILTED_KS
from garden_env.truth import sun_elevation_deg
from garden_env.viewer.months import MONTHS
from garden_env.viewer.state import Air, Body, Course, Plants, Span, View, ViewState
from garden_env.world import World
from scenarios.seasons import bands, season
from scenarios.spec import CameraSpec
from scenarios.tables import SPECIES

TRACK_STEPS = 240  # of the way driven that is shown
PLAN_PX_PER_M = 56.0
UNITS = ("mm", "d", "c", "m", "s", "deg", "k", "px", "ev")  # at the ends of axes' names
SEASONS_DAYS = (35, 105, 200, 290)  # after the first of March, one in every season


class Scribe:
    """Fills the window's state from one garden of a world.

    Args:
        world: it is only read.
        i: which garden.
    """

    def __init__(self, world: World, i: int = 0) -> None:
        self._i = i
        self._track: deque[tuple[float, float]] = deque(maxlen=TRACK_STEPS)
        self._tank_l = float(world.tank_l[i])
        self._step = world.steps - 1
        self._sprayed_l = 0.0
        self._course: tuple[str, Course] | None = None
        self._plan: tuple[tuple, np.ndarray] | None = None
        self._looks: dict[str, tuple[tuple, tuple[View, ...]]] = {}

    def note(self, world: World) -> None:
        """Remember where the robot is; to be called once a step. Without it the way driven is not shown."""
        if world.steps == self._step:
            return
        if world.steps < self._step:  # it was reset, or is another
            self._track.clear()
        self._step = world.steps
        self._sprayed_l = max(self._tank_l - float(world.tank_l[self._i]), 0.0)
        self._tank_l = float(world.tank_l[self._i])
        self._track.append((float(world.pose[self._i, 0]), float(world.pose[self._i, 1])))

    def fill(
        self, world: World, camera_px: tuple[int, int], *, seasons: bool = False, peek: int | None = None,
        driver: str = "", message: str = "",
    ) -> ViewState:  # fmt: skip
        """What the window draws of this moment.

        Args:
            world: as it is.
            camera_px: width and height of the robot's view; drawn anew at that size by the same kernels.
            seasons: whether the same pose in four seasons is wanted: all views are then half as wide and high.
            peek: another day, whose look the camera's picture is to have: the same pose at noon, plants unstressed.
            driver: who is at the wheel, in a word.
            message: to be read.
        """
        self.note(world)
        i, garden = self._i, world.gardens[self._i]
        robot, half_px = garden.scenario.robot, (max(camera_px[0] // 2, 16), max(camera_px[1] // 2, 16))
        return ViewState(
            course=self._course_of(garden),
            day=world.day,
            hour=world.hour(i),
            step=world.steps,
            view=self._view_of(world, half_px if seasons else camera_px, peek),  # which is not shown beside them
            plan_rgb=self._plan_of(world),
            body=Body(
                pose=world.pose[i].copy(),
                track_m=np.array(self._track).reshape(-1, 2),
                tank=float(world.tank_l[i]) / robot.tank_l,
                sprayed_l=self._sprayed_l,
                spray_reach_m=robot.spray_reach_m,
                spray_half_angle_deg=robot.spray_half_angle_deg,
                bumped=bool(world.bumped[i]),
            ),
            air=_air(garden, world.day, world.hour(i)),
            plants=plants_of(world, i),
            seasons=self._seasons(world, half_px) if seasons else (),
            driver=driver,
            message=message,
        )

    def _course_of(self, garden: Garden) -> Course:
        """The calendar; made anew only when the script has changed."""
        key = garden.scenario.hash
        if self._course is None or self._course[0] != key:
            self._course = key, course_of(garden)
        return self._course[1]

    def _plan_of(self, world: World) -> np.ndarray:
        """The garden from above, at noon of the day; drawn once a day, or when somebody has been watered."""
        i, garden = self._i, world.gardens[self._i]
        plants = len(garden.layout.plant_species)
        ks, wetness = world.ks[i, :plants], world.wetness(i)
        when = garden.scenario.hash, garden.seed, garden.weather_seed, world.day
        key = *when, np.round(ks, 1).tobytes(), np.round(wetness, 1).tobytes()
        if self._plan is None or self._plan[0] != key:
            look = garden.look(world.day, 12.0, ks, wetness)
            self._plan = key, draw_map(garden.scene, look, PLAN_PX_PER_M)[0]
        return self._plan[1]

    def _view_of(self, world: World, size_px: tuple[int, int], peek: int | None) -> View:
        """Through the robot's camera, now or on another day."""
        camera = _camera(world.gardens[self._i], *size_px)
        if peek is not None:
            key = (*self._place(world), size_px, peek)
            return self._kept("peek", key, lambda: (self._other_day(world, peek, camera),))[0]
        key = (*self._place(world), size_px, *self._thirst(world))
        return self._kept("now", key, lambda: (_view(world.draw(self._i, camera=camera), camera),))[0]

    def _seasons(self, world: World, size_px: tuple[int, int]) -> tuple[View, ...]:
        """The same pose in the four seasons next to come, at noon, plants unstressed."""
        camera = _camera(world.gardens[self._i], *size_px)
        key = (*self._place(world), size_px, world.day)
        return self._kept("seasons", key, lambda: tuple(self._each_season(world, camera)))

    def _kept(self, name: str, key: tuple, draw: Callable[[], tuple[View, ...]]) -> tuple[View, ...]:
        """What was drawn last, as long as nothing has changed that it depends on."""
        if name not in self._looks or self._looks[name][0] != key:
            self._looks[name] = key, draw()
        return self._looks[name][1]

    def _place(self, world: World) -> tuple:
        """What decides what stands before the camera: the garden with its script, and from where it is seen."""
        garden = world.gardens[self._i]
        return garden.scenario.hash, garden.seed, garden.weather_seed, world.pose[self._i].tobytes()

    def _thirst(self, world: World) -> tuple:
        """What decides how it looks now, beyond the day."""
        return world.steps, world.ks[self._i].tobytes(), world.skin_mm[self._i].tobytes()

    def _other_day(self, world: World, day: int, camera: CameraSpec) -> View:
        """The same pose at noon of another day."""
        frame = world.render_at(self._i, when=day, hour=12.0, water="unstressed", camera=camera)
        when = world.gardens[self._i].almanac.date_of(day)
        return _view(frame, camera, f"{when.day} {MONTHS[when.month - 1]} {when.year}, not now")

    def _each_season(self, world: World, camera: CameraSpec) -> Iterator[View]:
        almanac, start = world.gardens[self._i].almanac, world.gardens[self._i].scenario.start
        last = almanac.days - 1
        for after in SEASONS_DAYS:
            first = (start.replace(month=3, day=1) - start).days + after
            day = first + 365 * max(0, -(-(world.day - first) // 365))
            if day > last:
                day -= 365
            day = min(max(day, 0), last)
            frame = world.render_at(self._i, when=day, hour=12.0, water="unstressed", camera=camera)
            yield _view(frame, camera, season(almanac.date_of(day), southern=almanac.latitude_on(day) < 0))


def course_of(garden: Garden) -> Course:
    """The calendar of a garden's life."""
    scenario, almanac, days = garden.scenario, garden.almanac, garden.scenario.days
    south = [almanac.latitude_on(day) < 0 for day in range(days)]
    seasons = bands(scenario.start, days, south=lambda day: south[(day - scenario.start).days])
    return Course(
        start=scenario.start,
        days=days,
        commissioning_days=scenario.commissioning_days,
        seasons=tuple(
            Span(name, (first - scenario.start).days, (after - scenario.start).days - 1)
            for name, first, after in seasons
        ),
        script=script_of(garden),
        temperature_c=almanac.tmean_c[:days],
        rain_mm=almanac.rain_mm[:days],
        snow=almanac.snow_cover[:days],
        width_m=garden.layout.width_m,
        depth_m=garden.layout.depth_m,
    )


def script_of(garden: Garden) -> tuple[Span, ...]:
    """What the scenario's script does in this life, by axis, in the order in which it begins."""
    scenario, last = garden.scenario, garden.scenario.days - 1
    spans = []
    for event in scenario.drift:
        begins = 0 if event.at is None else (event.at - scenario.start).days
        lasts = event.shape in ("step", "cycle", "walk") or event.days is None
        ends = begins if event.shape == "step" else last if lasts else begins + round(event.days or 0)
        if ends >= 0 and begins <= last:
            spans.append(Span(axis_in_words(event.axis), max(begins, 0), min(ends, last)))
    return tuple(sorted(spans, key=lambda span: (span.first_day, span.last_day, span.name)))


def axis_in_words(name: str) -> str:
    """An axis without its unit.

    >>> axis_in_words("weather.snow_mm_d")
    'weather snow'
    """
    return " ".join(word for word in name.replace(".", "_").split("_") if word not in UNITS)


def plants_of(world: World, i: int) -> Plants:
    """All plants of a garden, as they are now."""
    garden, day = world.gardens[i], world.day
    layout, almanac = garden.layout, garden.almanac
    kinds, count = layout.plant_species, len(layout.plant_species)
    rows = rows_lived(almanac, day, np.asarray(layout.plant_shift_days, np.int64))
    growth, leaf, bloom, fruit = (
        stage[rows, kinds] for stage in (almanac.growth, almanac.leaf, almanac.bloom, almanac.fruit)
    )
    zone = soil.root_zone([layout.species[k] for k in kinds], garden.scenario.soil)
    alive = world.alive[i, :count].copy()
    ks = world.ks[i, :count]
    return Plants(
        species=tuple(layout.species[k] for k in kinds),
        place_m=np.column_stack([layout.plant_x_m, layout.plant_y_m]),
        reach_m=np.array([SPECIES[layout.species[k]].spread_m for k in kinds]) * layout.plant_size / 2,
        growth=growth, leaf=leaf, bloom=bloom, fruit=fruit,
        water=np.clip(1.0 - world.depletion_mm[i, :count] / zone.taw_mm, 0.0, 1.0),
        stressed=1.0 - ks,
        wilted=alive & world.in_leaf(i) & (ks < WILTED_KS),
        alive=alive,
    )  # fmt: skip


def _camera(garden: Garden, width_px: int, height_px: int) -> CameraSpec:
    """The robot's camera with another sensor, which has no noise."""
    return garden.scenario.camera.model_copy(update={"width_px": width_px, "height_px": height_px, "noise": 0.0})


def _view(frame: Frame, camera: CameraSpec, title: str = "") -> View:
    return View(frame.rgb, frame.mask, title, camera.horizon)  # every frame is drawn into arrays of its own


def _air(garden: Garden, day: int, hour: float) -> Air:
    """The weather of a moment."""
    almanac = garden.almanac
    return Air(
        sun_elevation_deg=sun_elevation_deg(almanac, day, hour),
        cloud=float(almanac.cloud[day]),
        temperature_c=float(almanac.tmean_c[day]),
        rain_mm=float(almanac.rain_mm[day]),
        snow_mm=float(almanac.snowfall_mm[day]),
        snow_lies=float(almanac.snow_cover[day]),
        wind_m_s=float(almanac.wind_m_s[day]),
    )
