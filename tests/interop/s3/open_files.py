"""Opens every stream in a folder, and its file in another folder, and compares them.

    open_files.py FOLDER ORIGINALS
"""

import pathlib
import sys

import pyarrow as pa


def read(path):
    with pa.OSFile(str(path)) as source, pa.ipc.open_stream(source) as reader:
        return reader.schema, list(reader)


folder, originals = map(pathlib.Path, sys.argv[1:])
for path in sorted(originals.glob("*.arrows"), key=lambda path: path.stem):
    schema, batches = read(folder / path.name)
    other_schema, other_batches = read(path)
    same = schema.equals(other_schema, check_metadata=True) and len(batches) == len(
        other_batches
    )
    for batch, other in zip(batches, other_batches):
        batch.validate(full=True)
        same = same and batch.equals(other, check_metadata=True)
    print(path.stem, "same" if same else "DIFFERENT")
