"""The wire to Pinterest: `wire` builds requests and deciphers replies without I/O; `client` is the thin shell."""
