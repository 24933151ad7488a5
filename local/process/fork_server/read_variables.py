"""Which environment variables the imports of a fork server have read.

A fork keeps what was made of them, so it can only stand for a process whose variables have the same values.
"""
import os
import sys
from contextlib import contextmanager

# Variables that imports read and that differ all the same, each with the reason that it does no harm.
HARMLESS = (
    "HOME",  # folders of settings that exist on no machine here (fsspec, sysconfig)
    "REQUESTS_CA_BUNDLE", "AWS_",  # the SageMaker SDK makes a session for JumpStart, which ZenML never uses
)


class ReadVariables:
    """The variables that were read, with the values that they had."""

    def __init__(self, also_by_prefix):
        """`also_by_prefix`: beginnings of variables that imports look for in the whole environment."""
        self._names, self._prefixes = set(), also_by_prefix
        self._values = dict(os.environ)

    @contextmanager
    def watch(self):
        """Notes each variable that is read, also those that are not set."""
        kind = type(os.environ)
        read_one, each_name = kind.__getitem__, kind.__iter__
        listed = set()

        def read(environment, name):
            if name in listed:
                listed.remove(name)
            else:
                self._names.add(name)
            return read_one(environment, name)

        def names(environment):
            # Who goes through all variables, or copies them, reads each of them once. That says nothing about one.
            for name in each_name(environment):
                listed.add(name)
                yield name

        kind.__getitem__, kind.__iter__ = read, names
        try:
            yield
        finally:
            kind.__getitem__, kind.__iter__ = read_one, each_name

    def differ_in(self, environment):
        """Those that have another value in this environment."""
        names = {name for name in (*self._values, *environment) if name.startswith(self._prefixes)} | self._names
        return sorted(name for name in names
                      if self._values.get(name) != environment.get(name) and not name.startswith(HARMLESS))
