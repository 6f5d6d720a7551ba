"""Errors of `digits` before and after the mining of hard examples: `python -m
tests.benchmarks.hardening`, about 20 minutes.

Mines natural digits, trains for a few more epochs, and sweeps both glyph sets before and after with
seeds that were not mined. A control is trained for as long by the same recipe, which draws
synthetic digits too, but without what was mined. Writes assets/results/hardening.csv; the
recognizers are `digits-hard` and `digits-control`.
"""

from dataclasses import replace

from core import __version__
from core.evaluation.publish import hardware, publish
from core.evaluation.robustness.harden import Hardening, fine_tuning, harden
from core.evaluation.robustness.results import Row
from core.evaluation.robustness.sweep import sweep
from core.evaluation.scores import Summary, evaluate
from core.models.recognizer import load_recognizer
from core.settings import Settings
from core.synthesis.glyph_file import SETS
from core.synthesis.request import Request
from core.training.execute import start_run
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.hardening"
PER_DIGIT, CONTROL = 500, "digits-control"
SEED = 1  # of the sweeps; with 0 the plan was chosen
# Jitter up to 4.5, for errors are counted at 3 and 4; the sweep of `harden` itself is short, that
# below counts.
PLAN = Hardening(
    save_as="digits-hard", model="digits", data="mnist", count=400_000, jitter=4.5, per_digit=1
)


def train_control(settings: Settings) -> None:
    """The same epochs without the mined images."""
    card = load_recognizer(PLAN.model, settings).card
    recipe = replace(fine_tuning(card), start=PLAN.model)
    run = start_run(model=card.architecture, data=PLAN.data, recipe=recipe, settings=settings)
    publish(run, name=CONTROL, title=CONTROL, folder=settings.models)


def measure(name: str, mined: str, settings: Settings) -> list[list[object]]:
    """Rows of the table for one recognizer."""
    recognizer = load_recognizer(name, settings)
    summaries: list[tuple[str, float | str, Summary | Row]] = [
        ("MNIST test set", "", evaluate(recognizer, f"{PLAN.data}:test", settings))
    ]
    for glyphs in SETS:
        swept = sweep(recognizer, Request(glyphs, seed=SEED), count=PER_DIGIT)
        summaries += [(f"{glyphs} digits", total.value, total) for total in swept.rates.totals]
    return [
        [
            name,
            __version__,
            mined,
            data,
            jitter,
            figure.n,
            *(round(rate, 5) for rate in (figure.accuracy, *figure.interval)),
            hardware(),
            COMMAND,
        ]
        for data, jitter, figure in summaries
    ]


def main() -> None:
    settings = Settings.from_environment()
    mined = harden(PLAN, settings).mined.note
    train_control(settings)
    sentence = f"{mined['misread']} misread of {mined['looked_at']}, {mined['count']} kept"
    rows = [
        row
        for name, text in ((PLAN.model, ""), (CONTROL, ""), (PLAN.save_as, sentence))
        for row in measure(name, text, settings)
    ]
    write_results(
        "hardening.csv",
        "model,version,mined,data,jitter,n,accuracy,low_95,high_95,hardware,command",
        rows,
    )


if __name__ == "__main__":
    main()
