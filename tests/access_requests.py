"""Sends requests from one address of this machine; JSON lines in, JSON lines out."""

import http.client
import json
import socket
import ssl
import sys

server, name, source = sys.argv[1:]
context = ssl.create_default_context(cafile="/root/ca.crt")
for line in sys.stdin:
    method, path, headers, body = json.loads(line)
    connection = http.client.HTTPSConnection(name, context=context, timeout=20)
    plain = socket.create_connection((server, 443), 20, (source, 0))
    connection.sock = context.wrap_socket(plain, server_hostname=name)
    connection.request(method, path, body.encode() if body else None, headers)
    reply = connection.getresponse()
    said = reply.read().decode(errors="replace")
    challenge = reply.headers.get_all("WWW-Authenticate") or []
    sys.stdout.write(json.dumps([reply.status, challenge, said]) + "\n")
    connection.close()
