"""Dictionaries that grow and change while a table is put."""

import pyarrow as pa
from pyarrow import flight, ipc

from cases import add_case, case, equal, run
from round_trip import NAME, round_trip

DELTAS = ipc.IpcWriteOptions(emit_dictionary_deltas=True)
REPLACEMENTS = ipc.IpcWriteOptions(emit_dictionary_deltas=False)
GROWING = [["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d", "e"]]
CHANGING = [["a", "b"], ["c"], ["a", "b"]]
BOTH = [["a", "b"], ["a", "b", "c"], ["x"], ["x", "y"], ["x", "y"], ["a", "b"]]


def column(words, index_type=pa.int8()):
    indices = [0, None, len(words) - 1, 0]
    return pa.DictionaryArray.from_arrays(pa.array(indices, index_type), pa.array(words))


def in_list(array):
    return pa.ListArray.from_arrays(pa.array([0, 1, 1, 4]), array)


def in_struct(array):
    return pa.StructArray.from_arrays([array], ["words"])


def in_dictionary(array):
    """The words inside the lists of another dictionary."""
    return pa.DictionaryArray.from_arrays(pa.array([2, 0, None, 1], pa.int8()), in_list(array))


def in_run_ends(array):
    return pa.RunEndEncodedArray.from_arrays(pa.array([2, 3, 7, 8], pa.int32()), array)


def batches_of(make, dictionaries):
    return [pa.record_batch({"x": make(column(words))}) for words in dictionaries]


def dictionaries_go_round(client, make, dictionaries, options, deltas, replaced):
    stats = round_trip(client, batches_of(make, dictionaries), write=options)
    equal((stats.num_dictionary_deltas, stats.num_replaced_dictionaries), (deltas, replaced))


for name, make in [
    ("in a column", lambda array: array),
    ("in a list", in_list),
    ("in a struct", in_struct),
    ("in run ends", in_run_ends),
]:
    for title, dictionaries, options, deltas, replaced in [
        ("a dictionary that grows by deltas", GROWING, DELTAS, 2, 0),
        ("a dictionary that grows by replacements", GROWING, REPLACEMENTS, 0, 2),
        ("a dictionary that changes", CHANGING, REPLACEMENTS, 0, 2),
        ("a dictionary with deltas and replacements", BOTH, DELTAS, 2, 2),
    ]:
        add_case(f"{title}, {name}", dictionaries_go_round, make, dictionaries, options, deltas, replaced)


@case
def a_dictionary_that_changes_inside_another_one(client):
    round_trip(client, batches_of(in_dictionary, CHANGING), write=REPLACEMENTS)


@case
def a_dictionary_is_sent_once_when_it_stays(client):
    stats = round_trip(client, batches_of(in_struct, [["a", "b"]] * 5))
    equal(stats.num_dictionary_batches, 1)


@case
def a_get_has_as_many_dictionaries_as_the_put(client):
    stats = round_trip(client, batches_of(in_struct, BOTH), write=DELTAS)
    reader = client.flight.do_get(flight.Ticket(NAME))
    reader.read_all()
    equal(reader.stats.num_dictionary_batches, stats.num_dictionary_batches)
    equal(reader.stats.num_dictionary_deltas, stats.num_dictionary_deltas)


@case
def two_columns_with_dictionaries_of_their_own(client):
    batches = [
        pa.record_batch({"x": column(words), "y": column(words[::-1], pa.uint64())}) for words in BOTH
    ]
    round_trip(client, batches, write=DELTAS)


@case
def a_table_whose_chunks_have_different_dictionaries(client):
    table = pa.table({"x": pa.chunked_array([column(words) for words in CHANGING])})
    client.put_table(NAME, table)
    equal(client.get_table(NAME), table)


@case
def a_table_with_unified_dictionaries(client):
    table = pa.table({"x": pa.chunked_array([column(words) for words in CHANGING])})
    stats = round_trip(client, table.unify_dictionaries().to_batches())
    equal(stats.num_dictionary_batches, 1)


@case
def a_long_dictionary(client):
    words = pa.array([f"word {number}" for number in range(100_000)])
    indices = pa.array(range(99_999, -1, -1), pa.int32())
    round_trip(client, [pa.record_batch({"x": pa.DictionaryArray.from_arrays(indices, words)})])


@case
def a_dictionary_that_no_batch_uses(client):
    schema = pa.schema({"x": pa.dictionary(pa.int8(), pa.string())})
    round_trip(client, [], schema)


run()
