"""The pages. `add_pages` gives them to the app that `steadypin.api` made."""

from steadypin.web.app import add_pages

__all__ = ["add_pages"]
