"""An echo over gRPC, compressed by grpcio, for compression_interop.ts.

    compression.py serve NAME            prints its port, and runs until it is killed
    compression.py call NAME PORT SIZE   prints what came back of messages so large
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import grpc

SERVICE = "tinyflight.test.Echo"
KINDS = {"gzip": grpc.Compression.Gzip, "deflate": grpc.Compression.Deflate}
HOST = "127.0.0.1"
ROOM = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
]
TIMEOUT = 30


def serve(name):
    handlers = {
        "Unary": grpc.unary_unary_rpc_method_handler(lambda request, _: request),
        "Stream": grpc.stream_stream_rpc_method_handler(lambda requests, _: requests),
    }
    server = grpc.server(
        ThreadPoolExecutor(),
        handlers=[grpc.method_handlers_generic_handler(SERVICE, handlers)],
        compression=KINDS[name],
        options=ROOM,
    )
    print(server.add_insecure_port(f"{HOST}:0"), flush=True)
    server.start()
    Event().wait()


def call(name, port, size):
    message = bytes(index % 251 for index in range(int(size)))
    options = {"compression": KINDS[name], "timeout": TIMEOUT}
    with grpc.insecure_channel(f"{HOST}:{port}", options=ROOM) as channel:
        unary = channel.unary_unary(f"/{SERVICE}/Unary")
        stream = channel.stream_stream(f"/{SERVICE}/Stream")
        try:
            results = [unary(message, **options)]
            results += stream(iter([message, b"", message]), **options)
        except grpc.RpcError as error:
            print(error.code().name)
            return
    print(*(result in (message, b"") and len(result) for result in results))


if __name__ == "__main__":
    {"serve": serve, "call": call}[sys.argv[1]](*sys.argv[2:])
