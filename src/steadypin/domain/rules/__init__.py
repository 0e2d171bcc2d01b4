"""What is known about Pinterest's errors, as data, and the few functions that read it.

failures.toml   the rules            model.py     the rules as values, loaded once
aliases.toml    names that lead to them   matching.py  which rule fits a reply best
policy.toml     waits                policy.py    the waits as values
bodies.py, paste.py, fold.py         text from replies, log lines and tracebacks
checks.py       is the data sound?   pages.py     docs/failures/ from the data (`python -m steadypin.domain.rules`)
"""
