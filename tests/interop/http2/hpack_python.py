"""Header lists through another implementation of HPACK, for hpack_interop.ts.

The file of the argument has one step a line, in JSON: the largest table that the
decoder allows from then on, and a block to decode or a list to encode.
"""

import json
import sys

from hpack import Decoder, Encoder, HeaderTuple, NeverIndexedHeaderTuple

ROOM = 2**20


def decode(steps):
    decoder = Decoder(max_header_list_size=ROOM)
    for step in steps:
        decoder.max_allowed_table_size = step["tableSize"]
        fields = decoder.decode(bytes.fromhex(step["block"]), raw=True)
        yield [
            [name.decode("latin-1"), value.decode("latin-1"), is_never_indexed(field)]
            for field in fields
            for name, value in [field]
        ]


def is_never_indexed(field):
    return isinstance(field, NeverIndexedHeaderTuple)


def encode(steps):
    encoder = Encoder()
    for step in steps:
        encoder.header_table_size = step["tableSize"]
        fields = [
            kind(is_sensitive)(name.encode("latin-1"), value.encode("latin-1"))
            for name, value, is_sensitive in step["fields"]
        ]
        yield encoder.encode(fields, huffman=step["huffman"]).hex()


def kind(is_sensitive):
    return NeverIndexedHeaderTuple if is_sensitive else HeaderTuple


if __name__ == "__main__":
    action, path = sys.argv[1:]
    with open(path) as file:
        steps = [json.loads(line) for line in file]
    for result in {"decode": decode, "encode": encode}[action](steps):
        print(json.dumps(result))
