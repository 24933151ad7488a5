"""Settings of the ZenML servers of the live tests. Python loads this file at its start, because its folder is on PYTHONPATH.

The tests log in and verify connectors hundreds of times on one or two cores. These settings save most of the server's CPU time:

- bcrypt hashes at its lowest cost. ZenML hashes at cost 12, 0.2 s each, three times for a login. No test is about hashes.
- botocore parses each of its data files once, and looks once which there are. ZenML makes up to five clients for a
  verification, each of which does both.
- SQLite does not wait for the disk. No test is about a machine that loses its power.
- The garbage collector runs less often.

The bench and the demo run the server without these settings.
"""
import functools
import gc
import sqlite3.dbapi2

gc.set_threshold(100_000, 50, 50)

_connect = sqlite3.dbapi2.connect


def connect(*arguments, **options):
    connection = _connect(*arguments, **options)
    connection.execute("PRAGMA synchronous = OFF")
    return connection


sqlite3.dbapi2.connect = connect

try:
    from botocore.loaders import JSONFileLoader, Loader
    from passlib.hash import bcrypt
except ImportError:
    pass  # a Python without ZenML
else:
    bcrypt.default_rounds = bcrypt.min_rounds
    _load_file = JSONFileLoader.load_file
    _list_services = Loader.list_available_services
    _loaded = functools.cache(lambda path: _load_file(JSONFileLoader(), path))
    _listed = functools.cache(lambda folders, kind: tuple(_list_services(Loader(list(folders)), kind)))
    JSONFileLoader.load_file = lambda self, path: _loaded(path)
    Loader.list_available_services = lambda self, type_name: list(_listed(tuple(self.search_paths), type_name))
