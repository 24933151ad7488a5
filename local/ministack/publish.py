"""Put a folder as a zip file, or a file as it is, into a bucket, as the CDK command line does: `publish.py PATH BUCKET KEY` (bucket made when missing).

The zip has fixed dates, so the same folder gives the same bytes.
"""
import io
import os
import sys
import zipfile

import botocore.session
from botocore.exceptions import ClientError


def zipped(folder):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for root, folders, files in os.walk(folder):
            folders.sort()
            for file in sorted(files):
                path = os.path.join(root, file)
                info = zipfile.ZipInfo(os.path.relpath(path, folder))
                info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                with open(path, "rb") as content:
                    archive.writestr(info, content.read())
    return out.getvalue()


def content_of(path):
    if os.path.isdir(path):
        return zipped(path)
    with open(path, "rb") as file:
        return file.read()


def main(path, bucket, key):
    client = botocore.session.get_session().create_client("s3")
    try:
        client.create_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
            raise
    client.put_object(Bucket=bucket, Key=key, Body=content_of(path))


if __name__ == "__main__":
    main(*sys.argv[1:])
