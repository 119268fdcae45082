"""Runs code in a new kernel, as a script of a person does: run-code.py BASE TOKEN OPTIONS CODE

BASE is an environment's address in the path form. OPTIONS (JSON) go to websocket-client; `query` is added to its URL.
"""

import json
import sys
import urllib.request
import uuid

import websocket

base, token, given, code = sys.argv[1:]
options = json.loads(given)
query = options.pop("query", "")

request = urllib.request.Request(f"{base}/api/kernels", b"{}", {"Authorization": f"Bearer {token}"})
with urllib.request.urlopen(request, timeout=20) as answer:
    kernel = json.load(answer)["id"]

url = f"{base.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels{query}"
try:
    socket = websocket.create_connection(url, timeout=20, **options)
except websocket.WebSocketBadStatusException as refusal:
    print("refused with", refusal.status_code)
    sys.exit()

header = {"msg_id": uuid.uuid4().hex, "session": "", "username": "", "msg_type": "execute_request", "version": "5.3"}
content = {"code": code, "silent": False}
socket.send(json.dumps({"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}))
while True:
    message = json.loads(socket.recv())
    if message["parent_header"].get("msg_id") != header["msg_id"]:
        continue
    if message["msg_type"] == "stream":
        print(message["content"]["text"], end="")
    if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
        break
socket.close()
