"""The years as they will come, one row a day: everything that the robot cannot change."""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from garden_env import climate, evaporation, phenology, soil, sun, surface
from garden_env.arrivals import newcomer
from garden_env.place import place_of
from garden_env.warmth import degree_days
from scenarios.drift import Course
from scenarios.spec import Scenario
from scenarios.tables import SOILS, SPECIES

Column = NDArray[np.float64]

EXTRA_DAYS = 400  # rows beyond the scenario's end, so that probes can look ahead
SPIN_UP_DAYS = 500  # weather before the start, so that chill, snow, litter and soils are right on the first day


OVERCAST, OVERCAST_FROM_MM = 0.9, 4.0  # clouds, at least, of a day with this much scripted rain or snow


@dataclass(frozen=True)
class Crossing:
    """When the garden gets to the other hemisphere."""

    day: int  # first row there
    warmth_before_c: float  # degree-days that the season there had gathered before that row


@dataclass(frozen=True, eq=False)
class Almanac:
    """Weather, sun, plants and ground of a life, by day.

    Arrays are float64, (D,) by day or (D, S) by day and species, 0..1 unless the name has a unit. Row 0 is the first
    day of the scenario.
    """

    start: date
    latitude_deg: float  # negative in the south
    warmth_before_c: float  # degree-days that the season had gathered before row 0, see `garden_env.warmth`
    species: tuple[str, ...]

    # Calendar and sun; in a climate without seasons the sun's day of the year stands still
    doy: NDArray[np.int64]  # (D,) day of the year that places the sun
    declination_rad: Column
    day_length_h: Column
    sunrise_h: Column  # solar time
    sunset_h: Column  # solar time

    # Weather
    tmax_c: Column
    tmin_c: Column
    rain_mm: Column  # liquid
    snowfall_mm: Column  # water equivalent
    melt_mm: Column  # snow that melts
    solar_mj: Column  # radiation at the ground, MJ m-2 d-1
    cloud: Column  # mean share of the sky
    wind_m_s: Column  # at 2 m
    fog: Column  # density of haze
    et0_mm: Column  # reference evapotranspiration

    # Ground
    swe_mm: Column  # water in the snow that lies
    snow_cover: Column
    litter: Column  # share of the ground under fallen leaves
    petals: Column  # share of the ground under fallen petals
    puddle: Column  # fullness of the hollows
    lawn_green: Column  # 1 lush .. 0 straw or winter-pale
    soil_wet: Column  # darkness of unwatered bare soil: 1 wet .. 0 dry

    # Plants, (D, S)
    growth: Column  # share of full height
    leaf: Column  # share of full leaf area
    senescence: Column  # 0 green .. 1 fully coloured
    bloom: Column  # share of flowers open
    fruit: Column  # share of fruit ripe
    killed: Column  # share of the foliage killed by frost
    kc: Column  # crop coefficient
    depletion_mm: Column  # water missing from root zones that nobody waters

    newcomer: phenology.Stages | None  # of the species that comes up unplanted, (D, 1); None where none ever does
    course: Course  # what the scenario's script moves, by day; row 0 of the almanac is its day 0
    crossing: "Crossing | None" = None  # of the equator, if it ever is crossed

    @property
    def days(self) -> int:
        """Number of rows."""
        return len(self.doy)

    @property
    def water_mm(self) -> Column:
        """Water that reaches the soil, (D,): rain and melt [mm]."""
        return self.rain_mm + self.melt_mm

    @property
    def tmean_c(self) -> Column:
        """Mean temperature, (D,) [deg C]."""
        return (self.tmax_c + self.tmin_c) / 2

    def latitude_on(self, day: int) -> float:
        """The latitude [deg], negative in the south."""
        return self.latitude_deg if self.crossing is None or day < self.crossing.day else -self.latitude_deg

    @property
    def degree_days_c(self) -> Column:
        """Degree-days of the season, (D,) [deg C d]; see `garden_env.warmth`."""
        turn = self.days if self.crossing is None else self.crossing.day
        parts = [(0, turn, self.warmth_before_c)]
        parts += [] if self.crossing is None else [(turn, self.days, self.crossing.warmth_before_c)]
        gathered = []
        for begin, end, before in parts:
            dates = climate.calendar(
                np.datetime64(self.start) + begin, end - begin, southern=self.latitude_on(begin) < 0
            )
            gathered.append(degree_days(self.tmean_c[begin:end], dates.season_doy, before))
        return np.concatenate(gathered)

    def date_of(self, day: int) -> date:
        """The date of a row."""
        return self.start + timedelta(days=int(day))

    def day_of(self, when: date) -> int:
        """The row of a date.

        Raises:
            IndexError: if the almanac does not reach it.
        """
        day = (when - self.start).days
        if not 0 <= day < self.days:
            raise IndexError(f"{when} is outside the almanac, which runs {self.start} .. {self.date_of(self.days - 1)}")
        return day


def make_almanac(scenario: Scenario, seed: int, *, extra_days: int = EXTRA_DAYS) -> Almanac:
    """Compute all days of a life.

    Args:
        scenario: what, where and how long; only start, days, climate, southern, soil, the species
            and what moves or freezes the climate, the weather and the plants matter.
        seed: of the weather; another seed is another run of years in the same climate.
        extra_days: rows beyond the last day of the scenario.

    Returns:
        Almanac with scenario.days + extra_days rows. A pure function of its arguments, bit for bit, and a longer life
        begins with the same days.
    """
    if scenario.crosses_equator is not None:
        return _crossed(scenario, seed, extra_days)
    place = place_of(scenario)
    total = SPIN_UP_DAYS + scenario.days + extra_days
    first = np.datetime64(scenario.start) - SPIN_UP_DAYS
    dates = climate.calendar(first, total, southern=scenario.southern, seasonal=place.seasonal)
    course = scenario.course(days=scenario.days + extra_days, before=SPIN_UP_DAYS)
    ahead_d = _moved(course, "climate.spring_shift_d") if place.seasonal else None
    drawn = place.weather(first, dates, np.random.default_rng(seed), spring_shift_d=ahead_d)
    weather, falls = _script_weather(drawn, course)
    tmean_c = (weather.tmax_c + weather.tmin_c) / 2

    latitude = np.radians(place.latitude_deg)
    declination = sun.declination_rad(dates.doy) if place.seasonal else np.zeros(total)
    length_h = sun.day_length_h(latitude, declination)
    above_mj = sun.extraterrestrial_mj(latitude, declination, dates.doy)
    et0_mm = evaporation.hargreaves_mm(weather.tmax_c, weather.tmin_c, above_mj)
    if weather.sunshine is not drawn.sunshine:  # Hargreaves guesses it from temperatures, which know of no script
        et0_mm = et0_mm * (sun.surface_mj(above_mj, weather.sunshine) / sun.surface_mj(above_mj, drawn.sunshine))

    species = scenario.garden.species

    def grow(names: tuple[str, ...]) -> phenology.Stages:
        kinds = phenology.traits(names)
        if not place.seasonal:
            return phenology.still(kinds, total)
        return phenology.live(kinds, dates.season_doy, tmean_c, weather.tmin_c, length_h, weather.wind_m_s)

    stages = grow(species)
    unplanted = grow((newcomer(species),)) if course.moves("plants.newcomer") else None
    leaves, petals = _falling(species, stages)
    ground = surface.lie(
        tmean_c,
        weather.precipitation_mm,
        falls.snow_share,
        et0_mm,
        weather.wind_m_s,
        dates.season_doy,
        leaves,
        petals,
        _seep_mm(scenario.soil),
        falls.fresh_mm,
    )

    zone = soil.root_zone(("lawn", *species), scenario.soil)
    turf_kc = np.full((total, 1), SPECIES["lawn"].kc_mid)
    depletion_mm, skin_mm = soil.unwatered(
        zone, ground.rain_mm + ground.melt_mm, et0_mm, np.hstack([turf_kc, stages.kc])
    )
    turf_ks = soil.stress(depletion_mm[:, 0], zone.taw_mm[0], zone.p_table[0])
    green = surface.lawn_green(tmean_c, turf_ks, ground.swe_mm) if place.seasonal else np.full(total, 0.9)

    fog = _fog(weather, length_h)
    if course.moves("weather.fog"):
        fog = np.minimum(fog + course.rows("weather.fog"), 1.0)
    if course.moves("ground.bleaching"):
        green = green * (1 - course.rows("ground.bleaching"))
    lies = {
        name: climate.toward(getattr(ground, name), course.rows(axis)) if course.moves(axis) else getattr(ground, name)
        for name, axis in (
            ("litter", "ground.litter"), ("puddle", "ground.puddles"), ("snow_cover", "ground.snow_cover"),
        )
    }  # fmt: skip
    spin_up = climate.calendar(first, SPIN_UP_DAYS, southern=place.latitude_deg < 0).season_doy
    life = slice(SPIN_UP_DAYS, None)
    almanac = Almanac(
        start=scenario.start,
        warmth_before_c=float(degree_days(tmean_c[:SPIN_UP_DAYS], spin_up)[-1]),
        latitude_deg=place.latitude_deg,
        species=species,
        doy=dates.doy[life],
        declination_rad=declination[life],
        day_length_h=length_h[life],
        sunrise_h=12 - length_h[life] / 2,
        sunset_h=12 + length_h[life] / 2,
        tmax_c=weather.tmax_c[life],
        tmin_c=weather.tmin_c[life],
        rain_mm=ground.rain_mm[life],
        snowfall_mm=ground.snowfall_mm[life],
        melt_mm=ground.melt_mm[life],
        solar_mj=sun.surface_mj(above_mj, weather.sunshine)[life],
        cloud=1 - weather.sunshine[life],
        wind_m_s=weather.wind_m_s[life],
        fog=fog[life],
        et0_mm=et0_mm[life],
        swe_mm=ground.swe_mm[life],
        snow_cover=lies["snow_cover"][life],
        litter=lies["litter"][life],
        petals=ground.petals[life],
        puddle=lies["puddle"][life],
        lawn_green=green[life],
        soil_wet=soil.wetness(skin_mm[life, 0], zone.tew_mm[0]),
        growth=stages.growth[life],
        leaf=stages.leaf[life],
        senescence=stages.senescence[life],
        bloom=stages.bloom[life],
        fruit=stages.fruit[life],
        killed=stages.killed[life],
        kc=stages.kc[life],
        depletion_mm=depletion_mm[life, 1:],
        newcomer=None if unplanted is None else phenology.Stages(*(column[life] for column in unplanted)),
        course=course,
    )
    return _frozen(almanac, scenario)


def _crossed(scenario: Scenario, seed: int, extra_days: int) -> Almanac:
    """Two lives, one on each hemisphere: the first up to the crossing, the second from then on."""
    here, there = (
        make_almanac(
            scenario.model_copy(update={"crosses_equator": None, "southern": south}), seed, extra_days=extra_days
        )
        for south in (scenario.southern, not scenario.southern)
    )
    day = here.day_of(scenario.crosses_equator or scenario.start)
    columns: dict[str, Any] = {
        field.name: np.concatenate([getattr(here, field.name)[:day], getattr(there, field.name)[day:]])
        for field in fields(Almanac)
        if isinstance(getattr(here, field.name), np.ndarray)
    }
    if here.newcomer is not None and there.newcomer is not None:
        pairs = zip(here.newcomer, there.newcomer, strict=True)
        columns["newcomer"] = phenology.Stages(*(np.concatenate([one[:day], two[day:]]) for one, two in pairs))
    return replace(here, **columns, crossing=Crossing(day, float(there.degree_days_c[day - 1])))


def _moved(course: Course, axis: str) -> Column | None:
    """The course of an axis, or None if nothing moves it: then the almanac's own bits stay."""
    return course.rows(axis) if course.moves(axis) else None


class _Falls(NamedTuple):
    """What falls, by day."""

    snow_share: Column  # of the precipitation
    fresh_mm: Column  # scripted snow, which lies through its day however warm it is


def _script_weather(drawn: climate.Weather, course: Course) -> tuple[climate.Weather, _Falls]:
    """The weather with its script: scripted rain is rain and scripted snow is snow at any temperature."""
    weather = climate.pushed(
        drawn,
        climate.Push(
            warming_c=_moved(course, "climate.warming_c"),
            rain_factor=_moved(course, "climate.rain_factor"),
            cloud=_moved(course, "climate.cloud"),
            wind_m_s=_moved(course, "weather.wind_m_s"),
        ),
    )
    share = surface.snow_share((weather.tmax_c + weather.tmin_c) / 2)
    if not (course.moves("weather.rain_mm_d") or course.moves("weather.snow_mm_d")):
        return weather, _Falls(share, np.zeros_like(share))
    rain_mm, snow_mm = course.rows("weather.rain_mm_d"), course.rows("weather.snow_mm_d")
    total_mm = weather.precipitation_mm + rain_mm + snow_mm
    scripted = rain_mm + snow_mm > 0
    mixed = (weather.precipitation_mm * share + snow_mm) / np.where(scripted, total_mm, 1.0)
    # What falls all day long falls from an overcast sky.
    sunshine = np.minimum(weather.sunshine, 1 - OVERCAST * np.minimum(1.0, (rain_mm + snow_mm) / OVERCAST_FROM_MM))
    whole = replace(weather, precipitation_mm=total_mm, sunshine=sunshine)
    # A division may leave a rounding's worth less snow than the script's own, all of which must be in the pack.
    share = np.where(scripted, mixed, share)
    return whole, _Falls(share, np.minimum(snow_mm, total_mm * share))


LIGHT = ("doy", "declination_rad", "day_length_h", "sunrise_h", "sunset_h")
WEATHER = ("tmax_c", "tmin_c", "rain_mm", "snowfall_mm", "cloud", "wind_m_s", "fog", "solar_mj", "et0_mm")
PLANTS = ("growth", "leaf", "senescence", "bloom", "fruit", "killed", "kc")
GROUND = ("swe_mm", "snow_cover", "litter", "petals", "puddle", "lawn_green", "soil_wet")
FROZEN = {"light": LIGHT, "weather": WEATHER, "plants": PLANTS, "ground": GROUND}


def _frozen(almanac: Almanac, scenario: Scenario) -> Almanac:
    """Hold the columns of frozen groups of nature from their date on; the other groups go on as they would have."""
    held = {}
    for group, names in FROZEN.items():
        if group not in scenario.freeze:
            continue
        day = (scenario.freeze[group] - scenario.start).days
        for name in names:
            held[name] = _held(getattr(almanac, name), day)
        if group == "plants" and almanac.newcomer is not None:
            held["newcomer"] = phenology.Stages(*(_held(column, day) for column in almanac.newcomer))
        if group == "ground":  # snow that lies for good gives no water
            held["melt_mm"] = np.where(np.arange(almanac.days) < day, almanac.melt_mm, 0.0)
    return replace(almanac, **held) if held else almanac


def _held(column: Column, day: int) -> Column:
    """A column that stands still from a row on."""
    out = column.copy()
    out[day:] = out[day]
    return out


LITTER_OF_FORM = {"tree": 0.75, "shrub": 0.2, "rose": 0.05}  # layers of leaves over the ground from all such plants
PETALS_OF_FORM = {"tree": 0.5, "shrub": 0.15, "rose": 0.08}


def _falling(species: tuple[str, ...], stages: phenology.Stages) -> tuple[Column, Column]:
    """Leaves and petals that come down on each day, (D,), as shares of the ground."""
    forms = [SPECIES[name].form if SPECIES[name].habit == "deciduous" else "" for name in species]
    kinds = np.array([forms.count(form) for form in forms])  # species of one form share its ground
    leaf_weight = np.array([LITTER_OF_FORM.get(form, 0.0) for form in forms]) / kinds
    petal_weight = np.array([PETALS_OF_FORM.get(form, 0.0) for form in forms]) / kinds
    lost = np.maximum(-np.diff(stages.leaf, axis=0, prepend=stages.leaf[:1]), 0.0)
    shed = np.maximum(-np.diff(stages.bloom, axis=0, prepend=stages.bloom[:1]), 0.0)
    return lost @ leaf_weight, shed @ petal_weight


def _seep_mm(soil_name: str) -> float:
    """Water that open ground takes in a day: more through coarse soils, 4 mm in clay to 14 mm in sand."""
    return 4.0 + 5.2 * float(np.log10(SOILS[soil_name].conductivity_mm_d / 35.0))


def _fog(weather: climate.Weather, length_h: Column) -> Column:
    """Haze: likely after rain, in long calm nights under little wind; dense on few days."""
    wet_before = np.concatenate([[0.0], weather.precipitation_mm[:-1] > 1.0])
    calm = np.exp(-((weather.wind_m_s / 2.5) ** 2))
    long_night = np.clip((24 - length_h - 8) / 8, 0.0, 1.0)
    tendency = calm * (0.25 + 0.75 * long_night) * (0.5 + 0.5 * wet_before)
    return np.clip((weather.haze + tendency - 1.0) / 0.6, 0.0, 1.0)
