"""A schema registry in memory, as far as a reader asks one: schemas by id and by GUID.

It stands in for a registry because none that can be had gives GUIDs. Prints its port. `GET /asked` says how
often each path was asked for.
"""

import json
import sys
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SCHEMAS = {}
ASKED = {}


class Registry(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        parts = self.path.strip("/").split("/")
        if len(parts) == 3 and parts[0] == "subjects" and parts[2] == "versions":
            return self.answer(200, register(parts[1], said["schema"]))
        return self.answer(404, {"error_code": 404, "message": "HTTP 404 Not Found"})

    def do_GET(self):
        path = self.path.split("?")[0].strip("/")
        if path == "asked":
            return self.answer(200, ASKED)
        ASKED[path] = ASKED.get(path, 0) + 1
        kind, name = (path.split("/")[1:] + ["", ""])[:2]
        found = [
            schema
            for schema in SCHEMAS.values()
            if path.startswith("schemas/")
            and ((kind == "ids" and str(schema["id"]) == name) or (kind == "guids" and schema["guid"] == name))
        ]
        if not found:
            return self.answer(404, {"error_code": 40403, "message": "Schema not found"})
        schema = found[0]
        if kind == "ids":
            return self.answer(200, {"schema": schema["schema"]})
        return self.answer(200, schema)

    def answer(self, status, body):
        body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def register(subject, text):
    """The same schema has the same id under every subject."""
    known = SCHEMAS.get(text)
    if known is None:
        known = SCHEMAS[text] = {
            "subject": subject,
            "version": 1,
            "id": len(SCHEMAS) + 1,
            "guid": str(uuid.uuid5(uuid.NAMESPACE_URL, text)),
            "schemaType": "AVRO",
            "schema": text,
        }
    return {"id": known["id"], "guid": known["guid"], "version": 1}


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0), Registry)
print(server.server_port, flush=True)
server.serve_forever()
