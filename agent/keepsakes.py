"""Which of a life's pictures are kept for the report, so that a long life keeps no more of them than a short one."""

from collections.abc import Sequence

from agent.exams import Picture

MOST_PICTURES = 48  # of a learner, beside those that the report shows for certain: all of a life of 15 months


def worth_keeping(pictures: list[Picture], days: Sequence[int]) -> list[Picture]:
    """What is kept of the pictures so far, in order: the newest, those nearest to certain days, and of the others every
    second one where there are too many. A life may be stopped, and then the report shows some of these.

    Args:
        pictures: of a learner, by day; the newest may be the only one that was not asked about before.
        days: of the life of which the report shows pictures.
    """
    if len(pictures) <= MOST_PICTURES:
        return pictures
    wanted = {id(picture) for picture in (*(nearest(pictures, day) for day in days), pictures[-1])}
    others = [picture for picture in pictures if id(picture) not in wanted]
    if len(others) > MOST_PICTURES:
        wanted |= {id(picture) for picture in others[::2]}
        return [picture for picture in pictures if id(picture) in wanted]
    return pictures


def nearest(pictures: Sequence[Picture], day: int) -> Picture:
    """The picture taken nearest to a day, the later of two."""
    return min(reversed(pictures), key=lambda picture: abs(picture.day - day))
