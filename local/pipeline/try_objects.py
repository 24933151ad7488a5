"""Writes and reads objects with the credentials that a service connector hands out.

Arguments: name of the connector, ZenML's id of its resource, and the paths of objects. Prints as JSON what AWS answered
for each path: "written", "read" and "aborted" (an upload in parts), or the code of the error that came first.
"""
import json
import sys

from botocore.exceptions import ClientError
from zenml.client import Client

PART = b"x" * 5 * 1024 * 1024

connector, resource, *paths = sys.argv[1:]
s3 = Client().get_service_connector_client(connector, resource_type="s3-bucket", resource_id=resource).connect()


def attempt(bucket, key):
    done = []
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
        done.append("written")
        s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        done.append("read")
        upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=PART)
        s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload)
        done.append("aborted")
        s3.delete_object(Bucket=bucket, Key=key)
        done.append("deleted")
    except ClientError as error:
        done.append(error.response["Error"]["Code"])
    return done


print(json.dumps({path: attempt(*path.split("/", 1)) for path in paths}))
