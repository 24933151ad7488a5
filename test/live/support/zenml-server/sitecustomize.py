"""Settings of the ZenML servers of the live tests. Python loads this file at its start, because its folder is on PYTHONPATH.

The tests log in and verify connectors hundreds of times on one or two cores. Three settings save most of the server's CPU time:

- bcrypt hashes at its lowest cost. ZenML hashes at cost 12, 0.2 s each, three times for a login. No test is about hashes.
- botocore parses each of its data files once. ZenML makes up to five clients for a verification, each of which parses all of them.
- The garbage collector runs less often.

The bench and the demo run the server without these settings.
"""
import functools
import gc

gc.set_threshold(100_000, 50, 50)

try:
    from botocore.loaders import JSONFileLoader
    from passlib.hash import bcrypt
except ImportError:
    pass  # a Python without ZenML
else:
    bcrypt.default_rounds = bcrypt.min_rounds
    _load_file = JSONFileLoader.load_file
    _cached = functools.cache(lambda path: _load_file(JSONFileLoader(), path))
    JSONFileLoader.load_file = lambda self, path: _cached(path)
