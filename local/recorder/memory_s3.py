"""S3 in memory, as far as ZenML and s3fs use it. Bodies of large uploads are counted, not kept."""
import hashlib
import io
from datetime import datetime, timezone
from typing import Any

from recorder import Caller, Error

# Below this size a body is kept, so that it can be read again.
KEPT = 1 << 20


class Body:
    """A stream that serves both boto3, which reads at once, and aiobotocore, which awaits."""

    def __init__(self, content: bytes, is_async: bool) -> None:
        self._stream, self._is_async = io.BytesIO(content), is_async

    def read(self, size: int = -1) -> Any:
        chunk = self._stream.read(size if size is not None else -1)
        return _ready(chunk) if self._is_async else chunk

    def close(self) -> None:
        self._stream.close()

    async def __aenter__(self) -> "Body":
        return self

    async def __aexit__(self, *_: Any) -> None:
        self.close()


class MemoryS3:
    """Buckets by name, each with its objects. Nobody can create a bucket."""

    def __init__(self, buckets: dict[str, bool]) -> None:
        """Names of the buckets, and whether each keeps versions."""
        self.versioned = buckets
        self.objects: dict[str, dict[str, bytes]] = {name: {} for name in buckets}
        self.uploads: dict[str, int] = {}
        # Uploads of parts fail while this is set, as they would when the connection breaks.
        self.is_broken = False

    def answer(self, operation: str, parameters: dict[str, Any], _: Caller) -> dict[str, Any]:
        if operation == "ListBuckets":
            # boto3 asks, and goes on without an answer.
            raise Error(403, "AccessDenied")
        if parameters["Bucket"] not in self.objects:
            raise Error(404, "NoSuchBucket")
        return getattr(self, f"_{operation}")(parameters, self.objects[parameters["Bucket"]])

    def text(self, bucket: str, key: str) -> str:
        return self.objects[bucket][key].decode()

    def _HeadBucket(self, *_: Any) -> dict[str, Any]:
        return {}

    def _GetBucketVersioning(self, parameters: dict[str, Any], _: Any) -> dict[str, Any]:
        return {"Status": "Enabled"} if self.versioned[parameters["Bucket"]] else {}

    def _PutObject(self, parameters: dict[str, Any], objects: dict[str, bytes]) -> dict[str, Any]:
        body = parameters.get("Body", b"")
        objects[parameters["Key"]] = bytes(body.read() if hasattr(body, "read") else body)
        return {"ETag": '"1"'}

    def _HeadObject(self, parameters: dict[str, Any], objects: dict[str, bytes]) -> dict[str, Any]:
        content = self._content(parameters, objects)
        return {"ContentLength": len(content), "ETag": '"1"', "LastModified": _now(), "ContentType": "text/plain"}

    def _GetObject(self, parameters: dict[str, Any], objects: dict[str, bytes]) -> dict[str, Any]:
        content = self._content(parameters, objects)
        if "Range" in parameters:
            start, end = parameters["Range"].removeprefix("bytes=").split("-")
            content = content[int(start): int(end) + 1 if end else None]
        return {"Body": Body(content, is_async=True), "ContentLength": len(content), "ETag": '"1"'}

    def _ListObjectsV2(self, parameters: dict[str, Any], objects: dict[str, bytes]) -> dict[str, Any]:
        prefix, delimiter = parameters.get("Prefix", ""), parameters.get("Delimiter", "")
        found = [key for key in sorted(objects) if key.startswith(prefix)]
        folders = {prefix + rest.split(delimiter)[0] + delimiter for key in found
                   if delimiter and delimiter in (rest := key[len(prefix):])}
        files = [key for key in found if not any(key.startswith(folder) for folder in folders)]
        return {
            "Contents": [{"Key": key, "Size": len(objects[key]), "ETag": '"1"', "LastModified": _now(),
                          "StorageClass": "STANDARD"} for key in files],
            "CommonPrefixes": [{"Prefix": folder} for folder in sorted(folders)],
            "KeyCount": len(files) + len(folders),
            "IsTruncated": False,
        }

    def _ListObjectVersions(self, parameters: dict[str, Any], objects: dict[str, bytes]) -> dict[str, Any]:
        found = [key for key in sorted(objects) if key.startswith(parameters.get("Prefix", ""))]
        versions = [{"Key": key, "VersionId": version, "IsLatest": version == "new"}
                    for key in found for version in ("new", "old")]
        return {"Versions": versions, "IsTruncated": False}

    def _CopyObject(self, parameters: dict[str, Any], objects: dict[str, bytes]) -> dict[str, Any]:
        source = parameters["CopySource"]
        name = source["Key"] if isinstance(source, dict) else source.split("/", 1)[1]
        objects[parameters["Key"]] = objects[name]
        return {"CopyObjectResult": {"ETag": '"1"'}}

    def _DeleteObject(self, parameters: dict[str, Any], objects: dict[str, bytes]) -> dict[str, Any]:
        if "VersionId" not in parameters:
            objects.pop(parameters["Key"], None)
        return {}

    def _DeleteObjects(self, parameters: dict[str, Any], objects: dict[str, bytes]) -> dict[str, Any]:
        keys = [one["Key"] for one in parameters["Delete"]["Objects"]]
        for key in keys:
            objects.pop(key, None)
        return {"Deleted": [{"Key": key} for key in keys]}

    def _CreateMultipartUpload(self, parameters: dict[str, Any], _: Any) -> dict[str, Any]:
        upload = f"upload-{len(self.uploads)}"
        self.uploads[upload] = 0
        return {"Bucket": parameters["Bucket"], "Key": parameters["Key"], "UploadId": upload}

    def _UploadPart(self, parameters: dict[str, Any], _: Any) -> dict[str, Any]:
        if self.is_broken:
            raise Error(400, "RequestTimeout")
        body = parameters["Body"]
        content = body.read() if hasattr(body, "read") else body
        self.uploads[parameters["UploadId"]] += len(content)
        return {"ETag": f'"{hashlib.sha256(content[:KEPT]).hexdigest()}"'}

    def _CompleteMultipartUpload(self, parameters: dict[str, Any], objects: dict[str, bytes]) -> dict[str, Any]:
        objects[parameters["Key"]] = bytes(self.uploads[parameters["UploadId"]])
        return {"ETag": '"1"'}

    def _AbortMultipartUpload(self, *_: Any) -> dict[str, Any]:
        return {}

    @staticmethod
    def _content(parameters: dict[str, Any], objects: dict[str, bytes]) -> bytes:
        if parameters["Key"] not in objects:
            raise Error(404, "NoSuchKey" if "Range" in parameters else "404")
        return objects[parameters["Key"]]


def _now() -> datetime:
    return datetime.now(timezone.utc)


async def _ready(value: Any) -> Any:
    return value
