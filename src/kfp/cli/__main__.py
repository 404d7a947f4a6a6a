"""`python -m kfp.cli`: the command line without its script."""

from kfp.cli import main

main()
