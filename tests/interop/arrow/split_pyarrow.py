"""Writes streams of every type for split_interop.ts, and compares them with what became
of them.

    split_pyarrow.py write DIRECTORY SEED    writes streams of random values
    split_pyarrow.py compare DIRECTORY       compares NAME.arrows with each NAME@HOW.pieces,
                                             and prints the rows of their batches as JSON
"""

import decimal
import json
import pathlib
import random
import struct
import sys

import pyarrow as pa

ROWS = 203
LETTERS = "abcdefghijklmnopqrstuvwxyzäöü🐚"


def bitmap(nulls):
    return sum(1 << row for row, null in enumerate(nulls) if not null).to_bytes(-(-len(nulls) // 8), "little")


class Maker:
    """Makes arrays of random values."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def mask(self, rows):
        """Which rows are null; at times none, at times all after some row."""
        share = self.random.choice([0, 0.1, 0.5])
        nulls = [self.random.random() < share for _ in range(rows)]
        if self.random.random() < 0.2:
            nulls[rows // 2 :] = [True] * (rows - rows // 2)
        return nulls

    def some(self, rows, make):
        return [None if null else make() for null in self.mask(rows)]

    def word(self):
        length = self.random.choice([0, 3, 12, 13, 40])
        return "".join(self.random.choices(LETTERS, k=length))

    def word_bytes(self):
        return self.random.randbytes(self.random.choice([0, 3, 12, 13, 40]))

    def integers(self, type_, rows):
        bits = type_.bit_width
        low = -(2 ** (bits - 1)) if pa.types.is_signed_integer(type_) else 0
        return pa.array(self.some(rows, lambda: self.random.randrange(low, low + 2**bits)), type_)

    def of_width(self, type_, rows):
        """An array of a type of a whole number of bytes, with any bits in it."""
        width = type_.bit_width // 8
        nulls = self.mask(rows)
        buffers = [pa.py_buffer(bitmap(nulls)), pa.py_buffer(self.random.randbytes(width * rows))]
        return pa.Array.from_buffers(type_, rows, buffers)

    def decimals(self, type_, rows):
        most = 10**type_.precision - 1
        context = decimal.Context(prec=100)
        digits = lambda: decimal.Decimal(self.random.randint(-most, most)).scaleb(-type_.scale, context)
        return pa.array(self.some(rows, digits), type_)

    def words(self, type_, rows):
        is_text = type_ in (pa.string(), pa.large_string(), pa.string_view())
        return pa.array(self.some(rows, self.word if is_text else self.word_bytes), type_)

    def scattered(self, rows):
        """Views in no order into buffers most of whose bytes are of no row, or of many."""
        data = [self.random.randbytes(size) for size in (100, 50_000, 0, 300)]
        nulls = self.mask(rows)
        views = b""
        for null in nulls:
            size = self.random.choice([0, 12, 13, 60])
            index = self.random.choice([0, 1, 3])
            at = self.random.randrange(len(data[index]) - size)
            value = data[index][at : at + size]
            if size <= 12:
                views += struct.pack("<i12s", size, value)
            else:
                views += struct.pack("<i4sii", size, value[:4], 99 if null else index, at)
        buffers = [pa.py_buffer(bitmap(nulls)), pa.py_buffer(views), *map(pa.py_buffer, data)]
        return pa.Array.from_buffers(pa.binary_view(), rows, buffers)

    def lists(self, type_, rows, item=None):
        item = item or (lambda: self.random.choice([None, 1, -7, 100]))
        return pa.array(self.some(rows, lambda: [item() for _ in range(self.random.randrange(5))]), type_)

    def views(self, kind, integer, rows):
        """List views that overlap, go back and leave items out."""
        items = self.integers(pa.int16(), rows)
        starts = [self.random.randrange(rows - 5) for _ in range(rows)]
        sizes = [self.random.randrange(5) for _ in range(rows)]
        mask = pa.array(self.mask(rows))
        return kind.from_arrays(pa.array(starts, integer), pa.array(sizes, integer), items, mask=mask)

    def struct(self, rows):
        children = [self.integers(pa.int32(), rows), self.words(pa.string(), rows), self.bools(rows)]
        return pa.StructArray.from_arrays(children, ["n", "s", "b"], mask=pa.array(self.mask(rows)))

    def bools(self, rows):
        return pa.array(self.some(rows, lambda: self.random.random() < 0.5))

    def list_of(self, kind, integer, values):
        """Lists with all these values, in rows that come to ROWS."""
        cuts = sorted(self.random.randrange(len(values) + 1) for _ in range(ROWS - 1))
        return kind.from_arrays(pa.array([0, *cuts, len(values)], integer), values)

    def union(self, is_dense, rows, codes=(0, 1, 2)):
        ids = [self.random.randrange(3) for _ in range(rows)]
        codes = list(codes)
        types = pa.array([codes[id_] for id_ in ids], pa.int8())
        children = [self.integers(pa.int32(), rows), self.words(pa.string(), rows), self.lists(pa.list_(pa.int8()), rows)]
        names = ["n", "s", "l"]
        if not is_dense:
            return pa.UnionArray.from_sparse(types, children, names, codes)
        # The format wants the offsets of each child to rise, but not one by one.
        at = [0, 0, 0]
        offsets = []
        for row, id_ in enumerate(ids):
            at[id_] = min(max(at[id_] + self.random.choice([0, 1, 2]), 0), rows - 1)
            offsets.append(at[id_])
        return pa.UnionArray.from_dense(types, pa.array(offsets, pa.int32()), children, names, codes)

    def runs(self, integer, rows, values=None):
        ends = sorted(self.random.sample(range(1, rows), rows // 6)) + [rows]
        values = values or self.words(pa.string(), len(ends))
        return pa.RunEndEncodedArray.from_arrays(pa.array(ends, integer), values[: len(ends)])

    def dictionary(self, integer, rows, values=None):
        values = values or pa.array(["a", "bb", None, "a long one, of more than twelve bytes"])
        indices = pa.array(self.some(rows, lambda: self.random.randrange(len(values))), integer)
        return pa.DictionaryArray.from_arrays(indices, values)

    def arrays(self, rows):
        """One array of each type, by name."""
        for bits in (8, 16, 32, 64):
            for sign in ("int", "uint"):
                type_ = getattr(pa, f"{sign}{bits}")()
                yield f"{sign}{bits}", self.integers(type_, rows)
                yield f"{sign}{bits} indices", self.dictionary(type_, rows)
        yield "null", pa.nulls(rows)
        yield "bool", self.bools(rows)
        for bits, most in ((16, 2047), (32, 2**24), (64, 2**53)):
            values = self.some(rows, lambda: float(self.random.randrange(most)))
            yield f"float{bits}", pa.array(values, getattr(pa, f"float{bits}")())
        for bits, digits in ((32, 9), (64, 18), (128, 38), (256, 76)):
            yield f"decimal{bits}", self.decimals(getattr(pa, f"decimal{bits}")(digits, 3), rows)
        wide = [pa.date32(), pa.timestamp("us", "Pacific/Fiji"), pa.duration("ns"), pa.binary(3), pa.binary(0)]
        for type_ in [*wide, pa.month_day_nano_interval(), pa.uuid().storage_type]:
            yield str(type_), self.of_width(type_, rows)
        for type_ in [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()]:
            yield str(type_), self.words(type_, rows)
        yield "scattered views", self.scattered(rows)
        yield "views of short texts", pa.array(self.some(rows, lambda: "short"), pa.string_view())
        yield "list", self.lists(pa.list_(pa.int32()), rows)
        yield "large list", self.lists(pa.large_list(pa.int8()), rows)
        yield "list of bool", self.lists(pa.list_(pa.bool_()), rows, lambda: self.random.choice([True, False, None]))
        yield "list of string", self.lists(pa.list_(pa.string()), rows, self.word)
        yield "list of view", self.lists(pa.list_(pa.string_view()), rows, self.word)
        yield "list of list", self.lists(pa.list_(pa.list_(pa.bool_())), rows, lambda: [True, None, False])
        yield "fixed-size list", pa.array(self.some(rows, lambda: [self.word(), None, "x"]), pa.list_(pa.string(), 3))
        yield "fixed-size list of bool", pa.array(self.some(rows, lambda: [True, None, False]), pa.list_(pa.bool_(), 3))
        yield "fixed-size list of none", pa.array(self.some(rows, list), pa.list_(pa.int8(), 0))
        yield "map", pa.array(self.some(rows, lambda: [(self.word(), 1), ("k", None)]), pa.map_(pa.string(), pa.int8()))
        yield "list view in order", self.lists(pa.list_view(pa.int32()), rows)
        yield "list view", self.views(pa.ListViewArray, pa.int32(), rows)
        yield "large list view", self.views(pa.LargeListViewArray, pa.int64(), rows)
        yield "struct", self.struct(rows)
        yield "struct of none", pa.array(self.some(rows, dict), pa.struct([]))
        yield "list of struct", self.list_of(pa.ListArray, pa.int32(), self.struct(400)).slice(0, rows)
        yield "sparse union", self.union(False, rows)
        yield "dense union", self.union(True, rows)
        yield "dense union with codes", self.union(True, rows, (5, 127, 0))
        yield "list of dense union", self.list_of(pa.ListArray, pa.int32(), self.union(True, 400)).slice(0, rows)
        yield "large list of sparse union", self.list_of(pa.LargeListArray, pa.int64(), self.union(False, 400)).slice(0, rows)
        for bits in (16, 32, 64):
            yield f"run ends {bits}", self.runs(getattr(pa, f"int{bits}")(), rows)
        yield "runs of structs", self.runs(pa.int32(), rows, self.struct(rows))
        yield "list of runs", self.list_of(pa.ListArray, pa.int32(), self.runs(pa.int32(), 400)).slice(0, rows)
        yield "list of dictionary", self.list_of(pa.ListArray, pa.int32(), self.dictionary(pa.int8(), 400)).slice(0, rows)
        nested = self.dictionary(pa.int16(), 30, self.struct(20))
        yield "dictionary of struct", self.dictionary(pa.int32(), rows, nested.dictionary)
        yield "struct of runs and unions", pa.StructArray.from_arrays(
            [self.runs(pa.int16(), rows), self.union(True, rows), self.views(pa.ListViewArray, pa.int32(), rows)],
            ["r", "u", "v"],
        )


def write_stream(path, batches, version=pa.ipc.MetadataVersion.V5):
    options = pa.ipc.IpcWriteOptions(metadata_version=version)
    # pyarrow takes any metadata of a V4 batch for its compression.
    has_metadata = version == pa.ipc.MetadataVersion.V5
    with pa.OSFile(str(path), "wb") as sink:
        with pa.ipc.new_stream(sink, batches[0].schema, options=options) as writer:
            for index, batch in enumerate(batches):
                metadata = {"batch": str(index), b"\xff\x00": b"\xfe not text"}
                writer.write_batch(batch, custom_metadata=metadata if has_metadata else None)


def write(directory, seed):
    maker = Maker(int(seed))
    columns = dict(maker.arrays(ROWS))
    for name, column in columns.items():
        name = name.replace("/", " ")
        field = pa.field(name, column.type, metadata={"origin": "split"})
        batch = pa.record_batch([column], schema=pa.schema([field], metadata={"title": name}))
        start = maker.random.randrange(1, ROWS - 1)
        sliced = batch.slice(start, maker.random.randrange(ROWS - start))
        write_stream(directory / f"{name}.arrows", [batch, sliced, batch.slice(3)])
    everything = pa.record_batch(list(columns.values()), names=list(columns))
    write_stream(directory / "everything.arrows", [everything, everything.slice(11, 77)])
    write_stream(directory / "everything V4.arrows", [everything], pa.ipc.MetadataVersion.V4)


def read_stream(path):
    """The table of a stream, and the rows and the metadata of its batches."""
    with pa.ipc.open_stream(pa.memory_map(str(path))) as reader:
        batches, metadata = [], []
        while True:
            try:
                found = reader.read_next_batch_with_custom_metadata()
            except StopIteration:
                break
            found.batch.validate(full=True)
            batches.append(found.batch)
            metadata.append(dict(found.custom_metadata or {}))
        return pa.Table.from_batches(batches, reader.schema), [len(batch) for batch in batches], metadata


def plain(table):
    """The values of those columns that Python has all values of."""
    return [column.to_pylist() for column in table.columns if not pa.types.is_temporal(column.type)]


def compare(directory):
    found = {}
    for path in sorted(directory.glob("*.arrows")):
        table, rows, metadata = read_stream(path)
        for pieces in sorted(directory.glob(f"{path.stem}@*.pieces")):
            again, counts, tags = read_stream(pieces)
            assert again.schema.equals(table.schema, check_metadata=True), pieces
            assert again.equals(table), pieces
            assert plain(again) == plain(table), pieces
            spread = [tag for count, tag in zip(rows, metadata) for _ in range(count)]
            assert spread == [tag for count, tag in zip(counts, tags) for _ in range(count)], pieces
            found[pieces.stem] = counts
    print(json.dumps(found))


{"write": write, "compare": compare}[sys.argv[1]](pathlib.Path(sys.argv[2]), *sys.argv[3:])
