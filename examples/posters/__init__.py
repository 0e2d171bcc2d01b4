"""Posters drawn with Pillow."""
