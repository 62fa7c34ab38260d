"""What scripts add to forms and notes, on a page that saves something."""

import pytest

pytestmark = pytest.mark.browser
PAGE = "/me/"
NAME = "#id_display_name"


def test_the_save_bar_appears_with_the_first_change_and_goes_with_it(open_page, merchant):
    page = open_page(PAGE, as_=merchant)
    assert not page.is_visible("[data-save-bar]")

    page.fill(NAME, "Li Wen")
    page.wait_for_selector("[data-save-bar]", state="visible")
    page.click("[data-save-bar] [type=reset]")

    page.wait_for_selector("[data-save-bar]", state="hidden")


def test_leaving_with_unsaved_changes_asks_first(open_page, merchant):
    page = open_page(PAGE, as_=merchant)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    page.fill(NAME, "Li Wen")
    page.click("a[href='/m/team/']")
    page.wait_for_url("**/m/team/")

    assert asked == ["beforeunload"]


def test_ctrl_s_saves_what_was_changed(open_page, merchant):
    page = open_page(PAGE, as_=merchant)

    page.fill(NAME, "Li Wen")
    with page.expect_navigation():
        page.keyboard.press("Control+s")

    assert page.input_value(NAME) == "Li Wen"


def test_letters_that_are_typed_are_not_taken_for_keys(open_page, merchant):
    page = open_page(PAGE, as_=merchant)
    page.fill(NAME, "")

    page.press(NAME, "?")
    page.locator(NAME).press_sequentially("gojx")

    assert page.input_value(NAME) == "?gojx"
    assert page.url.endswith(PAGE)


def test_a_note_can_be_taken_back_and_dismissed(open_page, merchant):
    page = open_page(PAGE, as_=merchant)

    page.evaluate("document.dispatchEvent(new CustomEvent('toast', {detail: {text: 'Done', undo: '/m/undo/'}}))")

    assert page.get_attribute("#toasts form", "action") == "/m/undo/"
    page.click("#toasts [data-dismiss]")
    assert page.locator("#toasts toast-note").count() == 0
