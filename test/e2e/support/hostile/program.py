"""The program of a hostile environment. It keeps all that it is asked, and answers as harmfully as it can."""

import asyncio
import json
import os

from tornado import web, websocket

seen = []
own = os.environ["JUPYTER_BASE_URL"]


def keep(request, kind):
    headers = list(request.headers.get_all())
    seen.append({"kind": kind, "method": request.method, "target": request.uri, "headers": headers})


class Program(web.RequestHandler):
    def prepare(self):
        if not self.request.path.endswith("/seen"):
            keep(self.request, "request")

    async def get(self):
        name = self.request.path.rsplit("/", 1)[-1]
        await getattr(self, f"answer_{name.replace('.', '_')}", self.answer_page)()

    post = put = delete = get

    def check_xsrf_cookie(self):
        pass

    async def answer_seen(self):
        self.finish(json.dumps(seen))

    async def answer_page(self):
        self.finish(f'<!doctype html><title>{own}</title><p>This is {own}</p><script src="{own}page.js"></script>')

    async def answer_page_js(self):
        await self.answer_code("PAGE")

    async def answer_worker_js(self):
        self.set_header("service-worker-allowed", "/")
        await self.answer_code("WORKER")

    async def answer_code(self, name):
        self.set_header("content-type", "text/javascript")
        self.finish(os.environ[name])

    async def answer_cookies(self):
        for cookie in json.loads(self.get_query_argument("set")):
            self.add_header("set-cookie", cookie)
        self.finish("ok")

    async def answer_go(self):
        self.set_status(int(self.get_query_argument("status", "302")))
        self.set_header("location", self.get_query_argument("to"))

    async def answer_events(self):
        self.set_header("content-type", "text/event-stream")
        while True:
            self.write(f"data: This is {own}\n\n")
            await self.flush()
            await asyncio.sleep(0.05)

    async def answer_split(self):
        """Two answers to one request: the second one must be the answer to nobody's."""
        stream = self.detach()
        evil = b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\nset-cookie: ai-lab-session=split\r\n\r\nSPLIT!!"
        await stream.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok" + evil)


class Socket(websocket.WebSocketHandler):
    def check_origin(self, origin):
        return True

    def open(self, *_):
        keep(self.request, "socket")
        self.write_message(f"This is {own}")

    def on_message(self, message):
        seen.append({"kind": "message", "target": message, "headers": []})
        self.write_message(message)


class Main(web.Application):
    def find_handler(self, request, **more):
        handler = Socket if request.headers.get("upgrade", "").lower() == "websocket" else Program
        return self.get_handler_delegate(request, handler)


async def main():
    Main().listen(8888)
    await asyncio.Event().wait()


asyncio.run(main())
