"""ClickHouse's HTTP interface over its own engine in this process, as far as the client under test uses it.

Prints its port once it listens, and ends when its standard input does.
"""

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from chdb import session

engine = session.Session()
one_at_a_time = threading.Lock()


class Interface(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        fields = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = self.body().decode()
        query = f"{fields['query']}\n{body}" if "query" in fields else body
        parameters = {
            name.removeprefix("param_"): value
            for name, value in fields.items()
            if name.startswith("param_")
        }
        try:
            with one_at_a_time:
                answer = engine.query(query, "JSONEachRow", params=parameters or None).bytes()
            self.answer(200, answer or b"")
        except Exception as error:
            self.answer(500, str(error).encode())

    def body(self):
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("content-type", "application/x-ndjson")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


server = ThreadingHTTPServer(("127.0.0.1", 0), Interface)
threading.Thread(target=end_with_parent, daemon=True).start()
print(server.server_port, flush=True)
server.serve_forever()
