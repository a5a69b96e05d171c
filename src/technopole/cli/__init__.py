"""The command line: one file per command."""

from technopole.cli.app import main

__all__ = ["main"]
