"""New run: data, model, recipe; the cost; and the button that starts it."""

import shlex

import streamlit as st

from core.errors import InklingError
from core.models.registry import Architecture
from core.settings import Settings
from core.training import queue
from core.training.recipe import OLD_NAMES, Recipe, assignments, own_recipe
from core.training.runs import Run, find_runs
from pages.shared.address import correct_address, renamed
from pages.shared.missing import say_missing
from pages.shared.text import plain
from pages.train.cost import Cost, measure_again, show_cost, show_layers, show_preview
from pages.train.data import Material, pick_material
from pages.train.last_settings import recall, remember
from pages.train.recipe import pick_model, pick_recipe
from pages.train.torch_loading import wait_for_torch


def new_run_view(settings: Settings) -> None:
    correct_address(renamed(OLD_NAMES))
    recall()
    left, right = st.columns([1, 1.2], gap="large")
    recipe = None
    with left:
        try:
            material = pick_material(settings)
            chosen = pick_model()
            recipe = pick_recipe(
                chosen,
                material.dataset.classes if material.dataset else None,
                material.pool,
                settings,
            )
        except InklingError as error:
            right.error(plain(error), icon=":material/error:")
    remember()
    if recipe is None:
        return
    with right:
        if material.missing:
            say_missing(material.missing.entry, settings, material.missing.problem)
            return
        _before(material, chosen, recipe, settings)


def _before(material: Material, chosen: Architecture, recipe: Recipe, settings: Settings) -> None:
    """All at once but for what needs torch and a measurement."""
    if chosen.fit is None:
        cost = Cost.announced()
    else:
        st.caption(
            f"{chosen.title} is fitted in one go; how long that takes is not estimated, for it "
            "does not grow evenly with the images."
        )
    _train_button(material, chosen, recipe, settings)
    closer = st.container()
    texts = assignments(recipe, own_recipe(chosen.name), chosen.hyperparameters)
    command = [
        "python",
        "-m",
        "core",
        "train",
        chosen.name,
        "--data",
        material.name,
        *(["--set", *texts] if texts else []),
    ]
    st.caption("The same from the command line:")
    st.code(shlex.join(command), language="bash", wrap_lines=True)
    if chosen.fit is None:
        with closer:
            wait_for_torch()
            show_preview(material, recipe)
            show_layers(chosen, recipe, material)
        show_cost(cost, material, chosen, recipe, settings)


def _train_button(
    material: Material, chosen: Architecture, recipe: Recipe, settings: Settings
) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Train",
            icon=":material/play_arrow:",
            type="primary",
            on_click=_start,
            args=(material.name, chosen.name, recipe, settings),
        )
        if chosen.fit is None:
            st.button(
                "Measure again", icon=":material/timer:", type="tertiary", on_click=measure_again
            )
    busy = sum(run.state() in ("running", "queued") for run in find_runs(settings.runs))
    if busy >= settings.at_once:
        st.caption(
            f"It will wait its turn: {busy} {'run is' if busy == 1 else 'runs are'} before it."
        )
    else:
        st.caption("It trains in a process of its own, and goes on when this page is closed.")
    if problem := st.session_state.pop("train-problem", ""):
        st.error(plain(problem), icon=":material/error:")


def _start(data: str, model: str, recipe: Recipe, settings: Settings) -> None:
    """Before the page reruns, so that it shows the run among the others."""
    try:
        run = Run.create(settings.runs, model=model, data=data, recipe=recipe)
        queue.submit(run, settings)
    except (InklingError, OSError) as error:
        st.session_state["train-problem"] = (
            f"The run could not be started ({error}); make room in {settings.runs} and try again."
        )
        return
    st.session_state["show"] = "Runs"
    st.query_params["run"] = [run.name]
