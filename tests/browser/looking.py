"""Looking at a page in a browser, and using it."""

import re

from selenium.webdriver.common.by import By


def reload(browser):
    """Load the page again; after `refresh`, chromedriver may go on before it is all there."""
    address = browser.current_url
    browser.get("about:blank")
    browser.get(address)


def emulate(browser, media: str = "", scheme: str = ""):
    """Let the page be shown on this medium, by a system with this colour scheme."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})


def texts(page, selector: str) -> list[str]:
    """The text of each element of a selector."""
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
    """Have the table show the trials that match `query`."""
    box = page.find_element(By.ID, "filter")
    box.clear()
    box.send_keys(query)


def colour(page, element: str, name: str) -> tuple[float, ...]:
    """A colour of the first element of a selector as red, green, blue from 0 to 1."""
    rgb = page.execute_script(
        "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]", element, name
    )
    return tuple(int(part) / 255 for part in re.findall(r"\d+", rgb)[:3])


def luminance(rgb) -> float:
    """Relative luminance, as WCAG defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other) -> float:
    """Contrast ratio of two colours, from 1 to 21, as WCAG defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
