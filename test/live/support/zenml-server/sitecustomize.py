"""Settings of the ZenML servers of the live tests. Python loads this file at its start, because its folder is on PYTHONPATH.

The tests log in and verify connectors hundreds of times on one or two cores. These settings save most of the server's CPU time:

- bcrypt hashes at its lowest cost. ZenML hashes at cost 12, 0.2 s each, three times for a login. No test is about hashes.
- botocore computes once what it computes for each session and client (`botocore_caches.py`). ZenML makes a session and
  up to five clients for a verification.
- SQLite does not wait for the disk. No test is about a machine that loses its power.
- The garbage collector runs less often.

The bench and the demo run the server without these settings.
"""
import gc
import runpy
import sqlite3.dbapi2
from pathlib import Path

gc.set_threshold(100_000, 50, 50)

_connect = sqlite3.dbapi2.connect


def connect(*arguments, **options):
    connection = _connect(*arguments, **options)
    connection.execute("PRAGMA synchronous = OFF")
    return connection


sqlite3.dbapi2.connect = connect

try:
    from passlib.hash import bcrypt
except ImportError:
    pass  # a Python without ZenML
else:
    bcrypt.default_rounds = bcrypt.min_rounds
    runpy.run_path(Path(__file__).parents[4] / "local" / "process" / "fork_server" / "botocore_caches.py")
