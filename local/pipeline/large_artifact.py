"""Writes 60 MB below the path of the active artifact store, reads them back and deletes them.

s3fs uploads more than 50 MB in parts. Prints as JSON whether the bytes are the same, and whether the object is gone.
"""
import json

from zenml.client import Client
from zenml.io import fileio

SIZE = 60 * 1024 * 1024

store = Client().active_stack.artifact_store
path = f"{store.path}/large"
data = bytes(range(256)) * (SIZE // 256)
with fileio.open(path, "wb") as file:
    file.write(data)
with fileio.open(path, "rb") as file:
    same = file.read() == data
fileio.remove(path)
print(json.dumps({"same": same, "gone": not fileio.exists(path)}))
