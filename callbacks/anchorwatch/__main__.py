"""`python -m anchorwatch` is the command `anchorwatch`."""

from anchorwatch.cli import main

main()
