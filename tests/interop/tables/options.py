"""pyarrow's options for how a table is written, and how it is read."""

import pyarrow as pa
from pyarrow import flight, ipc

from cases import add_case, run
from every_type import ARRAYS
from round_trip import DESCRIPTOR, NAME, SLICES, assert_same_batches, put_batches, round_trip

EVERY_TYPE = pa.record_batch(ARRAYS)
LONG = pa.record_batch({
    "number": pa.array(range(100_000)),
    "text": pa.array([f"station {row % 7}" for row in range(100_000)]),
    "flag": pa.array([row % 3 == 0 for row in range(100_000)]),
})

WRITE_OPTIONS = {
    "none": ipc.IpcWriteOptions(),
    "compression lz4": ipc.IpcWriteOptions(compression="lz4"),
    "compression zstd": ipc.IpcWriteOptions(compression="zstd"),
    "compression zstd, level 19": ipc.IpcWriteOptions(compression=pa.Codec("zstd", compression_level=19)),
    "compression lz4, one thread": ipc.IpcWriteOptions(compression="lz4", use_threads=False),
    "lengths of 64 bits": ipc.IpcWriteOptions(allow_64bit=True),
    "the format before 0.15": ipc.IpcWriteOptions(use_legacy_format=True),
    "metadata of version 4": ipc.IpcWriteOptions(metadata_version=ipc.MetadataVersion.V4),
    "dictionary deltas": ipc.IpcWriteOptions(emit_dictionary_deltas=True),
    "unified dictionaries": ipc.IpcWriteOptions(unify_dictionaries=True),
}


def every_type_goes_round(client, write):
    round_trip(client, [EVERY_TYPE[rows] for rows in SLICES], write=write)


def long_buffers_go_round(client, write):
    round_trip(client, [LONG, LONG[12_345:54_321]], write=write)


for name, write in WRITE_OPTIONS.items():
    add_case(f"every type, written with {name}", every_type_goes_round, write)
    add_case(f"long buffers, written with {name}", long_buffers_go_round, write)


def compressed_is_kept_compressed(client, codec):
    put_batches(client, NAME, [LONG], LONG.schema, ipc.IpcWriteOptions(compression=codec))
    total = client.flight.get_flight_info(DESCRIPTOR).total_bytes
    assert total < LONG.nbytes / 2, total


for codec in ["lz4", "zstd"]:
    add_case(f"what {codec} made small is kept small", compressed_is_kept_compressed, codec)


def columns_are_read(client, indices):
    batches = [EVERY_TYPE[rows] for rows in SLICES]
    put_batches(client, NAME, batches, EVERY_TYPE.schema)
    options = flight.FlightCallOptions(read_options=ipc.IpcReadOptions(included_fields=indices))
    found = [chunk.data for chunk in client.flight.do_get(flight.Ticket(NAME), options)]
    assert_same_batches(found, [batch.select(indices) for batch in batches])


for indices in [[0], [5, 70], list(range(1, len(ARRAYS), 2))]:
    add_case(f"{len(indices)} of the columns are read", columns_are_read, indices)


def types_are_read_aligned(client, alignment):
    round_trip(client, [EVERY_TYPE], read=ipc.IpcReadOptions(ensure_alignment=alignment))


for alignment in ipc.Alignment:
    add_case(f"every type, read with the alignment {alignment.name}", types_are_read_aligned, alignment)

run()
