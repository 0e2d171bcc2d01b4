"""Puts the service together: the only file that knows every concrete class."""
