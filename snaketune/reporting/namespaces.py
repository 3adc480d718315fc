"""The XML namespaces of SVG, which browsers only know by these prefixes in an HTML page."""

import xml.etree.ElementTree as ET

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


def register() -> None:
    """Have ElementTree write SVG without a prefix, and links with theirs."""
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
