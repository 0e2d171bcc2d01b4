"""The long proofs: `make prove P=name`. Each prints its figures; the last line says `held` or `fell short`."""
