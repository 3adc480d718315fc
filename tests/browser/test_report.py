"""The report in a real browser."""

import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="needs the Debian packages chromium and chromium-driver"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
        "--window-size=1100,1600",
    ):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, finished_once):
    browser.get((finished_once.results() / "report.html").as_uri())
    return browser


def test_it_opens_without_errors_and_shows_every_figure(page):
    assert page.get_log("browser") == []
    assert page.title == "quick: grid against random"
    images = page.find_elements(By.CSS_SELECTOR, "figure img")
    assert len(images) == 6
    for image in images:
        assert page.execute_script("return arguments[0].naturalWidth", image) > 100
        assert len(image.get_attribute("alt")) > 30


def test_the_answer_comes_first(page):
    answer = page.find_element(By.CSS_SELECTOR, "h1 + p").text
    assert "One run of each search cannot tell" in answer
    assert "val_score" in answer


def column(page, name):
    """The texts of one column of the table of trials, and its header's button."""
    table = page.find_element(By.ID, "trials")
    buttons = table.find_elements(By.CSS_SELECTOR, "th button")
    at = [button.text.rstrip(" ▲▼") for button in buttons].index(name)
    cells = page.execute_script(
        "return [...document.querySelectorAll('#trials tbody tr')]"
        ".map(row => row.cells[arguments[0]].dataset.value)",
        at,
    )
    return cells, buttons[at]


@pytest.mark.parametrize("name", ["val_score", "lr"])
def test_numbers_sort_as_numbers_up_and_down(page, name):
    cells, button = column(page, name)
    assert len(cells) == 10
    button.click()
    assert [float(c) for c in column(page, name)[0]] == sorted(map(float, cells))
    header = button.find_element(By.XPATH, "..")
    assert header.get_attribute("aria-sort") == "ascending"
    button.click()
    assert [float(c) for c in column(page, name)[0]] == sorted(map(float, cells), reverse=True)
    assert header.get_attribute("aria-sort") == "descending"


def test_text_sorts_as_text(page):
    _, button = column(page, "search")
    button.click()
    button.click()
    assert column(page, "search")[0] == ["random"] * 4 + ["grid"] * 6


def test_nothing_sticks_out_at_the_width_of_a_phone(page):
    page.set_window_size(500, 900)  # Chromium's narrowest window
    wide = page.execute_script("return document.documentElement.scrollWidth")
    shown = page.execute_script("return document.documentElement.clientWidth")
    page.set_window_size(1100, 1600)
    assert wide <= shown
