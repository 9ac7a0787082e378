"""A folder of somebody's own pictures is a place like a garden: the same holds of both; errors say what would do."""

import json
import pickle
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from agent.folder.error import FolderError
from agent.folder.exam import hold_out
from agent.folder.listing import survey
from agent.folder.pixels import label_map, read_image
from agent.folder.place import FolderPlace
from agent.garden_place import GardenPlace
from agent.live import Student, live
from agent.monitor.scores import ProbeScore, StreamScore
from agent.stream import fingerprint
from agent.teacher import answer
from learners.nets import TinyNet
from learners.recipes import make_learner
from scenarios.files import parse
from scenarios.tables import IGNORE

ROOT = Path(__file__).parent.parent.parent
COLOURS = np.array([(150, 200, 240), (80, 150, 60), (190, 170, 150)], np.uint8)  # sky, lawn, path
GARDEN = """
name: small
days: 60
steps_per_day: 6
commissioning_days: 12
camera: {width_px: 32, height_px: 32}
garden: {beds: 3, trees: 1, props: 1}
"""


def a_scene(number: int, size_px: tuple[int, int]) -> np.ndarray:
    """A mask: sky above lawn, and a path somewhere on it."""
    height, width = size_px
    mask = np.ones(size_px, np.uint8)
    mask[: height // 3] = 0
    left = (number * 7) % (width - width // 4)
    mask[height // 2 :, left : left + width // 4] = 2
    return mask


def a_folder(root, days, *, a_day=2, answered=lambda number: number % 3 > 0, size_px=(48, 72), start=date(2025, 4, 20)):
    """Pictures of `a_scene`, each darker or brighter than the last; nobody answered where `answered` says so."""
    (root / "images").mkdir(parents=True)
    (root / "masks").mkdir()
    (root / "classes.yaml").write_text("- sky\n- {name: lawn, rgb: [80, 150, 60]}\n- path\n")
    rng = np.random.default_rng(0)
    for number in range(days * a_day):
        mask = a_scene(number, size_px)
        picture = np.clip(COLOURS[mask] * rng.uniform(0.8, 1.2) + rng.normal(0, 4, (*size_px, 3)), 0, 255)
        name = f"{start + timedelta(days=number // a_day)}T{8 + number % a_day:02d}-30"
        cv2.imwrite(str(root / "images" / f"{name}.png"), picture.astype(np.uint8)[..., ::-1])
        if answered(number):
            cv2.imwrite(str(root / "masks" / f"{name}.png"), mask)
    return root


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return a_folder(tmp_path_factory.mktemp("own") / "pictures", 60)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def folder_place(root, cache):
    return FolderPlace(root, frame_px=(32, 48), cache=cache)


@pytest.fixture(scope="module")
def garden_place():
    return GardenPlace(parse(GARDEN), 4, home_frames=2, away_frames=4, next_year_frames=2)


@pytest.fixture(scope="module", params=["folder", "garden"])
def place(request):
    return request.getfixturevalue(f"{request.param}_place")


@pytest.fixture(scope="module")
def life(place):
    return list(place.stream())


def test_a_life_lived_twice_is_the_same_life(place, life):
    assert fingerprint(iter(place.stream())) == fingerprint(iter(life))


def test_blocks_end_where_it_was_said_and_make_up_the_life(place, life):
    assert [block.step for block in life] == place.stream().ends
    assert sum(len(block.images) for block in life) == life[-1].step == place.life_steps
    assert {len(block.images) for block in life[:-1]} == {place.learn_every}


def test_the_answers_that_come_are_those_that_were_announced(place, life):
    images, truth = (np.concatenate([getattr(block, name) for block in life]) for name in ("images", "truth"))
    for block, steps in zip(life, place.stream().arrivals(), strict=True):
        np.testing.assert_array_equal(block.labelled[0], images[steps])
        np.testing.assert_array_equal(block.labelled[1], truth[steps])
        assert len(steps) <= block.asked == place.labels_per_block


def test_frames_and_answers_have_the_size_and_the_classes_of_the_place(place, life):
    height, width = place.frame_px
    for block in life:
        frames = len(block.images)
        assert block.images.shape == (frames, 3, height, width) and block.images.dtype == np.uint8
        assert block.truth.shape == (frames, height // 2, width // 2) and block.truth.dtype == np.uint8
        assert block.poses.shape == (frames, 3) and block.hours.shape == (frames,)
        assert set(np.unique(block.truth)) <= {*range(len(place.classes)), IGNORE}


def test_days_pass_in_order_and_within_the_life(place, life):
    days = [block.day for block in life]
    assert days == sorted(days) and days[0] >= 0 and days[-1] == place.days - 1


def test_commissioning_is_whole_blocks_with_answers_and_leaves_a_life_to_live(place, life):
    first = place.commissioning_steps
    assert first in place.stream().ends and first < place.life_steps
    assert all(block.day < place.commissioning_days for block in life if block.step <= first)
    assert sum(len(block.labelled[1]) for block in life if block.step <= first) > 0


def test_every_phase_is_examined_by_as_many_frames(place):
    banks = place.banks()
    height, width = place.frame_px
    for name, bank in banks.items():
        phases, frames = bank.days.shape
        assert name == bank.name and phases == len(place.phases)
        assert bank.images.shape == (phases, frames, 3, height, width) and bank.images.dtype == np.uint8
        assert bank.truth.shape == (phases, frames, height // 2, width // 2)
        assert set(np.unique(bank.truth)) <= {*range(len(place.classes)), IGNORE}
        assert (bank.truth != IGNORE).any((1, 2, 3)).all()
    assert place.exam_frames == sum(bank.days.size for bank in banks.values())


def test_the_exam_is_the_same_at_every_call_and_setting_it_changes_no_life(place, life):
    for name, bank in place.banks().items():
        np.testing.assert_array_equal(bank.images, place.banks()[name].images)
        np.testing.assert_array_equal(bank.truth, place.banks()[name].truth)
    assert fingerprint(iter(place.stream())) == fingerprint(iter(life))


def test_no_frame_of_the_exam_is_lived(place, life):
    lived = {image.tobytes() for block in life for image in block.images}
    for bank in place.banks().values():
        assert not lived & {image.tobytes() for image in bank.images.reshape(-1, *bank.images.shape[2:])}


def test_phases_are_where_the_calendar_has_them(place):
    for phase, day in zip(place.phases, place.phase_days, strict=True):
        assert place.start + timedelta(days=day) == phase.dates[0]
    assert {place.season(day) for day in range(place.days)} <= {"spring", "summer", "autumn", "winter"}
    assert place.season(0) == "spring"


def test_pictures_for_people_are_all_of_one_shape(place):
    bank = next(iter(place.banks().values()))
    shown = [place.picture(bank, phase, 0) for phase in range(len(place.phases))]
    assert {(picture.shape, picture.dtype) for picture in shown} == {(shown[0].shape, np.dtype(np.uint8))}
    height, width = place.frame_px
    assert shown[0].shape[0] >= height and shown[0].shape[0] * width == shown[0].shape[1] * height


def test_the_configuration_is_plain_data_under_one_name(place):
    (entry,) = json.loads(json.dumps(place.as_config())).values()
    assert entry["name"] == place.name


@pytest.mark.slow
def test_a_place_travels_to_another_process_and_is_the_same_there(folder_place, garden_place, tmp_path):
    """Both in one child, for starting one takes longer than living there."""
    places = [folder_place, garden_place]
    (tmp_path / "places").write_bytes(pickle.dumps(places))
    there = (
        "import pickle, pathlib, sys; from agent.stream import fingerprint\n"
        "for place in pickle.loads(pathlib.Path(sys.argv[1]).read_bytes()):\n"
        "    exam = [bank.images.sum() + bank.truth.sum() for bank in place.banks().values()]\n"
        "    print(place.fingerprint, fingerprint(iter(place.stream())), *exam)\n"
    )
    command = [sys.executable, "-c", there, str(tmp_path / "places")]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for place, line in zip(places, told, strict=True):
        exam = [bank.images.sum() + bank.truth.sum() for bank in place.banks().values()]
        assert line.split() == [place.fingerprint, fingerprint(iter(place.stream())), *map(str, exam)]
        again = pickle.loads(pickle.dumps(place))
        assert again == place and hash(again) == hash(place)


# What holds of folders alone.


def test_an_answer_is_made_by_the_rule_of_the_garden():
    masks = np.random.default_rng(0).integers(0, 3, (20, 16, 24), dtype=np.uint8)
    masks[masks == 2] = IGNORE
    np.testing.assert_array_equal(np.stack([label_map(mask, (8, 12)) for mask in masks]), answer(masks))


@pytest.mark.parametrize("larger", [3, 4, 10])
def test_a_large_mask_is_answered_by_three_quarters_of_the_area(larger):
    coarse = np.random.default_rng(larger).integers(0, 3, (12, 8), dtype=np.uint8)
    mask = coarse.repeat(larger // 2 + 1, 0).repeat(larger // 2 + 1, 1)[: 6 * larger, : 4 * larger]
    tiles = mask.reshape(6, larger, 4, larger).transpose(0, 2, 1, 3).reshape(6, 4, -1)
    counts = (tiles[..., None] == np.arange(3)).sum(2)
    expected = np.where(counts.max(-1) * 4 >= 3 * larger**2, counts.argmax(-1), IGNORE)
    np.testing.assert_array_equal(label_map(mask, (6, 4)), expected)


@pytest.mark.parametrize("size_px", [(48, 72), (31, 50), (200, 300), (20, 30)])
def test_masks_lie_on_their_images_whatever_their_size(tmp_path, size_px):
    place = FolderPlace(a_folder(tmp_path / "p", 20, size_px=size_px), frame_px=(32, 48), cache=tmp_path / "cache")
    for bank in place.banks().values():
        for image, truth in zip(bank.images.reshape(-1, 3, 32, 48), bank.truth.reshape(-1, 16, 24), strict=True):
            small = cv2.resize(image.transpose(1, 2, 0), (24, 16), interpolation=cv2.INTER_AREA).astype(float)
            direction = small / np.linalg.norm(small, axis=-1, keepdims=True)  # brightness aside
            palette = COLOURS / np.linalg.norm(COLOURS.astype(float), axis=-1, keepdims=True)
            looks_like = (direction @ palette.T).argmax(-1)
            known = truth != IGNORE
            assert known.mean() > 0.5
            assert (looks_like == truth)[known].mean() > 0.99


def test_what_nobody_answered_is_lived_and_not_scored(folder_place, root):
    frames = sum(len(block.images) for block in folder_place.stream())
    unanswered = sum(int((block.truth == IGNORE).all((1, 2)).sum()) for block in folder_place.stream())
    masks = len(list((root / "masks").iterdir()))
    assert unanswered > frames / 4
    assert frames - unanswered == masks - folder_place.exam_frames
    learned = [label for block in folder_place.stream() for label in block.labelled[1]]
    assert all((label != IGNORE).any() for label in learned)


def test_a_learner_lives_and_sits_the_exam_there(folder_place):
    net = TinyNet(3, generator=torch.Generator().manual_seed(0))
    learner = make_learner("er", net, seed=0, memory_bytes=100_000)
    events = []
    live(
        folder_place.stream(),
        [Student("er", learner, 8)],
        folder_place.banks(),
        events.append,
        first_step=folder_place.commissioning_steps,
        exam_every_days=20,
        classes=3,
    )
    scores = [event for event in events if isinstance(event, StreamScore)]
    pixels = sum(score.confusion.sum() for score in scores)
    lived = [block for block in folder_place.stream() if block.step > folder_place.commissioning_steps]
    assert pixels == sum(int((block.truth != IGNORE).sum()) for block in lived)
    exams = [event for event in events if isinstance(event, ProbeScore)]
    assert {exam.bank for exam in exams} == {"held_out"} and len(exams) >= 3
    assert exams[-1].confusion.shape[-2:] == (3, 3)
    assert learner.cost.updates == len(lived) - sum(not len(block.labelled[1]) for block in lived)


def test_about_one_answered_frame_in_eight_is_held_out_in_whole_stretches(folder_place, root):
    answered = len(list((root / "masks").iterdir()))
    assert answered / 12 <= folder_place.exam_frames <= answered / 6


def test_stretches_are_runs_of_answered_frames_of_every_phase_alike():
    phase_of, answered = np.arange(400) // 100, np.arange(400) % 2 == 0
    rows, away = hold_out(phase_of, answered, 4, seed=0)
    assert rows.shape == (4, 4 * 2)  # of 200 answered frames one in eight, in four runs a phase, rounded
    for phase, own in enumerate(rows):
        assert (phase_of[own] == phase).all() and answered[own].all()
        runs = np.split(own, 4)
        assert all((np.diff(run) == 2).all() for run in runs)
        assert all(away[run[0] : run[-1] + 1].all() for run in runs)
    assert away.sum() == 4 * 4 * (2 * 2 - 1)
    other, _ = hold_out(phase_of, answered, 4, seed=1)
    assert (other != rows).any()


def test_a_run_that_spans_two_years_takes_nothing_of_the_seasons_between():
    phase_of = np.repeat([0, 1, 0, 1], 50)
    _, away = hold_out(phase_of, np.ones(200, bool), 2, seed=0)
    assert away.sum() == hold_out(phase_of, np.ones(200, bool), 2, seed=0)[0].size


def test_a_fingerprint_is_of_what_is_seen_and_not_of_where_it_lies(folder_place, root, tmp_path):
    copy = tmp_path / "elsewhere"
    shutil.copytree(root, copy)
    options = {"frame_px": (32, 48), "cache": tmp_path / "cache"}
    assert FolderPlace(copy, **options) == folder_place
    assert FolderPlace(copy, **options, seed=1).fingerprint != folder_place.fingerprint
    one = next((copy / "images").iterdir())
    cv2.imwrite(str(one), 255 - cv2.imread(str(one)))
    assert FolderPlace(copy, **options).fingerprint != folder_place.fingerprint


def test_frames_are_decoded_once(root, tmp_path):
    told = []
    options = {"frame_px": (16, 16), "cache": tmp_path, "tell": lambda done, total: told.append((done, total))}
    FolderPlace(root, **options)
    assert told == [(n + 1, 120) for n in range(120)]
    FolderPlace(root, **options)
    assert len(told) == 120


def test_frames_that_are_gone_are_told(root, tmp_path):
    place = FolderPlace(root, frame_px=(16, 16), cache=tmp_path / "cache")
    shutil.rmtree(tmp_path / "cache")
    with pytest.raises(FolderError, match=r"the frames are gone .* begin anew"):
        list(place.stream())


def test_a_picture_whose_file_is_gone_is_made_of_its_frame(root, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    place = FolderPlace(copy, frame_px=(32, 48), cache=tmp_path / "cache")
    bank = place.banks()["held_out"]
    before = place.picture(bank, 0, 0)
    shutil.rmtree(copy / "images")
    after = place.picture(bank, 0, 0)
    assert after.shape == before.shape
    assert np.abs(after.astype(int) - before).mean() < 20


def test_a_photograph_is_turned_upright_as_its_file_says(tmp_path):
    """Orientation 6: the camera was held upright, so what is stored lies on its side."""
    upright = COLOURS[a_scene(0, (48, 32))]
    stored = cv2.imencode(".jpg", cv2.rotate(upright, cv2.ROTATE_90_COUNTERCLOCKWISE)[..., ::-1])[1].tobytes()
    tags = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    content = stored[:2] + b"\xff\xe1" + (len(tags) + 2).to_bytes(2, "big") + tags + stored[2:]
    seen = read_image(tmp_path / "photo.jpg", content)
    assert seen.shape == upright.shape
    assert np.abs(seen.astype(int) - upright).mean() < 5


def test_names_tell_order_and_hour(tmp_path):
    root = a_folder(tmp_path / "p", 12, a_day=1)
    for name in ("2025-04-21_10", "2025-04-21_9", "20250421T060000"):
        shutil.copy(next((root / "images").iterdir()), root / "images" / f"{name}.PNG")
    listing = survey(root)
    names = [path.name for path in listing.images]
    assert names[:5] == [
        "2025-04-20T08-30.png", "2025-04-21T08-30.png", "2025-04-21_9.PNG", "2025-04-21_10.PNG", "20250421T060000.PNG",
    ]  # fmt: skip
    np.testing.assert_array_equal(listing.hours[:5], [8.5, 8.5, np.nan, np.nan, 6.0])


def test_a_short_folder_is_examined_in_stretches_and_a_long_one_at_the_stations_of_the_year(tmp_path, cache):
    short = FolderPlace(a_folder(tmp_path / "short", 30), frame_px=(16, 16), cache=cache)
    assert [phase.name for phase in short.phases] == [
        "20 Apr – 25 Apr", "26 Apr – 1 May", "2 May – 7 May", "8 May – 13 May", "14 May – 19 May",
    ]  # fmt: skip
    sparse = a_folder(
        tmp_path / "long", 400, a_day=1, answered=lambda n: n % 4 == 0 and not 70 < n < 120, size_px=(8, 8)
    )
    long = FolderPlace(sparse, frame_px=(8, 8), cache=cache)
    names = [phase.name for phase in long.phases]
    assert names == ["spring", "early summer", "late summer", "autumn", "late autumn", "deep winter", "late winter"]
    south = FolderPlace(sparse, frame_px=(8, 8), southern=True, cache=cache)
    assert south.season(0) == "autumn"
    assert dict(zip(names, long.phase_days, strict=True))["spring"] == 0
    assert [p.name for p in south.phases if p.dates[0] == date(2025, 10, 20)] == ["spring"]


# Errors: which file, what was found, what would do.


def _put(name):
    def change(root):
        shutil.copy(root / "images" / "2025-04-20T08-30.png", root / name)

    return change


def _mask(change_mask):
    def change(root):
        path = root / "masks" / "2025-04-20T09-30.png"
        cv2.imwrite(str(path), change_mask(cv2.imread(str(path), cv2.IMREAD_UNCHANGED)))

    return change


def _classes(text):
    return lambda root: (root / "classes.yaml").write_text(text)


def _cut(name):
    def change(root):
        (root / name).write_bytes((root / name).read_bytes()[:200])

    return change


BROKEN = {
    "no folder": (shutil.rmtree, r"pictures: no such folder; give one that holds images/, masks/ and classes.yaml"),
    "no classes": (lambda root: (root / "classes.yaml").unlink(), r"classes.yaml: cannot be read .*; write a list"),
    "broken yaml": (_classes("- [sky\n"), r"classes.yaml: not YAML .*; write a list"),
    "no list": (_classes("sky: 0\nlawn: 1\n"), r"classes.yaml: holds no list; write a list"),
    "empty": (_classes(""), r"classes.yaml: holds no list"),
    "one class": (_classes("- sky\n"), r"classes.yaml: 1 classes; give 2 to 255"),
    "twice": (
        _classes("- sky\n- path\n- sky\n"),
        r"classes.yaml: two classes are called 'sky'; give every class a name",
    ),
    "no name": (_classes("- sky\n- {rgb: [1, 2, 3]}\n- path\n"), r"classes.yaml: class 1: no name of 1 to 40"),
    "odd key": (_classes("- {name: sky, color: blue}\n- lawn\n"), r"class 0: 'color' is not read"),
    "colour": (_classes("- {name: sky, rgb: [0, 0, 256]}\n- lawn\n"), r"class 0: rgb is .*; give three numbers from 0"),
    "a colour's name": (_classes("- {name: sky, rgb: blue}\n- lawn\n"), r"class 0: rgb is blue; give three numbers"),
    "no images folder": (lambda root: shutil.rmtree(root / "images"), r"images: no such folder; images belong into"),
    "no masks folder": (
        lambda root: shutil.rmtree(root / "masks"),
        r"masks: no such folder; .*their masks into masks/",
    ),
    "no images": (
        lambda root: [path.unlink() for part in ("images", "masks") for path in (root / part).iterdir()],
        r"images: there is no image; put some there whose names begin with a date: 2025-04-20.jpg",
    ),
    "no date": (_put("images/IMG_0001.png"), r"IMG_0001.png: the name begins with no date; rename it"),
    "wrong date": (_put("images/2025-02-30.png"), r"2025-02-30.png: 2025-02-30 is no date \(day"),
    "wrong time": (_put("images/2025-04-20T25-00.png"), r"T25-00.png: T25-00 is no time of day; rename it"),
    "another file": (
        _put("images/2025-04-20.heic"),
        r"2025-04-20.heic: is no image that can be read; put files here that",
    ),
    "a folder": (lambda root: (root / "images" / "2025").mkdir(), r"2025: is a folder; put files here"),
    "same stem": (_put("images/2025-04-20T08-30.jpg"), r"2025-04-20T08-30.png: 2025-04-20T08-30.jpg has the same name"),
    "mask alone": (_put("masks/2025-04-20.png"), r"masks/2025-04-20.png: images/ holds no image of that name"),
    "mask as jpg": (_put("masks/2025-04-20T08-30.jpg"), r"T08-30.jpg: a mask is a .png file"),
    "cut image": (
        _cut("images/2025-05-01T08-30.png"),
        r"images/2025-05-01T08-30.png: 200 bytes that are no whole image",
    ),
    "empty image": (
        lambda root: (root / "images" / "2025-05-01T08-30.png").write_bytes(b""),
        r"images/2025-05-01T08-30.png: the file is empty; save it anew",
    ),
    "no png": (
        lambda root: (root / "masks" / "2025-04-20T09-30.png").write_bytes(b"0" * 100),
        r"masks/2025-04-20T09-30.png: not a PNG file; a mask is a PNG with one channel of 8 bits",
    ),
    "cut mask": (
        lambda root: (root / "masks" / "2025-04-20T09-30.png").write_bytes(
            (root / "masks" / "2025-04-20T09-30.png").read_bytes()[:60]
        ),
        r"masks/2025-04-20T09-30.png: 60 bytes that are no whole image",
    ),
    "colour mask": (_mask(lambda m: np.stack([m] * 3, -1)), r"T09-30.png: RGB of 8 bits; .*turn its colours into ids"),
    "deep mask": (_mask(lambda m: m.astype(np.uint16)), r"T09-30.png: grey of 16 bits; a mask is"),
    "other size": (_mask(lambda m: m[:40]), r"T09-30.png: 72 x 40 px beside an image of 72 x 48; give both one size"),
    "unknown id": (
        _mask(lambda m: m + 2),
        r"T09-30.png: the value 3 is no class; .*ids 0 to 2 \(0 sky, 1 lawn, 2 path\)",
    ),
    "no answers": (
        lambda root: [path.unlink() for path in (root / "masks").iterdir()],
        r"pictures: no image has a mask with an answer in it",
    ),
    "too few": (
        lambda root: [path.unlink() for path in root.glob("*/*") if path.name > "2025-04-23"],
        r"pictures: \d of the 6 images are lived through, .*: add images and masks",
    ),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return a_folder(tmp_path_factory.mktemp("good") / "pictures", 15)


@pytest.mark.parametrize(("damage", "message"), BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_with_a_folder_is_told_with_the_file_and_what_would_do(good, tmp_path, damage, message):
    root = tmp_path / "pictures"
    shutil.copytree(good, root)
    damage(root)
    with pytest.raises(FolderError, match=message):
        FolderPlace(root, frame_px=(16, 16), cache=tmp_path / "cache")
    kept = list((tmp_path / "cache").iterdir()) if (tmp_path / "cache").is_dir() else []
    assert not [path for path in kept if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"frame_px": (60, 64)}, "frames of 60 x 64 px; give multiples of 8"),
        ({"frame_px": (0, 8)}, "frames of 0 x 8 px"),
        ({"learn_every": 0}, "blocks of 0 frames"),
        ({"labels_per_block": 0}, "0 answers; give at least 1"),
        ({"commissioning_days": 0}, "0 days of commissioning take 0"),
        ({"commissioning_days": 15}, "15 days of commissioning take"),
        ({"learn_every": 500}, "in blocks of 500"),
    ],
)
def test_choices_that_make_no_sense_are_told(good, tmp_path, options, message):
    with pytest.raises(FolderError, match=message):
        FolderPlace(good, **({"frame_px": (16, 16)} | options), cache=tmp_path)


def test_a_cache_that_cannot_be_made_is_told(good, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError, match=r"frames cannot be kept there .*; name another folder"):
        FolderPlace(good, frame_px=(16, 16), cache=tmp_path / "file")


def test_a_palette_mask_is_refused_because_its_colours_are_not_ids(good, tmp_path):
    """Written by hand, for OpenCV writes none: the head of a PNG, kind 3."""
    root = tmp_path / "pictures"
    shutil.copytree(good, root)
    path = root / "masks" / "2025-04-20T09-30.png"
    content = bytearray(path.read_bytes())
    content[25] = 3
    path.write_bytes(bytes(content))
    with pytest.raises(FolderError, match="palette of 8 bits; a mask is a PNG with one channel"):
        FolderPlace(root, frame_px=(16, 16), cache=tmp_path / "cache")
