"""The figures: their files, and the trial under the pointer."""

import re
import xml.etree.ElementTree as ET

import pytest
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait


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
        for row in finished_once.rows(without=())
    )
    # The browser's own tooltip would be a second one; a reader of the file still finds the text.
    assert page.execute_script("return arguments[0].textContent", point) == ""
    page.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
    assert not tooltip.is_displayed()
    assert page.execute_script("return arguments[0].textContent", point) == title
