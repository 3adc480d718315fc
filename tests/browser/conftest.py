"""A real browser, and reports that it opens."""

import csv
import shutil
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

from snaketune.comparing.findings import read_comparison
from snaketune.records.summary import read_summary
from snaketune.reporting import page as report
from tests.browser.looking import emulate, reload
from tests.project import ROOT

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Chromium without a window; one for each test process."""
    if not (CHROMIUM and DRIVER):
        pytest.skip("needs the Debian packages chromium and chromium-driver")
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
    """The report of the quick study, in a light scheme and with nothing remembered."""
    emulate(browser, scheme="light")
    browser.get((finished_once.results() / "report.html").as_uri())
    browser.execute_script("localStorage.clear()")
    reload(browser)
    return browser


@pytest.fixture
def write(finished_once, tmp_path):
    """A function that writes the quick study's report anew from other rows and findings."""
    results = finished_once.results()

    def write(rows: list[dict], figures=(), **found) -> Path:
        with open(tmp_path / "trials.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        html = report.page(
            read_summary(results / "study.json"),
            (results / "study.yaml").read_text(),
            read_comparison(results / "comparison.json") | found,
            tmp_path / "trials.csv",
            figures,
            best={},
            reproduction=[],
            captions=ROOT / "workflow/report",
        )
        (tmp_path / "report.html").write_text(html)
        return tmp_path / "report.html"

    return write


@pytest.fixture
def many(browser, finished_once, write):
    """A report of 120 trials, of which every tenth has failed; returns their rows."""
    kinds = finished_once.rows(without=())
    rows = [{**kinds[i % 10], "index": str(i)} for i in range(120)]
    for row in rows[3::10]:
        row |= {"status": "failed", "val_score": "", "error": 'ValueError: "a", <b>\nand c'}
    browser.get(write(rows).as_uri())
    return rows


@pytest.fixture
def downloads(browser, tmp_path):
    """A function that clicks and returns the name and the text of the file that comes of it."""
    folder = tmp_path / "downloads"
    behaviour = {"behavior": "allow", "downloadPath": str(folder)}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)

    def download(element) -> tuple[str, str]:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

        def arrived(_):
            done = [p for p in folder.iterdir() if p.suffix in (".svg", ".csv")]
            return done and done[0]

        path = WebDriverWait(browser, 10).until(arrived)
        return path.name, path.read_bytes().decode()

    return download
