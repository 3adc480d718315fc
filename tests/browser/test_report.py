"""The report in a real browser."""

import csv
import io
import json
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from snaketune.planning.studyfile import load_study
from snaketune.reporting import page as report
from tests.conftest import ROOT

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="needs the Debian packages chromium and chromium-driver"
)

FIGURES = [
    "efficiency",
    "experiments",
    "best_so_far",
    "designs",
    "hyperparameters",
    "heatmap-grid",
    "learning_curves",
]


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
    """The report of the quick study, in a light scheme and with nothing remembered."""
    emulate(browser, scheme="light")
    browser.get((finished_once.results() / "report.html").as_uri())
    browser.execute_script("localStorage.clear()")
    reload(browser)
    return browser


def reload(browser):
    """Load the page again; after `refresh`, chromedriver may go on before it is all there."""
    address = browser.current_url
    browser.get("about:blank")
    browser.get(address)


@pytest.fixture
def write(finished_once, tmp_path, monkeypatch):
    """A function that writes the quick study's report anew from other rows and findings."""
    results = finished_once.results()
    monkeypatch.chdir(finished_once.path)

    def write(rows: list[dict], figures=(), **found) -> Path:
        with open(tmp_path / "trials.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        html = report.page(
            load_study("config.yaml", {}),
            json.loads((results / "comparison.json").read_text()) | found,
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
    kinds = rows_of(finished_once)
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


def emulate(browser, media: str = "", scheme: str = ""):
    """Let the page be shown on this medium, by a system with this colour scheme."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})


def rows_of(project) -> list[dict]:
    """The rows of trials.csv."""
    with open(project.results() / "trials.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def texts(page, selector: str) -> list[str]:
    return [element.text for element in page.find_elements(By.CSS_SELECTOR, selector)]


def column(page, name: str) -> list[str]:
    """The texts of one column of the table of trials."""
    return page.execute_script(
        """const table = document.getElementById("trials");
        const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
        const at = names.indexOf(arguments[0]);
        return [...table.tBodies[0].rows].map((row) => row.cells[at].textContent);""",
        name,
    )


def header(page, name: str):
    """The button in the head of a column."""
    return page.find_element(
        By.XPATH, f"//table[@id='trials']//th/button[normalize-space()='{name}']"
    )


def type_filter(page, query: str):
    box = page.find_element(By.ID, "filter")
    box.clear()
    box.send_keys(query)


def colour(page, element: str, name: str) -> tuple[float, ...]:
    """A colour of the first element of a selector as red, green, blue from 0 to 1."""
    told = page.execute_script(
        "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]", element, name
    )
    return tuple(int(part) / 255 for part in re.findall(r"\d+", told)[:3])


def luminance(rgb) -> float:
    """Relative luminance, as WCAG defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


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
    assert all(len(caption) > 80 for caption in texts(page, "figcaption"))


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
    told = page.find_element(By.TAG_NAME, "main").text
    assert "of random can be expected to match grid" in told
    assert "Too few complete random trials to tell: for this it takes 20" in told
    assert "Random search draws every trial anew" in told
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
        "fanova": {"lr": [0.9, 0.8], "hidden": [0.1, 0.2]},
        "effective_dimension": [1, 2],
    }
    path = write(rows_of(finished_once), figures=[tmp_path / "importance.svg"], importance=found)
    browser.get(path.as_uri())
    told = browser.find_element(By.CSS_SELECTOR, "#importance + figure figcaption").text
    assert "lr 85 %" in told
    assert "Too few" not in browser.find_element(By.TAG_NAME, "main").text


def test_it_says_whether_the_best_is_ahead_by_more_than_noise(browser, write, finished_once):
    path = finished_once.results() / "comparison.json"
    searches = json.loads(path.read_text())["searches"]
    searches["grid"]["runner_up"] = {
        "config": {"lr": 0.01, "hidden": 32},
        "difference": 0.01,
        "interval": [-0.02, 0.04],
        "pairs": 3,
    }
    browser.get(write(rows_of(finished_once), searches=searches).as_uri())
    told = browser.find_element(By.TAG_NAME, "main").text
    assert "The best configuration of grid is ahead of the second (lr = 0.01, hidden = 32)" in told
    assert "The best configuration of random is ahead" not in told


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


@pytest.mark.parametrize("name", ["val_score", "lr"])
def test_numbers_sort_as_numbers_up_and_down(page, name):
    cells = [float(cell) for cell in column(page, name)]
    assert len(cells) == 10
    header(page, name).click()
    assert [float(cell) for cell in column(page, name)] == sorted(cells)
    cell = header(page, name).find_element(By.XPATH, "..")
    assert cell.get_attribute("aria-sort") == "ascending"
    header(page, name).click()
    assert [float(cell) for cell in column(page, name)] == sorted(cells, reverse=True)
    assert cell.get_attribute("aria-sort") == "descending"
    assert len(page.find_elements(By.CSS_SELECTOR, "[aria-sort]")) == 1


def test_text_sorts_as_text(page):
    header(page, "search").click()
    header(page, "search").click()
    assert column(page, "search") == ["random"] * 4 + ["grid"] * 6


def test_empty_cells_sort_to_the_end_both_ways(browser, many):
    type_filter(browser, "search=random")  # 48 trials, 12 of them failed
    for _ in range(2):
        header(browser, "val_score").click()
        cells = column(browser, "val_score")
        assert "" not in cells[:48]
    type_filter(browser, "lr=0.01")
    header(browser, "val_score").click()
    cells = column(browser, "val_score")
    assert cells[-12:] == [""] * 12
    assert "" not in cells[:-12]


@pytest.mark.parametrize(
    "query, holds",
    [
        ("random", lambda row: row["search"] == "random"),
        ("RANDOM Complete", lambda row: row["search"] == "random" and row["status"] == "complete"),
        ("val_score>0.95", lambda row: row["val_score"] and float(row["val_score"]) > 0.95),
        (
            "lr <= 0.01 search=grid",
            lambda row: row["search"] == "grid" and float(row["lr"]) <= 0.01,
        ),
        ("status!=complete", lambda row: row["status"] != "complete"),
        ("ValueError: <b>", lambda row: row["status"] == "failed"),
        ("hidden=", lambda row: True),
        ("nosuchcolumn>3", lambda row: False),
    ],
)
def test_the_filter_leaves_the_rows_that_are_meant(browser, many, query, holds):
    type_filter(browser, query)
    left = [row["index"] for row in many if holds(row)]
    assert column(browser, "index") == left[:50]
    count = browser.find_element(By.ID, "count")
    assert count.text == f"{len(left)} of 120 trials"
    assert count.aria_role == "status"  # a live region: a screen reader tells it


def test_a_number_may_be_copied_from_the_table_into_the_filter(page):
    type_filter(page, f"val_score={column(page, 'val_score')[6]}")
    assert column(page, "search") == ["random"]


def test_the_rows_come_in_pages(browser, many):
    names = [row["index"] for row in many]
    place = browser.find_element(By.ID, "place")
    onward, back = browser.find_element(By.ID, "next"), browser.find_element(By.ID, "previous")
    seen = [(column(browser, "index"), place.text)]
    for button in (back, onward, onward, onward):
        button.send_keys(Keys.ENTER)
        seen.append((column(browser, "index"), place.text))
    pages = [
        (names[:50], "rows 1 to 50"),
        (names[50:100], "rows 51 to 100"),
        (names[100:], "rows 101 to 120"),
    ]
    assert seen == [pages[0], pages[0], pages[1], pages[2], pages[2]]
    assert onward.get_attribute("aria-disabled") == "true"
    header(browser, "search").click()  # shows the first page again
    assert place.text == "rows 1 to 50"


def test_the_filtered_rows_can_be_downloaded(browser, many, downloads):
    type_filter(browser, "search=grid")
    name, text = downloads(browser.find_element(By.ID, "save"))
    assert name == "quick-trials.csv"
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    full = [key for key in many[0] if any(row[key] for row in many)]
    assert rows == [{key: row[key] for key in full} for row in many if row["search"] == "grid"]


@pytest.mark.parametrize("figure", ["designs", "learning_curves"])
def test_a_figure_can_be_downloaded_with_its_table(page, finished_once, downloads, figure):
    original = finished_once.results() / "figures" / f"{figure}.svg"
    page.find_element(By.ID, "scheme").click()  # a dark page, too, gives the file as it was
    name, text = downloads(page.find_element(By.CSS_SELECTOR, f"a[download='quick-{figure}.svg']"))
    assert name == f"quick-{figure}.svg"
    assert "var(" not in text
    assert drawn(text) == drawn(original.read_text())
    name, text = downloads(page.find_element(By.CSS_SELECTOR, f"a[download='quick-{figure}.csv']"))
    assert name == f"quick-{figure}.csv"
    assert text == original.with_suffix(".csv").read_text()


def drawn(svg: str) -> list[tuple]:
    """All that an SVG file draws and tells, without the names of its parts."""
    root = ET.fromstring(svg)
    for metadata in root.findall("{*}metadata"):
        root.remove(metadata)
    naming = ("id", "href", "clip-path")
    return [
        (
            element.tag,
            {k: v for k, v in element.attrib.items() if not k.endswith(naming)},
            (element.text or "").strip(),
        )
        for element in root.iter()
    ]


@pytest.mark.parametrize("kind", ["mouse", "touch"])
def test_a_point_tells_its_trial_under_the_pointer(page, finished_once, kind):
    point = page.find_element(By.CSS_SELECTOR, "#hyperparameters + figure use:has(title)")
    title = page.execute_script("return arguments[0].textContent", point)
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", point)
    tooltip = page.find_element(By.ID, "tooltip")
    assert not tooltip.is_displayed()
    pointer = ActionBuilder(page, mouse=PointerInput(kind, kind))
    pointer.pointer_action.move_to(point)
    if kind == "touch":
        pointer.pointer_action.pointer_down().pointer_up()
    pointer.perform()
    WebDriverWait(page, 5).until(lambda _: tooltip.is_displayed())
    assert tooltip.text == title
    search, lr, score = re.match(r"(\w+), lr (\S+), val_score (\S+),", title).groups()
    assert any(
        (row["search"], f"{float(row['lr']):.4g}", f"{float(row['val_score']):.4g}")
        == (search, lr, score)
        for row in rows_of(finished_once)
    )
    # The browser's own tooltip would be a second one; a reader of the file still finds the text.
    assert page.execute_script("return arguments[0].textContent", point) == ""
    page.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
    assert not tooltip.is_displayed()
    assert page.execute_script("return arguments[0].textContent", point) == title


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
    assert any("Without JavaScript" in told for told in hint)
    assert without == with_script


def test_numbers_of_all_sizes_look_alike_with_and_without_javascript(browser, write, finished_once):
    values = ["1e-07", "0.00012345", "0.000999996", "1234.5678", "9999.96", "12345.678", "-2.50001"]
    rows = [{**rows_of(finished_once)[0], "val_score": value} for value in [*values, "7.0", ""]]
    path = write(rows)
    table = path.read_text().partition('id="trials"')[2]
    plain = [
        re.findall(r"<td[^>]*>([^<]*)<", row) for row in re.findall(r"<tr>(<td.*)</tr>", table)
    ]
    browser.get(path.as_uri())
    assert column(browser, "val_score") == [f"{float(value):.4g}" for value in values] + ["7", ""]
    assert plain == browser.execute_script(
        "return [...document.querySelectorAll('#trials tbody tr')]"
        ".map(row => [...row.cells].map(cell => cell.textContent))"
    )


def test_what_is_too_large_for_the_page_is_linked(browser, write, finished_once, monkeypatch):
    monkeypatch.setattr(report, "MAX_ROWS", 8)
    monkeypatch.setattr(report, "MAX_CSV", 100)
    designs = finished_once.results() / "figures/designs.svg"
    browser.get(write(rows_of(finished_once), figures=[designs]).as_uri())
    assert "The first 8 of 10 rows" in browser.find_element(By.TAG_NAME, "main").text
    assert len(column(browser, "index")) == 8
    links = [a.get_dom_attribute("href") for a in browser.find_elements(By.CSS_SELECTOR, "p a")]
    assert "trials.csv" in links
    assert "figures/designs.csv" in links
    assert "too large" in browser.find_element(By.CSS_SELECTOR, ".files").text
