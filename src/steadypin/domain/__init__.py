"""Pure values and rules: the standard library only, no clock, no input or output. Times are passed in, always UTC."""
