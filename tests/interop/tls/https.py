"""Reads a table over HTTPS, and prints how many rows it has.

    python https.py URL ROOTS TOKEN
"""

import ssl
import sys
import urllib.request

import pyarrow as pa

url, roots, token = sys.argv[1:]
request = urllib.request.Request(url, headers={"authorization": f"Bearer {token}"})
context = ssl.create_default_context(cafile=roots)
with urllib.request.urlopen(request, context=context) as response:
    print(pa.ipc.open_stream(response).read_all().num_rows)
