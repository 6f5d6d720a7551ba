"""The pager: every item on exactly one page, the address, and changes of the list."""

import pytest
from streamlit.testing.v1 import AppTest


def pages(count: int, of: object = "a", size: int = 10, page: str | None = None) -> AppTest:
    def script() -> None:
        import streamlit as st

        from pages.shared.pager import pager

        count, size, of = (st.session_state[name] for name in ("count", "size", "of"))
        st.write(list(range(count)[pager(count, size, key="some-page", of=of)]))

    app = AppTest.from_function(script, default_timeout=60)
    if page is not None:
        app.query_params["some-page"] = page
    return change(app, count=count, size=size, of=of)


def shown(app: AppTest) -> list[int]:
    assert not app.exception, app.exception
    numbers: list[int] = [int(text) for text in app.json[0].value.strip("[]").split(",") if text]
    return numbers


def change(app: AppTest, **values: object) -> AppTest:
    for name, value in values.items():
        app.session_state[name] = value
    return app.run()


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 100, 101])
def test_everything_is_on_one_page_and_only_one(count: int) -> None:
    app = pages(count)
    seen = shown(app)
    assert bool(app.number_input) == (count > 10)
    for page in range(2, -(-count // 10) + 1):
        seen += shown(app.number_input[0].set_value(page).run())
    assert seen == list(range(count))


@pytest.mark.parametrize(
    ("page", "first"), [("3", 20), ("5", 40), ("6", 0), ("-1", 0), ("x", 0), ("", 0), ("1.5", 0)]
)
def test_the_address_names_a_page(page: str, first: int) -> None:
    app = pages(50, page=page)
    assert shown(app) == list(range(first, first + 10))
    assert app.number_input[0].value == first // 10 + 1


def test_something_else_begins_with_its_first_page() -> None:
    app = pages(50, page="3")
    assert shown(change(app, of="b"))[0] == 0
    assert app.number_input[0].value == 1
    app.number_input[0].set_value(4).run()
    assert shown(app.run())[0] == 30
    assert shown(change(app, of=("b", 2), count=5)) == list(range(5))
    assert shown(change(app, of="b", count=50))[0] == 0


def test_there_is_no_page_beyond_the_last() -> None:
    app = pages(95, page="10")
    assert shown(app) == list(range(90, 95))
    assert shown(change(app, count=41)) == [40]
    assert app.number_input[0].value == 5
    assert shown(change(app, count=3)) == [0, 1, 2]
    assert shown(change(app, count=0)) == []
    assert shown(change(app, count=41, size=40))[0] == 0
