"""The command `expiry`."""

import json
from functools import partial

from rich.console import Console

from agent.arguments import parsed
from agent.expiry.best_before import FILE, Forecaster
from agent.expiry.options import ExpiryOptions
from agent.expiry.study import RESULT, study
from agent.expiry.tell import print_curve, print_study


def main(arguments: list[str]) -> int:
    """Carry out a study of shelf life, or say best before when of a run; the exit status."""
    options = parsed(
        ExpiryOptions,
        arguments,
        "expiry",
        "Days until competence stays below a share of its home value, as survival over gardens and "
        "climates, by learner or by drift axis; and best-before forecasts without labels, scored against the truth.",
    )
    console = Console()
    if options.of is not None:
        from agent.expiry.of_run import best_before

        for found in best_before(options.of, Forecaster.load(options.forecaster or FILE)):
            console.print(str(found), highlight=False, soft_wrap=True)
        return 0
    options.check()
    folder = study(options, partial(print_curve, terms=options.terms, console=console))
    answers = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    print_study(answers, folder, console)
    return 130 if answers["interrupted"] else 0
