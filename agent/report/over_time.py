"""Charts over the life: what is seen of the season at hand, what is known of the whole year, how the stream goes."""

from collections.abc import Mapping

import numpy as np

from agent.monitor.log import Log
from agent.monitor.metrics import mean_iou
from agent.monitor.summary import CEILING, reference_scores, scores
from agent.report.blocks import by_blocks
from agent.report.chart import Chart
from agent.report.palette import MUTED, REFERENCE_MARK, Mark
from agent.report.year import labelled, line, reference_line, with_events, year_chart
from scenarios.seasons import South

BLIND_MARK = Mark(MUTED, "dot", "line-ew-open", "·", "bright_black")


def season_at_hand(log: Log, bank: str, marks: Mapping[str, Mark], *, south: South) -> Chart:
    """What every learner sees of the season it is in, the converged reference of that season, changes and alarms."""
    chart = year_chart(log, "mIoU on the season at hand [%]", south=south)
    for learner, mark in marks.items():
        days, matrix = scores(log, learner, bank)
        line(chart, log, days, matrix[np.arange(len(days)), log.life.phase_of_day[days]], learner, mark)
    ceiling = reference_scores(log, CEILING, bank)
    if ceiling is not None:
        days = np.arange(log.life.commissioning_days, log.life.days)
        reference_line(chart, log, days, ceiling[log.life.phase_of_day[days]])
    return with_events(labelled(chart), log)


def whole_year(log: Log, bank: str, marks: Mapping[str, Mark], *, south: South) -> Chart:
    """What every learner knows of the whole year: the mean over all phases, at every tick."""
    chart = year_chart(log, "mIoU, mean over all seasons [%]", south=south)
    for learner, mark in marks.items():
        days, matrix = scores(log, learner, bank)
        if len(days):
            line(chart, log, days, np.nanmean(matrix, axis=1), learner, mark)
    ceiling = reference_scores(log, CEILING, bank)
    if ceiling is not None:
        ends = np.array([log.life.commissioning_days, log.life.days - 1])
        reference_line(chart, log, ends, np.full(2, np.nanmean(ceiling)))
    return labelled(chart)


def stream(log: Log, marks: Mapping[str, Mark], *, south: South) -> Chart:
    """Predict first, then learn: the stream pooled over ten days, beside two that need no perception.

    One repeats the last true mask, the other names each pixel by how common the classes are.
    """
    chart = year_chart(log, "mIoU on the stream [%]", south=south)
    for learner, mark in marks.items():
        line(chart, log, *by_blocks(log, learner, "confusion", mean_iou), learner, mark, symbols=False)
    told = [learner for learner in marks if log.stream.get(learner)]
    if told:
        line(
            chart, log, *by_blocks(log, told[0], "copy_confusion", mean_iou), "copy last", REFERENCE_MARK, symbols=False
        )
        blind = by_blocks(log, told[0], "prior_confusion", mean_iou)
        line(chart, log, *blind, "blind guess", BLIND_MARK, symbols=False)
    return labelled(chart)
