"""ADBC's driver for Flight SQL with a server that has none: it is told so, and leaves no
table."""

import sys
import warnings

import adbc_driver_flightsql.dbapi
import adbc_driver_manager
import pyarrow as pa

from cases import case, equal, raises, run

TABLE = pa.table({"n": [1, 2, 3]})


def connect():
    with warnings.catch_warnings():
        # That a server has no transactions is no fault.
        warnings.simplefilter("ignore")
        return adbc_driver_flightsql.dbapi.connect(
            sys.argv[1].replace("grpc+tcp:", "grpc:"), autocommit=True
        )


@case
def an_ingest_is_refused_and_leaves_no_table(client):
    with connect() as connection, connection.cursor() as cursor:
        with raises(
            adbc_driver_manager.NotSupportedError, "CommandStatementIngest", "has no SQL"
        ):
            cursor.adbc_ingest("quakes", TABLE, mode="create")
    equal(client.list_tables(), [])


@case
def metadata_is_refused(client):
    with connect() as connection:
        with raises(
            adbc_driver_manager.NotSupportedError, "CommandGetTableTypes", "has no SQL"
        ):
            connection.adbc_get_table_types()


run()
