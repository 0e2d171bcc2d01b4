"""Looks at URLs, images, videos and links before Pinterest does."""
