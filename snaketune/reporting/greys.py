"""The greys of all figures.

No other colour of a figure equals one of them, so that the page can replace them by its own. They
have a module of their own because the page, which draws nothing, does without matplotlib.
"""

INK, GREY, FAINT, PAPER = "#252627", "#7f8081", "#e6e7e8", "#fdfdfe"
