"""What the walk-through "Building an Arrow Flight server" does with its two tables."""

import pathlib

import pyarrow as pa
from pyarrow import csv

from cases import case, equal, raises, run

DATA = pathlib.Path(__file__).parents[3] / "examples" / "data"


def read(name):
    nulls = csv.ConvertOptions(null_values=["NA"])
    return csv.read_csv(DATA / f"{name}.csv", convert_options=nulls)


@case
def a_table_comes_back_as_it_was_put(client):
    quakes = read("fijiquakes")
    equal(quakes.shape, (1000, 5))
    client.put_table("fijiquakes", quakes)
    equal(client.get_table("fijiquakes"), quakes)


@case
def nulls_come_back_as_nulls(client):
    air = read("airquality")
    client.put_table("airquality", air)
    equal(client.get_table("airquality").column("Ozone").null_count, 37)
    equal(client.get_table("airquality"), air)


@case
def tables_are_listed_by_name(client):
    equal(client.list_tables(), [])
    for name in ["fijiquakes", "airquality"]:
        client.put_table(name, read(name))
    equal(client.list_tables(), ["airquality", "fijiquakes"])


@case
def a_dropped_table_is_gone(client):
    client.put_table("fijiquakes", read("fijiquakes"))
    client.put_table("airquality", read("airquality"))
    client.drop_table("airquality")
    equal(client.list_tables(), ["fijiquakes"])
    with raises(pa.ArrowKeyError, 'Cannot find the table "airquality"'):
        client.get_table("airquality")


@case
def a_second_put_replaces_the_table(client):
    client.put_table("air", read("fijiquakes"))
    client.put_table("air", read("airquality"))
    equal(client.get_table("air"), read("airquality"))
    equal(client.list_tables(), ["air"])


@case
def dropping_what_is_not_there_is_a_key_error(client):
    with raises(pa.ArrowKeyError, 'Cannot find the table "nothing"'):
        client.drop_table("nothing")


@case
def a_mistyped_name_is_answered_with_the_right_one(client):
    client.put_table("fijiquakes", read("fijiquakes"))
    with raises(pa.ArrowKeyError, 'perhaps you mean "fijiquakes"'):
        client.get_table("fijiqakes")


run()
