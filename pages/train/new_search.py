"""A new search: a model, data, search space and number of trials; checked while it is edited."""

import re
import shlex

import streamlit as st

from core.datasets.catalogue import BUNDLED, find_entries
from core.errors import InklingError
from core.models.registry import ARCHITECTURES, architecture
from core.settings import Settings
from core.training.search.grids import GRIDS, Grid, grid_of
from core.training.search.search import Search
from core.training.search.space import Plan
from pages.shared.data import pick_data
from pages.shared.missing import Missing, opened, say_missing
from pages.shared.text import plain

_SPACE = "optimizer=adam,sgd\nlearning_rate=1e-3..3e-1:log\nbatch_size=32..256:log"
_FIXED = "epochs=5\nredrawn=0"
_SPACE_HELP = (
    "One setting a line: `optimizer=adam,sgd` tries each of these, `dropout=0.2..0.5` anything "
    "between, and `learning_rate=1e-4..1e-1:log` the same, evenly in the logarithm. Settings are "
    "those of a recipe, its augmentation and the model."
)


def new_search(settings: Settings) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Grids of the sources:", width="content")
        for grid in GRIDS.values():
            if grid.model in ARCHITECTURES:
                st.button(
                    grid.title,
                    icon=":material/grid_on:",
                    on_click=_take,
                    args=(grid,),
                    help=", ".join(grid.space),
                )
    left, right = st.columns(2)
    with left:
        names, entries = list(ARCHITECTURES), find_entries(settings)
        model = st.selectbox(
            "Model", names, names.index("lenet5"), key="search-model", bind="query-params"
        )
        st.caption(architecture(model).title)
        data = pick_data(entries, settings, usual=BUNDLED, key="search-data").name
        fitted = architecture(model).fit is not None
        with st.container(horizontal=True):
            if fitted:
                folds = int(
                    st.number_input(
                        "Folds",
                        2,
                        20,
                        3,
                        key="folds",
                        bind="query-params",
                        help="Of cross-validation.",
                        width=130,
                    )
                )
                trials = 0
            else:
                folds = 3
                trials = int(
                    st.number_input(
                        "Trials",
                        0,
                        10_000,
                        20,
                        key="trials",
                        bind="query-params",
                        width=130,
                        help="0 tries every cell of the grid once, where everything is a choice. "
                        "Otherwise Optuna draws them, each time "
                        "nearer to what did well, and gives up early what falls behind the median.",
                    )
                )
            seed = int(
                st.number_input(
                    "Seed",
                    0,
                    2**31 - 1,
                    0,
                    key="search-seed",
                    bind="query-params",
                    width=130,
                    help="The same seed, the same trials.",
                )
            )
    with right:
        space = st.text_area(
            "Settings to search",
            _SPACE,
            height=150,
            key="space",
            bind="query-params",
            help=_SPACE_HELP,
        )
        fixed = st.text_area(
            "Fixed settings",
            _FIXED,
            height=150,
            key="fixed",
            bind="query-params",
            help="Settings of every trial, KEY=VALUE.",
        )
    try:
        plan = Plan.of(
            model,
            data,
            _words(space),
            assignments=_words(fixed),
            trials=trials or None,
            seed=seed,
            folds=folds,
        )
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")
        return
    entry = entries[data]
    images = opened(entry, lambda: entry.open(settings, entry.splits[0]))
    missing = isinstance(images, Missing)
    if isinstance(images, Missing):
        say_missing(entry, settings, images.problem)
    kind = (
        "of the grid, each once"
        if plan.grid
        else "drawn by Optuna's TPE; what falls behind the median is given up early"
    )
    measured = "the mean over the folds" if plan.fitted else "images held out"
    st.caption(
        f"**{plain(plan.describe())}**, {kind}. Accuracy on {measured} decides; no test set is "
        f"looked at."
    )
    st.button(
        "Start the search",
        icon=":material/play_arrow:",
        type="primary",
        disabled=missing,
        on_click=_start,
        args=(plan, settings),
    )
    if failed := st.session_state.pop("search-problem", ""):
        st.error(plain(failed), icon=":material/error:")
    source = grid_of(plan)
    if source:
        _claims(source, plan)
    st.code(shlex.join(["python", "-m", "core", *plan.command()]), language="bash", wrap_lines=True)


def _words(text: str | None) -> list[str]:
    return re.sub(r"\s*,\s*", ",", text or "").split()


def _take(grid: Grid) -> None:
    own = {
        "search-model": grid.model,
        "search-data": grid.data,
        "space": "\n".join(grid.space),
        "fixed": "\n".join(grid.assignments),
    }
    st.session_state.update({**own, "trials": 0, "folds": grid.folds})


def _start(plan: Plan, settings: Settings) -> None:
    try:
        search = Search.create(
            settings.runs,
            model=plan.model,
            data=plan.data,
            space=plan.space,
            assignments=plan.assignments,
            trials=plan.trials or None,
            seed=plan.seed,
            folds=plan.folds,
        )
        search.resume()
        st.query_params["search"] = search.name
    except InklingError as error:
        st.session_state["search-problem"] = str(error)
    except OSError as error:
        st.session_state["search-problem"] = (
            f"{settings.runs} cannot be written ({error.strerror or error}); make room, or choose "
            "INKLING_RUNS."
        )


def _claims(grid: Grid, plan: Plan) -> None:
    if not plan.grid:
        return
    rows = [{**cell, "source": grid.claim(cell)} for cell in plan.cells()]
    known = [row for row in rows if row["source"] is not None]
    if not known:
        return
    with st.expander(
        f"What the source got in {len(known)} of these {len(rows)} cells",
        icon=":material/history_edu:",
    ):
        st.dataframe(
            sorted(known, key=lambda row: -float(row["source"] or 0)),
            hide_index=True,
            alt="Accuracies of the source",
            column_config={"source": st.column_config.NumberColumn("accuracy", format="percent")},
        )
        st.caption(f"Its accuracies are on {grid.claimed_on}.")
