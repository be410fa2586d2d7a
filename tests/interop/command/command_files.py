"""Files for the command's tests, and whether two have the same table.

    python command_files.py make FOLDER
    python command_files.py same FILE FILE
"""

import datetime
import decimal
import sys

import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet


def make(folder):
    table = pa.table(
        {
            "id": pa.array([1, 2**53 + 1, None], pa.int64()),
            "price": pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("-3.25")]),
            "at": pa.array([datetime.datetime(2024, 2, 29, 12, 0, 0, 1)] * 3, pa.timestamp("us", "UTC")),
            "name": ["Suva, Fiji", 'a "quoted"\nline', None],
        }
    )
    pa.parquet.write_table(table, f"{folder}/table.parquet")
    odd = pa.table(
        {
            "runs": pa.RunEndEncodedArray.from_arrays(pa.array([2, 5], pa.int32()), ["x", None]),
            "views": pa.array([[1], None, [], [2, 3], [4]], pa.list_view(pa.int16())),
            "month": pa.array([(1, 2, 3)] * 5, pa.month_day_nano_interval()),
            "big": pa.array([decimal.Decimal(10) ** 60] * 5, pa.decimal256(70, 2)),
            "either": pa.UnionArray.from_dense(
                pa.array([0, 1, 0, 1, 1], pa.int8()),
                pa.array([0, 0, 1, 1, 2], pa.int32()),
                [pa.array([1, 2]), pa.array(["a", "b", None])],
            ),
        }
    )
    with pa.ipc.new_file(f"{folder}/odd.arrow", odd.schema) as writer:
        writer.write_table(odd)


def read(path):
    if path.endswith(".parquet"):
        return pa.parquet.read_table(path)
    with pa.ipc.open_file(path) as reader:
        return reader.read_all()


def same(first, second):
    a, b = read(first), read(second)
    a.validate(full=True)
    b.validate(full=True)
    assert a.schema.equals(b.schema), f"{a.schema}\n{b.schema}"
    assert a.equals(b) or a.combine_chunks().to_pylist() == b.combine_chunks().to_pylist()


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    same(sys.argv[2], sys.argv[3])
