"""Deletes all objects of a bucket, as `aws s3 rm --recursive` does: `empty_bucket.py BUCKET`. Prints how many there were."""
import sys

import botocore.session


def main(bucket):
    client = botocore.session.get_session().create_client("s3")
    keys = [
        entry["Key"]
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for entry in page.get("Contents", [])
    ]
    for key in keys:
        client.delete_object(Bucket=bucket, Key=key)
    print(len(keys))


if __name__ == "__main__":
    main(sys.argv[1])
