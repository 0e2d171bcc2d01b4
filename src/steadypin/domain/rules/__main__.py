"""Write docs/failures/ from the rules: `python -m steadypin.domain.rules [DIRECTORY]`.

Exit 0 when written, 1 when the rules are unsound; then every problem is listed and nothing is written.
"""

from __future__ import annotations

import sys
from pathlib import Path

from steadypin.domain.rules.checks import check_rules
from steadypin.domain.rules.pages import pages


def main(arguments: list[str]) -> int:
    """Check the rules, then write every page; pages of former rules are removed."""
    problems = check_rules()
    if problems:
        sys.stderr.write("\n".join(problems) + "\n")
        return 1
    folder = Path(arguments[0] if arguments else "docs/failures")
    folder.mkdir(parents=True, exist_ok=True)
    made = pages()
    for old in set(folder.glob("*.md")) - {folder / name for name in made}:
        old.unlink()
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(made)} pages in {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
