"""The command line: ``python -m messages`` renews all catalogues; ``… fr`` begins French."""

from __future__ import annotations

import sys

from messages.catalogue import languages, renew
from messages.sources import DOMAINS


def main(arguments: list[str]) -> int:
    """Write every ``.po`` and ``.mo``, and tell what is left to translate."""
    for domain in DOMAINS:
        for language in sorted({*languages(domain), *arguments}):
            lines = renew(domain, language)
            sys.stdout.write(f"{domain.po(language)}: {len(lines)} to do\n")
            sys.stdout.writelines(f"  {line}\n" for line in lines)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
