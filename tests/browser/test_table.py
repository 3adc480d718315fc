"""The table of trials: sorting, filtering, paging, downloading."""

import csv
import io
import re

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.looking import column, header, type_filter


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


def test_numbers_of_all_sizes_look_alike_with_and_without_javascript(browser, write, finished_once):
    values = ["1e-07", "0.00012345", "0.000999996", "1234.5678", "9999.96", "12345.678", "-2.50001"]
    rows = [
        {**finished_once.rows(without=())[0], "val_score": value} for value in [*values, "7.0", ""]
    ]
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
