"""What the page says and shows."""

import json
import re
import shutil

from selenium.webdriver.common.by import By

from snaketune.reporting import page as report
from tests.browser.looking import column, reload, texts

FIGURES = [
    "efficiency",
    "experiments",
    "best_so_far",
    "designs",
    "hyperparameters",
    "heatmap-grid",
    "learning_curves",
]


def test_it_opens_without_errors_and_shows_every_figure(page):
    assert page.get_log("browser") == []
    assert page.title == "quick: grid against random"
    figures = page.find_elements(By.CSS_SELECTOR, "figure svg")
    assert len(figures) == len(FIGURES)
    for figure in figures:
        assert len(figure.get_attribute("aria-label")) > 30
        assert figure.get_attribute("role") == "img"
        assert figure.size["width"] > 300
        assert figure.size["height"] > 100
    for caption in texts(page, "figcaption"):
        assert len(caption) > 80
        assert "**" not in caption and "``" not in caption  # marks of reStructuredText


def test_the_answer_comes_first_then_searches_figures_trials(page):
    answer = page.find_element(By.CSS_SELECTOR, "h1 + p").text
    assert "One run of each search cannot tell" in answer
    assert "val_score" in answer
    assert texts(page, "h2") == [
        "The searches",
        "What a smaller budget would have found",
        "Experiments of few random trials",
        "How fast each search improves",
        "Where each search looked",
        "Which hyperparameter matters",
        "The score against each hyperparameter",
        "The grid as a map (grid)",
        "How the trials learned",
        "All trials",
        "The study file",
        "How to reproduce it",
    ]
    assert texts(page, "nav li") == texts(page, "h2")


def test_every_entry_of_the_contents_leads_to_its_heading(page):
    for link in page.find_elements(By.CSS_SELECTOR, "nav a"):
        target = link.get_attribute("hash")
        assert page.find_element(By.CSS_SELECTOR, target).text == link.text


def test_it_says_what_the_numbers_mean(page):
    text = page.find_element(By.TAG_NAME, "main").text
    assert "an even chance or better to reach the test score of grid's choice" in text
    assert "Too few complete random trials to tell: importance needs at least 20" in text
    assert "Random search draws every trial anew" in text
    coverage = page.find_element(By.CSS_SELECTOR, "table[aria-labelledby=coverage]").text
    assert "values of lr" in coverage
    assert re.search(r"^grid 6 3 2 0\.\d+$", coverage, re.MULTILINE)


def test_it_says_which_hyperparameter_matters(browser, write, finished_once, tmp_path):
    for suffix in (".svg", ".csv"):  # any figure will do
        shutil.copy(finished_once.results() / f"figures/designs{suffix}", tmp_path / "importance")
        (tmp_path / "importance").rename(tmp_path / f"importance{suffix}")
    found = {
        "search": "random",
        "trials": 40,
        "explained": 0.9,
        "fanova": {"lr": [0.9, 0.8], "hidden": [0.1, 0.2]},
        "effective_dimension": [1, 2],
    }
    path = write(
        finished_once.rows(without=()), figures=[tmp_path / "importance.svg"], importance=found
    )
    browser.get(path.as_uri())
    text = browser.find_element(By.CSS_SELECTOR, "#importance + figure figcaption").text
    assert "lr 85 %" in text
    assert "Too few" not in browser.find_element(By.TAG_NAME, "main").text


def test_it_says_whether_the_best_is_ahead_by_more_than_noise(browser, write, finished_once):
    path = finished_once.results() / "comparison.json"
    searches = json.loads(path.read_text())["searches"]
    searches["grid"]["runner_up"] = {
        "config": {"lr": 0.01, "hidden": 32},
        "validation": 0.97,
        "difference": 0.01,
        "interval": [-0.02, 0.04],
        "pairs": 3,
    }
    browser.get(write(finished_once.rows(without=()), searches=searches).as_uri())
    text = browser.find_element(By.TAG_NAME, "main").text
    assert "The best configuration of grid is ahead of the second (lr = 0.01, hidden = 32)" in text
    assert "The best configuration of random is ahead" not in text


def test_no_two_elements_share_an_id_and_references_lead_somewhere(page):
    ids, references = page.execute_script(
        """const all = [...document.querySelectorAll("[id]")].map((element) => element.id);
        const text = document.querySelector("main").innerHTML;
        const found = text.matchAll(/url\\(#(.+?)\\)|xlink:href="#(.+?)"/g);
        return [all, [...found].map((match) => match[1] ?? match[2])];"""
    )
    assert len(ids) == len(set(ids))
    assert len(references) > 100
    assert set(references) <= set(ids)


def test_it_loads_nothing_from_elsewhere(page, finished_once):
    assert page.execute_script("return performance.getEntriesByType('resource').length") == 0
    source = (finished_once.results() / "report.html").read_text()
    assert not re.findall(r"https?://", source.replace("http://www.w3.org/", ""))
    assert not re.findall(
        r"<(?:img|link|iframe)\b(?! rel=\"icon\")|<script[^>]*\bsrc|@import", source
    )


def test_what_is_too_large_for_the_page_is_linked(browser, write, finished_once, monkeypatch):
    monkeypatch.setattr(report, "MAX_ROWS", 8)
    monkeypatch.setattr(report, "MAX_CSV", 100)
    designs = finished_once.results() / "figures/designs.svg"
    browser.get(write(finished_once.rows(without=()), figures=[designs]).as_uri())
    assert "The first 8 of 10 rows" in browser.find_element(By.TAG_NAME, "main").text
    assert len(column(browser, "index")) == 8
    links = [a.get_dom_attribute("href") for a in browser.find_elements(By.CSS_SELECTOR, "p a")]
    assert "trials.csv" in links
    assert "figures/designs.csv" in links
    assert "too large" in browser.find_element(By.CSS_SELECTOR, ".files").text


def test_without_javascript_the_figures_and_the_first_rows_are_there(browser, finished_once, page):
    with_script = [column(page, name) for name in ("index", "lr", "val_score", "train_seconds")]
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        reload(browser)
        svgs = browser.find_elements(By.CSS_SELECTOR, "figure svg")
        hidden = browser.find_element(By.ID, "filter").is_displayed()
        hint = texts(browser, "noscript")
        without = [column(page, name) for name in ("index", "lr", "val_score", "train_seconds")]
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert len(svgs) == len(FIGURES)
    assert not hidden
    assert any("Without JavaScript" in text for text in hint)
    assert without == with_script
