"""Colours, paper, phones and keyboards."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.looking import colour, contrast, emulate, luminance, reload, texts

INK = "#designs + figure svg [style*='--ink']"


def test_page_and_figures_follow_the_systems_scheme(page):
    light = colour(page, "body", "backgroundColor"), colour(page, INK, "stroke")
    assert luminance(light[0]) > 0.9 > 0.1 > luminance(light[1])
    emulate(page, scheme="dark")
    dark = colour(page, "body", "backgroundColor"), colour(page, INK, "stroke")
    assert luminance(dark[0]) < 0.1 < 0.6 < luminance(dark[1])
    assert page.find_element(By.ID, "scheme").get_attribute("aria-pressed") == "true"


def test_the_scheme_can_be_chosen_by_keyboard_and_is_remembered(page):
    button = page.find_element(By.ID, "scheme")
    assert button.get_attribute("aria-pressed") == "false"
    button.send_keys(Keys.SPACE)
    assert button.get_attribute("aria-pressed") == "true"
    assert luminance(colour(page, "body", "backgroundColor")) < 0.1
    reload(page)
    assert luminance(colour(page, "body", "backgroundColor")) < 0.1
    page.find_element(By.ID, "scheme").send_keys(Keys.SPACE)
    assert luminance(colour(page, "body", "backgroundColor")) > 0.9


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(page, scheme):
    emulate(page, scheme=scheme)
    paper = colour(page, "body", "backgroundColor")
    for element in (
        "h1",
        "p",
        "nav a",
        "figcaption",
        ".files",
        ".files a",
        ".hint",
        "td",
        "output",
    ):
        assert contrast(colour(page, element, "color"), paper) >= 4.5, element
    for element in ("pre", "#filter", "#next"):
        ground = colour(page, element, "backgroundColor")
        assert contrast(colour(page, element, "color"), ground) >= 4.5, element
    assert contrast(colour(page, "#filter", "borderColor"), paper) >= 3


def test_on_paper_it_is_light_and_without_buttons(page):
    emulate(page, media="print", scheme="dark")
    assert luminance(colour(page, "body", "backgroundColor")) == 1
    for element in page.find_elements(
        By.CSS_SELECTOR, "header, nav, main :not(th) > button, input"
    ):
        assert not element.is_displayed()
    assert texts(page, "th button")[:2] == ["search", "sampler"]
    assert page.print_page().startswith("JVBER")  # %PDF


def test_at_the_width_of_a_phone_wide_things_scroll_in_themselves(page):
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    reload(page)
    boxes = page.find_elements(By.CSS_SELECTOR, "figure .scroll")
    wide, shown = page.execute_script(
        "const { scrollWidth, clientWidth } = document.documentElement;"
        "return [scrollWidth, clientWidth]"
    )
    scrolling = [int(box.get_property("scrollWidth")) for box in boxes]
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= shown == 390
    assert min(scrolling) > 500


def test_the_tab_key_reaches_all_that_can_be_used(page):
    usable = page.execute_script(
        "return [...document.querySelectorAll('a[href], button, input, [tabindex=\"0\"]')]"
    )
    reached = []
    for _ in usable:
        ActionChains(page).send_keys(Keys.TAB).perform()
        reached.append(page.switch_to.active_element)
    assert reached == usable
    assert all(box.accessible_name for box in usable)
