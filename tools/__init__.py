"""What the Makefile runs to set a machine up: standard library only, since nothing is installed yet."""
