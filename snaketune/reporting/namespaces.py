"""The XML namespaces of SVG, which browsers only know by these prefixes in an HTML page."""

import xml.etree.ElementTree as ET

SVG = "http://www.w3.org/2000/svg"


def register() -> None:
    """Have ElementTree write SVG without a prefix, and links with theirs."""
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
