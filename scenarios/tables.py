"""What a scenario may name: classes, ground materials, climates, soils and species, with units and sources.

Data only; nothing here computes. Sources are short keys, spelt out in `docs/world.md`. Where a number was chosen so
that dates come out right in the trial climates instead of being read in a publication, its row says
"calibrated to date bands". All colours are sRGB, 0..255.
"""

from dataclasses import dataclass

Rgb = tuple[int, int, int]
Months = tuple[float, float, float, float, float, float, float, float, float, float, float, float]

IGNORE = 255  # label of a pixel that has no answer: mixtures, and plants between healthy and wilted

SKY, LAWN, SOIL, PATH, WATER, FOLIAGE, BLOSSOM, WILTED, WOOD, OBSTACLE, SNOW, LITTER = range(12)


@dataclass(frozen=True)
class SurfaceClass:
    """A semantic class of the camera's label image."""

    id: int
    name: str
    rgb: Rgb  # for display only; told apart also without red-green vision
    drivable: bool  # the robot may drive on it without harm
    meaning: str


CLASSES: dict[str, SurfaceClass] = {
    row.name: row
    for row in (
        SurfaceClass(SKY, "sky", (156, 203, 239), False, "sky and clouds, and what lies beyond the garden's edge"),
        SurfaceClass(LAWN, "lawn", (86, 150, 58), True, "mown grass, green or straw-coloured"),
        SurfaceClass(SOIL, "soil", (110, 74, 48), True, "bare earth of beds; drivable, but plants stand in it"),
        SurfaceClass(PATH, "path", (190, 178, 158), True, "gravel and paving"),
        SurfaceClass(WATER, "water", (0, 92, 175), False, "the pond, frozen or not"),
        SurfaceClass(FOLIAGE, "foliage", (0, 100, 80), False, "leaves and green stems, also in autumn colour"),
        SurfaceClass(BLOSSOM, "blossom", (232, 72, 160), False, "open flowers and ripe fruit"),
        SurfaceClass(WILTED, "wilted", (214, 160, 0), False, "foliage that lacks water: stress coefficient under 0.4"),
        SurfaceClass(WOOD, "wood", (64, 40, 28), False, "trunks, branches and woody stems"),
        SurfaceClass(OBSTACLE, "obstacle", (96, 96, 108), False, "fence, hedge, shed, pots, stones"),
        SurfaceClass(SNOW, "snow", (244, 246, 255), True, "snow on the ground or on plants"),
        SurfaceClass(LITTER, "litter", (168, 84, 20), True, "fallen leaves and petals on the ground"),
    )
}
CLASS_NAMES: tuple[str, ...] = tuple(CLASSES)

CHOOSERS: dict[str, str] = {  # who chooses the frames that a teacher with a budget answers
    "evenly": "equally far apart in time",
    "random": "drawn by lot",
    "entropy": "the learner asks where its own prediction is least sure",
    "disagreement": "the learner asks where its predictions of a frame and of the mirrored frame differ most",
}

TEACHERS: dict[str, dict[str, float | bool]] = {  # names for teachers: what of `scenarios.spec.TeacherSpec` they set
    "oracle": {},
    "contact": {"budget": 0.0, "contact": True},
    "none": {"budget": 0.0},
}


@dataclass(frozen=True)
class Material:
    """A ground code: what a cell of the garden's floor is made of."""

    id: int
    name: str
    class_id: int
    rgb: Rgb  # dry, in daylight
    drivable: bool


MATERIALS: dict[str, Material] = {
    row.name: row
    for row in (
        Material(0, "lawn", LAWN, (84, 128, 52), True),
        Material(1, "soil", SOIL, (116, 86, 62), True),
        Material(2, "path", PATH, (178, 166, 146), True),
        Material(3, "water", WATER, (58, 84, 92), False),
        Material(4, "stone", PATH, (150, 148, 144), True),
    )
}


@dataclass(frozen=True)
class Climate:
    """Twelve monthly normals from which a weather generator draws years (January first; northern hemisphere).

    Temperatures are means over all days; how wet and dry days differ about them is the generator's business.
    """

    name: str
    latitude_deg: float
    elevation_m: float
    wet_days: Months  # days a month with rain or snow [d]
    rain_mm: Months  # rain and melted snow a month [mm]
    tmax_c: Months  # mean daily maximum [deg C]
    tmin_c: Months  # mean daily minimum [deg C]
    tmax_sd_c: Months  # day-to-day standard deviation within the month [deg C]
    tmin_sd_c: Months
    sunshine: Months  # share of the day length with bright sun, n/N (0..1)
    wind_m_s: Months  # mean wind speed at 2 m [m/s]
    year_sd_c: float  # standard deviation of whole years' temperature anomaly [deg C]
    year_memory: float  # correlation of one year's anomaly with the next
    seasonal: bool  # False: the sun stands at the equinox and plants at one stage all year (a negative control)
    source: str


def _always(value: float) -> Months:
    return (value,) * 12  # pyright: ignore[reportReturnType]


CLIMATES: dict[str, Climate] = {
    row.name: row
    for row in (
        Climate(
            name="temperate_oceanic",
            latitude_deg=51.5,
            elevation_m=25.0,
            wet_days=(11.1, 8.5, 9.3, 9.1, 8.8, 8.2, 7.7, 7.5, 8.1, 10.8, 10.3, 10.2),
            rain_mm=(55.0, 41.0, 42.0, 44.0, 49.0, 45.0, 45.0, 50.0, 49.0, 69.0, 59.0, 55.0),
            tmax_c=(8.1, 8.4, 11.3, 14.2, 17.9, 21.0, 23.5, 23.2, 20.0, 15.5, 11.1, 8.3),
            tmin_c=(2.3, 2.1, 3.9, 5.5, 8.7, 11.7, 13.9, 13.7, 11.4, 8.4, 4.9, 2.7),
            tmax_sd_c=(3.2, 3.2, 3.3, 3.6, 3.9, 3.9, 3.8, 3.6, 3.2, 2.9, 3.0, 3.2),
            tmin_sd_c=(3.6, 3.5, 3.2, 3.0, 2.9, 2.6, 2.3, 2.5, 2.9, 3.4, 3.6, 3.7),
            sunshine=(0.24, 0.28, 0.31, 0.41, 0.42, 0.42, 0.43, 0.46, 0.40, 0.36, 0.27, 0.21),
            wind_m_s=(3.2, 3.2, 3.2, 3.0, 2.9, 2.7, 2.7, 2.6, 2.6, 2.7, 2.9, 3.0),
            year_sd_c=0.7,
            year_memory=0.3,
            seasonal=True,
            source="like London Heathrow 1981-2010, rounded; day-to-day spreads are typical values",
        ),
        Climate(
            name="humid_continental",
            latitude_deg=42.0,
            elevation_m=200.0,
            wet_days=(10.7, 8.8, 11.2, 11.1, 11.4, 10.3, 9.9, 9.0, 8.2, 10.2, 11.2, 11.1),
            rain_mm=(44.0, 45.0, 64.0, 86.0, 93.0, 88.0, 94.0, 124.0, 82.0, 80.0, 80.0, 57.0),
            tmax_c=(-0.6, 1.8, 8.1, 15.0, 21.1, 26.5, 28.9, 27.7, 23.8, 16.8, 9.0, 1.6),
            tmin_c=(-8.6, -6.6, -1.6, 3.8, 9.1, 14.5, 17.7, 17.2, 12.4, 6.0, 0.2, -6.3),
            tmax_sd_c=(5.8, 5.6, 6.4, 6.3, 5.6, 4.5, 3.6, 3.5, 4.6, 5.5, 5.8, 5.6),
            tmin_sd_c=(6.3, 5.9, 5.0, 4.5, 4.2, 3.6, 3.0, 3.1, 4.4, 4.6, 5.0, 5.8),
            sunshine=(0.46, 0.51, 0.51, 0.53, 0.61, 0.67, 0.70, 0.68, 0.63, 0.57, 0.42, 0.41),
            wind_m_s=(3.5, 3.5, 3.7, 3.7, 3.3, 2.9, 2.7, 2.6, 2.8, 3.1, 3.4, 3.3),
            year_sd_c=0.8,
            year_memory=0.2,
            seasonal=True,
            source="like Chicago O'Hare 1981-2010, rounded; day-to-day spreads are typical values",
        ),
        Climate(
            name="mediterranean",
            latitude_deg=40.4,
            elevation_m=600.0,
            wet_days=(6.0, 6.0, 5.0, 7.0, 7.0, 3.0, 2.0, 2.0, 3.0, 7.0, 7.0, 7.0),
            rain_mm=(33.0, 35.0, 25.0, 45.0, 51.0, 21.0, 12.0, 10.0, 22.0, 60.0, 58.0, 51.0),
            tmax_c=(9.8, 12.0, 16.3, 18.2, 22.2, 28.2, 32.1, 31.3, 26.4, 19.4, 13.5, 10.0),
            tmin_c=(2.7, 3.7, 6.2, 7.7, 11.3, 16.1, 19.0, 18.8, 15.4, 10.7, 6.3, 3.6),
            tmax_sd_c=(3.2, 3.6, 4.2, 4.4, 4.7, 4.3, 3.0, 2.9, 3.9, 4.0, 3.4, 3.2),
            tmin_sd_c=(3.2, 3.0, 2.9, 2.8, 2.9, 2.8, 2.2, 2.1, 2.6, 3.0, 3.3, 3.3),
            sunshine=(0.50, 0.57, 0.60, 0.58, 0.61, 0.70, 0.80, 0.80, 0.70, 0.56, 0.51, 0.45),
            wind_m_s=(1.8, 2.1, 2.3, 2.4, 2.2, 2.2, 2.3, 2.2, 1.9, 1.8, 1.8, 1.8),
            year_sd_c=0.7,
            year_memory=0.3,
            seasonal=True,
            source="like Madrid Retiro 1981-2010, rounded; day-to-day spreads are typical values",
        ),
        Climate(
            name="subarctic",
            latitude_deg=61.2,
            elevation_m=40.0,
            wet_days=(8.0, 8.0, 7.0, 6.0, 7.0, 8.0, 12.0, 15.0, 15.0, 12.0, 10.0, 11.0),
            rain_mm=(18.0, 18.0, 15.0, 12.0, 18.0, 25.0, 46.0, 83.0, 76.0, 52.0, 29.0, 28.0),
            tmax_c=(-4.9, -2.7, 1.4, 7.4, 14.1, 17.7, 18.6, 17.7, 13.0, 4.8, -2.4, -3.9),
            tmin_c=(-11.5, -10.1, -7.2, -1.6, 4.4, 8.9, 11.2, 9.9, 5.5, -1.7, -8.3, -10.6),
            tmax_sd_c=(6.3, 5.6, 4.4, 3.8, 3.7, 3.2, 2.8, 2.8, 3.0, 4.2, 5.7, 6.2),
            tmin_sd_c=(7.2, 6.4, 5.4, 3.8, 2.6, 2.1, 1.9, 2.4, 3.2, 4.8, 6.4, 7.0),
            sunshine=(0.41, 0.46, 0.56, 0.56, 0.50, 0.47, 0.43, 0.40, 0.39, 0.37, 0.36, 0.33),
            wind_m_s=(2.0, 2.1, 2.1, 2.2, 2.5, 2.5, 2.2, 2.0, 2.0, 2.0, 1.9, 1.9),
            year_sd_c=0.9,
            year_memory=0.3,
            seasonal=True,
            source="like Anchorage 1981-2010, rounded; day-to-day spreads are typical values",
        ),
        Climate(
            name="constant",
            latitude_deg=42.0,
            elevation_m=200.0,
            wet_days=_always(9.0),
            rain_mm=_always(60.0),
            tmax_c=_always(20.0),
            tmin_c=_always(11.0),
            tmax_sd_c=_always(2.0),
            tmin_sd_c=_always(1.5),
            sunshine=_always(0.5),
            wind_m_s=_always(2.5),
            year_sd_c=0.0,
            year_memory=0.0,
            seasonal=False,
            source="invented: a negative control in which only day-to-day weather changes",
        ),
    )
}


@dataclass(frozen=True)
class Soil:
    """A soil's hold on water."""

    name: str
    wilting_point: float  # water that roots cannot take [m3/m3]
    field_capacity: float  # water held against gravity [m3/m3]
    saturation: float  # pore space [m3/m3]
    rew_mm: float  # water that evaporates from wet ground at the full rate (FAO-56 table 19) [mm]
    conductivity_mm_d: float  # saturated hydraulic conductivity [mm/d]
    rgb: Rgb  # dry ground in daylight
    source: str


_AQUACROP = "retention and conductivity: AquaCrop defaults; REW: FAO-56 table 19, mid-range"
SOILS: dict[str, Soil] = {
    row.name: row
    for row in (
        Soil("sand", 0.06, 0.13, 0.36, 6.0, 3000.0, (176, 152, 116), _AQUACROP),
        Soil("sandy_loam", 0.10, 0.22, 0.41, 8.0, 1200.0, (142, 112, 82), _AQUACROP),
        Soil("loam", 0.15, 0.31, 0.46, 9.0, 500.0, (116, 86, 62), _AQUACROP),
        Soil("silt_loam", 0.13, 0.33, 0.46, 9.0, 575.0, (112, 86, 66), _AQUACROP),
        Soil("clay_loam", 0.23, 0.39, 0.50, 10.0, 125.0, (104, 74, 56), _AQUACROP),
        Soil("clay", 0.39, 0.54, 0.55, 11.0, 35.0, (122, 76, 54), _AQUACROP),
    )
}


@dataclass(frozen=True)
class Species:
    """A plant: how it answers weather and water, and what it looks like.

    Degree-days are sums of max(0, min(Tmean, cap_c) - base_c), counted from `force_from_day` on and after `chill_days`
    cold days. Days of the year are those of the northern hemisphere; the southern one lives them half a year later.
    A zero threshold means "never" for `rebloom_gdd`, `fruit_gdd`, `dieback_gdd` and `colour_below_h`, and "at once"
    elsewhere.
    """

    name: str
    label: str  # what to call it in print
    form: str  # which sprite: grass bulb perennial spike shrub rose vegetable rosette tree conifer hedge
    habit: str  # which life cycle: grass bulb herbaceous subshrub deciduous evergreen annual
    # Phenology
    base_c: float  # no growth below [deg C]
    cap_c: float  # no faster growth above [deg C]
    chill_days: float  # cold days that end dormancy [d]
    force_from_day: int  # warmth counts from this day of the year
    emerge_gdd: float  # shoots show, or buds break [deg C d]
    full_gdd: float  # full size, or leaves fully unfolded [deg C d]
    bloom_gdd: float  # first flowers, unless day length holds them back [deg C d]
    bloom_days: float  # from first to last flower at 15 deg C [d]
    bloom_above_h: float  # flowers begin only in longer days than this [h]
    bloom_below_h: float  # flowers begin only in shorter days than this [h]
    rebloom_gdd: float  # warmth between two flushes [deg C d]
    fruit_gdd: float  # first ripe fruit [deg C d]
    dieback_gdd: float  # foliage yellows and withdraws (bulbs), or is cut and sown anew (lettuce) [deg C d]
    sow_day: int  # annuals: planted out from this day of the year on ...
    sow_tmin_c: float  # ... once nights of the past week were this mild on average [deg C]
    frost_kill_c: float  # foliage dies below this night temperature [deg C]
    colour_below_h: float  # leaves begin to age in shorter days than this [h]
    colour_sum: float  # cold-and-darkness that completes colouring (Delpierre et al. 2009)
    # Water (FAO-56 tables 12 and 22)
    kc_ini: float
    kc_mid: float
    kc_end: float
    root_m: float  # depth of the root zone [m]
    p_depletion: float  # share of available water taken without stress at 5 mm/d
    dies_after_d: float  # under severe stress for so many days in a row, where plants are mortal [d]
    # Appearance
    height_m: float
    spread_m: float
    leaf_rgb: Rgb
    young_leaf_rgb: Rgb
    autumn_rgb: Rgb
    dead_rgb: Rgb
    petal_rgb: Rgb
    centre_rgb: Rgb
    fruit_rgb: Rgb
    wood_rgb: Rgb
    source: str


_FAO = "water: FAO-56 tables 12 and 22"
_WUCOLS = "water: landscape coefficients after Costello (WUCOLS)"
_BANDS = "thresholds calibrated to date bands"

# We found no published number of days of wilting after which a garden plant is dead. What is known is an order: ten
# days are meant for plants of moderate needs (Costello, WUCOLS); thirstier kinds get less and sparing ones more, soft
# leaves least; bulbs, which live from their stores, and trees, whose roots go deeper than any bed, most.
_SOFT_D, _THIRSTY_D, _MODERATE_D, _STORED_D, _SPARING_D = 5.0, 7.0, 10.0, 20.0, 30.0
_NEVER_KILLED = -99.0
_NO_FRUIT: Rgb = (0, 0, 0)

SPECIES: dict[str, Species] = {
    row.name: row
    for row in (
        Species(
            name="lawn", label="lawn grass", form="grass", habit="grass",
            base_c=5.0, cap_c=25.0, chill_days=0, force_from_day=1, emerge_gdd=0, full_gdd=100,
            bloom_gdd=0, bloom_days=0, bloom_above_h=0, bloom_below_h=24, rebloom_gdd=0, fruit_gdd=0, dieback_gdd=0,
            sow_day=0, sow_tmin_c=0, frost_kill_c=_NEVER_KILLED, colour_below_h=0, colour_sum=0,
            kc_ini=0.90, kc_mid=0.95, kc_end=0.95, root_m=0.5, p_depletion=0.40, dies_after_d=_SPARING_D,
            height_m=0.05, spread_m=0.05,
            leaf_rgb=(84, 128, 52), young_leaf_rgb=(108, 152, 62), autumn_rgb=(150, 142, 88), dead_rgb=(176, 160, 108),
            petal_rgb=(255, 255, 255), centre_rgb=(255, 255, 255), fruit_rgb=_NO_FRUIT, wood_rgb=(120, 110, 80),
            source=f"growth potential of cool-season turf: PACE Turf; {_FAO}",
        ),
        Species(
            name="snowdrop", label="snowdrop", form="bulb", habit="bulb",
            base_c=0.0, cap_c=20.0, chill_days=35, force_from_day=15, emerge_gdd=10, full_gdd=120,
            bloom_gdd=45, bloom_days=24, bloom_above_h=0, bloom_below_h=24, rebloom_gdd=0, fruit_gdd=0, dieback_gdd=420,
            sow_day=0, sow_tmin_c=0, frost_kill_c=_NEVER_KILLED, colour_below_h=0, colour_sum=0,
            kc_ini=0.40, kc_mid=0.60, kc_end=0.40, root_m=0.20, p_depletion=0.30, dies_after_d=_STORED_D,
            height_m=0.18, spread_m=0.20,
            leaf_rgb=(88, 126, 76), young_leaf_rgb=(118, 158, 96), autumn_rgb=(196, 182, 88), dead_rgb=(164, 144, 98),
            petal_rgb=(248, 250, 246), centre_rgb=(150, 190, 110), fruit_rgb=_NO_FRUIT, wood_rgb=(96, 120, 70),
            source=f"{_BANDS}; {_WUCOLS}",
        ),
        Species(
            name="daffodil", label="daffodil", form="bulb", habit="bulb",
            base_c=4.0, cap_c=22.0, chill_days=45, force_from_day=32, emerge_gdd=20, full_gdd=150,
            bloom_gdd=85, bloom_days=22, bloom_above_h=0, bloom_below_h=24, rebloom_gdd=0, fruit_gdd=0, dieback_gdd=620,
            sow_day=0, sow_tmin_c=0, frost_kill_c=_NEVER_KILLED, colour_below_h=0, colour_sum=0,
            kc_ini=0.40, kc_mid=0.60, kc_end=0.40, root_m=0.25, p_depletion=0.30, dies_after_d=_STORED_D,
            height_m=0.40, spread_m=0.30,
            leaf_rgb=(84, 126, 70), young_leaf_rgb=(122, 160, 84), autumn_rgb=(204, 186, 84), dead_rgb=(168, 146, 96),
            petal_rgb=(250, 216, 44), centre_rgb=(244, 158, 24), fruit_rgb=_NO_FRUIT, wood_rgb=(96, 120, 70),
            source=f"{_BANDS} (base temperature recalled); {_WUCOLS}",
        ),
        Species(
            name="tulip", label="tulip", form="bulb", habit="bulb",
            base_c=4.4, cap_c=22.0, chill_days=60, force_from_day=32, emerge_gdd=45, full_gdd=230,
            bloom_gdd=190, bloom_days=18, bloom_above_h=0, bloom_below_h=24, rebloom_gdd=0, fruit_gdd=0,
            dieback_gdd=680,
            sow_day=0, sow_tmin_c=0, frost_kill_c=_NEVER_KILLED, colour_below_h=0, colour_sum=0,
            kc_ini=0.40, kc_mid=0.60, kc_end=0.40, root_m=0.25, p_depletion=0.30, dies_after_d=_STORED_D,
            height_m=0.45, spread_m=0.28,
            leaf_rgb=(100, 138, 84), young_leaf_rgb=(130, 168, 104), autumn_rgb=(206, 188, 92),
            dead_rgb=(170, 148, 100),
            petal_rgb=(214, 32, 48), centre_rgb=(248, 206, 60), fruit_rgb=_NO_FRUIT, wood_rgb=(104, 132, 80),
            source=f"base 40 deg F: Journey North; {_BANDS}; {_WUCOLS}",
        ),
        Species(
            name="lavender", label="lavender", form="spike", habit="subshrub",
            base_c=2.0, cap_c=28.0, chill_days=40, force_from_day=60, emerge_gdd=120, full_gdd=700,
            bloom_gdd=1020, bloom_days=42, bloom_above_h=13.5, bloom_below_h=24, rebloom_gdd=0, fruit_gdd=0,
            dieback_gdd=0,
            sow_day=0, sow_tmin_c=0, frost_kill_c=_NEVER_KILLED, colour_below_h=0, colour_sum=0,
            kc_ini=0.20, kc_mid=0.35, kc_end=0.25, root_m=0.50, p_depletion=0.60, dies_after_d=_SPARING_D,
            height_m=0.50, spread_m=0.60,
            leaf_rgb=(126, 142, 112), young_leaf_rgb=(148, 166, 122), autumn_rgb=(134, 134, 112),
            dead_rgb=(140, 126, 100),
            petal_rgb=(124, 92, 190), centre_rgb=(98, 70, 160), fruit_rgb=_NO_FRUIT, wood_rgb=(118, 100, 82),
            source=f"two-point fit to forcing times of Whitman et al. 1996; {_WUCOLS}, low",
        ),
        Species(
            name="coneflower", label="purple coneflower", form="perennial", habit="herbaceous",
            base_c=5.0, cap_c=28.0, chill_days=40, force_from_day=60, emerge_gdd=120, full_gdd=700,
            bloom_gdd=1060, bloom_days=85, bloom_above_h=13.0, bloom_below_h=24, rebloom_gdd=0, fruit_gdd=0,
            dieback_gdd=0,
            sow_day=0, sow_tmin_c=0, frost_kill_c=-4.0, colour_below_h=13.5, colour_sum=7600,
            kc_ini=0.25, kc_mid=0.60, kc_end=0.40, root_m=0.45, p_depletion=0.50, dies_after_d=_MODERATE_D,
            height_m=0.90, spread_m=0.50,
            leaf_rgb=(70, 112, 56), young_leaf_rgb=(112, 152, 72), autumn_rgb=(164, 140, 66), dead_rgb=(112, 88, 60),
            petal_rgb=(202, 92, 158), centre_rgb=(170, 84, 30), fruit_rgb=_NO_FRUIT, wood_rgb=(96, 100, 60),
            source=f"{_BANDS}; {_WUCOLS}, moderate",
        ),
        Species(
            name="aster", label="New England aster", form="perennial", habit="herbaceous",
            base_c=5.0, cap_c=28.0, chill_days=40, force_from_day=60, emerge_gdd=100, full_gdd=850,
            bloom_gdd=800, bloom_days=54, bloom_above_h=0, bloom_below_h=12.9, rebloom_gdd=0, fruit_gdd=0,
            dieback_gdd=0,
            sow_day=0, sow_tmin_c=0, frost_kill_c=-5.0, colour_below_h=13.5, colour_sum=9500,
            kc_ini=0.25, kc_mid=0.65, kc_end=0.50, root_m=0.45, p_depletion=0.45, dies_after_d=_MODERATE_D,
            height_m=1.00, spread_m=0.70,
            leaf_rgb=(76, 118, 62), young_leaf_rgb=(116, 154, 78), autumn_rgb=(160, 136, 72), dead_rgb=(118, 94, 66),
            petal_rgb=(148, 104, 206), centre_rgb=(244, 196, 48), fruit_rgb=_NO_FRUIT, wood_rgb=(104, 96, 64),
            source=f"short-day plant; {_BANDS}; {_WUCOLS}, moderate",
        ),
        Species(
            name="rose", label="rose", form="rose", habit="deciduous",
            base_c=5.2, cap_c=28.0, chill_days=20, force_from_day=60, emerge_gdd=40, full_gdd=300,
            bloom_gdd=545, bloom_days=30, bloom_above_h=0, bloom_below_h=24, rebloom_gdd=545, fruit_gdd=1900,
            dieback_gdd=0,
            sow_day=0, sow_tmin_c=0, frost_kill_c=_NEVER_KILLED, colour_below_h=14.0, colour_sum=10000,
            kc_ini=0.35, kc_mid=0.70, kc_end=0.50, root_m=0.60, p_depletion=0.50, dies_after_d=_MODERATE_D,
            height_m=1.10, spread_m=0.80,
            leaf_rgb=(58, 98, 50), young_leaf_rgb=(128, 116, 62), autumn_rgb=(188, 150, 58), dead_rgb=(118, 88, 58),
            petal_rgb=(222, 44, 84), centre_rgb=(250, 214, 96), fruit_rgb=(198, 62, 34), wood_rgb=(92, 74, 52),
            source=f"545 deg C d at base 5.2 deg C: Pasian & Lieth 1994; {_WUCOLS}, moderate",
        ),
        Species(
            name="hydrangea", label="smooth hydrangea", form="shrub", habit="deciduous",
            base_c=5.0, cap_c=28.0, chill_days=40, force_from_day=60, emerge_gdd=90, full_gdd=380,
            bloom_gdd=960, bloom_days=90, bloom_above_h=0, bloom_below_h=24, rebloom_gdd=0, fruit_gdd=0, dieback_gdd=0,
            sow_day=0, sow_tmin_c=0, frost_kill_c=_NEVER_KILLED, colour_below_h=14.0, colour_sum=7800,
            kc_ini=0.35, kc_mid=0.85, kc_end=0.60, root_m=0.45, p_depletion=0.35, dies_after_d=_THIRSTY_D,
            height_m=1.20, spread_m=1.20,
            leaf_rgb=(86, 132, 66), young_leaf_rgb=(132, 172, 84), autumn_rgb=(210, 178, 70), dead_rgb=(122, 96, 66),
            petal_rgb=(146, 168, 226), centre_rgb=(206, 214, 238), fruit_rgb=_NO_FRUIT, wood_rgb=(128, 104, 80),
            source=f"{_BANDS}; {_WUCOLS}, high",
        ),
        Species(
            name="forsythia", label="forsythia", form="shrub", habit="deciduous",
            base_c=4.0, cap_c=25.0, chill_days=40, force_from_day=32, emerge_gdd=120, full_gdd=400,
            bloom_gdd=80, bloom_days=22, bloom_above_h=0, bloom_below_h=24, rebloom_gdd=0, fruit_gdd=0, dieback_gdd=0,
            sow_day=0, sow_tmin_c=0, frost_kill_c=_NEVER_KILLED, colour_below_h=14.0, colour_sum=9200,
            kc_ini=0.30, kc_mid=0.60, kc_end=0.45, root_m=0.70, p_depletion=0.50, dies_after_d=_MODERATE_D,
            height_m=1.80, spread_m=1.60,
            leaf_rgb=(82, 126, 58), young_leaf_rgb=(136, 172, 76), autumn_rgb=(178, 148, 66), dead_rgb=(120, 94, 62),
            petal_rgb=(252, 214, 20), centre_rgb=(240, 190, 10), fruit_rgb=_NO_FRUIT, wood_rgb=(134, 110, 78),
            source=f"base 4 deg C and a chill gate, as Ohio's base-50 deg F list does not transfer; {_BANDS}",
        ),
        Species(
            name="tomato", label="tomato", form="vegetable", habit="annual",
            base_c=10.0, cap_c=30.0, chill_days=0, force_from_day=60, emerge_gdd=0, full_gdd=600,
            bloom_gdd=250, bloom_days=110, bloom_above_h=0, bloom_below_h=24, rebloom_gdd=0, fruit_gdd=620,
            dieback_gdd=0,
            sow_day=125, sow_tmin_c=7.0, frost_kill_c=-1.0, colour_below_h=0, colour_sum=0,
            kc_ini=0.60, kc_mid=1.15, kc_end=0.80, root_m=0.60, p_depletion=0.40, dies_after_d=_THIRSTY_D,
            height_m=1.30, spread_m=0.55,
            leaf_rgb=(66, 112, 54), young_leaf_rgb=(104, 148, 68), autumn_rgb=(176, 158, 74), dead_rgb=(74, 64, 46),
            petal_rgb=(250, 224, 70), centre_rgb=(230, 180, 40), fruit_rgb=(212, 42, 30), wood_rgb=(150, 120, 84),
            source=f"base 10, cap 30 deg C, 555-1000 deg C d to maturity: Zalom & Wilson; {_FAO}",
        ),
        Species(
            name="lettuce", label="lettuce", form="rosette", habit="annual",
            base_c=4.0, cap_c=24.0, chill_days=0, force_from_day=60, emerge_gdd=0, full_gdd=420,
            bloom_gdd=0, bloom_days=0, bloom_above_h=0, bloom_below_h=24, rebloom_gdd=0, fruit_gdd=0, dieback_gdd=640,
            sow_day=95, sow_tmin_c=2.0, frost_kill_c=-4.0, colour_below_h=0, colour_sum=0,
            kc_ini=0.70, kc_mid=1.00, kc_end=0.95, root_m=0.30, p_depletion=0.30, dies_after_d=_SOFT_D,
            height_m=0.25, spread_m=0.32,
            leaf_rgb=(122, 178, 64), young_leaf_rgb=(156, 202, 90), autumn_rgb=(190, 180, 90), dead_rgb=(120, 104, 66),
            petal_rgb=(240, 220, 90), centre_rgb=(240, 220, 90), fruit_rgb=_NO_FRUIT, wood_rgb=(140, 170, 90),
            source=f"{_BANDS}; {_FAO}",
        ),
        Species(
            name="sunflower", label="sunflower", form="perennial", habit="annual",
            base_c=4.0, cap_c=30.0, chill_days=0, force_from_day=60, emerge_gdd=0, full_gdd=1000,
            bloom_gdd=1200, bloom_days=70, bloom_above_h=0, bloom_below_h=24, rebloom_gdd=0, fruit_gdd=0, dieback_gdd=0,
            sow_day=110, sow_tmin_c=6.0, frost_kill_c=-2.0, colour_below_h=13.2, colour_sum=9000,
            kc_ini=0.35, kc_mid=1.10, kc_end=0.35, root_m=1.00, p_depletion=0.45, dies_after_d=_THIRSTY_D,
            height_m=1.50, spread_m=0.60,
            leaf_rgb=(92, 132, 56), young_leaf_rgb=(138, 172, 84), autumn_rgb=(170, 150, 70), dead_rgb=(112, 88, 56),
            petal_rgb=(248, 196, 34), centre_rgb=(92, 58, 34), fruit_rgb=_NO_FRUIT, wood_rgb=(126, 132, 78),
            source=f"temperatures and warmth to flowering: AquaCrop's sunflower, earlier as garden kinds are; {_FAO}",
        ),
        Species(
            name="apple", label="apple tree", form="tree", habit="deciduous",
            base_c=5.0, cap_c=28.0, chill_days=45, force_from_day=60, emerge_gdd=110, full_gdd=380,
            bloom_gdd=205, bloom_days=18, bloom_above_h=0, bloom_below_h=24, rebloom_gdd=0, fruit_gdd=1500,
            dieback_gdd=0,
            sow_day=0, sow_tmin_c=0, frost_kill_c=_NEVER_KILLED, colour_below_h=14.0, colour_sum=9000,
            kc_ini=0.45, kc_mid=0.95, kc_end=0.70, root_m=1.00, p_depletion=0.50, dies_after_d=_SPARING_D,
            height_m=3.20, spread_m=2.80,
            leaf_rgb=(72, 116, 54), young_leaf_rgb=(138, 172, 82), autumn_rgb=(206, 166, 48), dead_rgb=(124, 92, 56),
            petal_rgb=(250, 226, 232), centre_rgb=(236, 170, 190), fruit_rgb=(196, 40, 36), wood_rgb=(104, 86, 70),
            source=f"full bloom at about 252 deg C d, base 5 deg C: Ontario (Simcoe); {_FAO}",
        ),
        Species(
            name="maple", label="red maple", form="tree", habit="deciduous",
            base_c=4.0, cap_c=28.0, chill_days=40, force_from_day=32, emerge_gdd=120, full_gdd=400,
            bloom_gdd=70, bloom_days=14, bloom_above_h=0, bloom_below_h=24, rebloom_gdd=0, fruit_gdd=0, dieback_gdd=0,
            sow_day=0, sow_tmin_c=0, frost_kill_c=_NEVER_KILLED, colour_below_h=14.0, colour_sum=7400,
            kc_ini=0.40, kc_mid=0.90, kc_end=0.65, root_m=1.20, p_depletion=0.50, dies_after_d=_SPARING_D,
            height_m=4.50, spread_m=3.20,
            leaf_rgb=(72, 114, 50), young_leaf_rgb=(154, 126, 72), autumn_rgb=(206, 62, 32), dead_rgb=(126, 78, 50),
            petal_rgb=(176, 52, 52), centre_rgb=(206, 120, 60), fruit_rgb=_NO_FRUIT, wood_rgb=(120, 112, 104),
            source=f"{_BANDS}; water: like FAO-56 deciduous orchard",
        ),
        Species(
            name="spruce", label="spruce", form="conifer", habit="evergreen",
            base_c=5.0, cap_c=25.0, chill_days=30, force_from_day=60, emerge_gdd=200, full_gdd=450,
            bloom_gdd=0, bloom_days=0, bloom_above_h=0, bloom_below_h=24, rebloom_gdd=0, fruit_gdd=0, dieback_gdd=0,
            sow_day=0, sow_tmin_c=0, frost_kill_c=_NEVER_KILLED, colour_below_h=0, colour_sum=0,
            kc_ini=1.00, kc_mid=1.00, kc_end=1.00, root_m=1.20, p_depletion=0.70, dies_after_d=_SPARING_D,
            height_m=3.80, spread_m=2.00,
            leaf_rgb=(52, 82, 54), young_leaf_rgb=(104, 142, 82), autumn_rgb=(52, 74, 58), dead_rgb=(122, 88, 56),
            petal_rgb=(150, 110, 80), centre_rgb=(150, 110, 80), fruit_rgb=_NO_FRUIT, wood_rgb=(88, 68, 54),
            source=f"{_BANDS}; {_FAO}",
        ),
        Species(
            name="boxwood", label="boxwood", form="hedge", habit="evergreen",
            base_c=5.0, cap_c=28.0, chill_days=20, force_from_day=60, emerge_gdd=120, full_gdd=360,
            bloom_gdd=0, bloom_days=0, bloom_above_h=0, bloom_below_h=24, rebloom_gdd=0, fruit_gdd=0, dieback_gdd=0,
            sow_day=0, sow_tmin_c=0, frost_kill_c=_NEVER_KILLED, colour_below_h=0, colour_sum=0,
            kc_ini=0.50, kc_mid=0.55, kc_end=0.50, root_m=0.50, p_depletion=0.50, dies_after_d=_MODERATE_D,
            height_m=0.80, spread_m=0.80,
            leaf_rgb=(52, 92, 44), young_leaf_rgb=(116, 158, 68), autumn_rgb=(96, 92, 52), dead_rgb=(142, 118, 72),
            petal_rgb=(200, 200, 120), centre_rgb=(200, 200, 120), fruit_rgb=_NO_FRUIT, wood_rgb=(112, 96, 70),
            source=f"{_BANDS}; {_WUCOLS}, moderate",
        ),
    )
}  # fmt: skip
