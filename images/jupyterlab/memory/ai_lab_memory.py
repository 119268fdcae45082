"""Tells JupyterLab's page how much memory the environment uses, how much it may use, and how often it ran out."""

import json
from pathlib import Path

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

CGROUP = Path("/sys/fs/cgroup")


class MemoryHandler(JupyterHandler):
    """Answers the page, which asks every few seconds. That is no use of the environment, so this is no APIHandler."""

    @web.authenticated
    def get(self):
        self.set_header("Cache-Control", "no-store")
        try:
            memory = memory_of(CGROUP)
        except OSError:
            self.set_status(204)  # a runtime that shows no cgroups: the page then shows nothing
            return
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(memory))


def memory_of(cgroup):
    """Gives bytes in use, the limit in bytes or None, and how many processes were killed. Reads cgroups of version 2 or 1.

    Files that the kernel keeps in memory, and can drop at any time, do not count: `docker stats` counts the same way.
    """
    second = (cgroup / "memory.current").exists()
    at = cgroup if second else cgroup / "memory"
    current, limit, cached, killed = (
        ("memory.current", "memory.max", "inactive_file", "memory.events")
        if second
        else ("memory.usage_in_bytes", "memory.limit_in_bytes", "total_inactive_file", "memory.oom_control")
    )
    used = int((at / current).read_text()) - counts_in(at / "memory.stat").get(cached, 0)
    most = (at / limit).read_text().strip()
    # Version 1 has a huge number instead of no limit.
    bounded = most != "max" and int(most) < 2**60
    return {
        "used_bytes": max(used, 0),
        "limit_bytes": int(most) if bounded else None,
        "kills": counts_in(at / killed).get("oom_kill", 0),
    }


def counts_in(file):
    return {name: int(count) for name, count in (line.split() for line in file.read_text().splitlines())}


def _jupyter_server_extension_points():
    return [{"module": "ai_lab_memory"}]


def _load_jupyter_server_extension(serverapp):
    base = serverapp.web_app.settings["base_url"]
    serverapp.web_app.add_handlers(".*$", [(url_path_join(base, "ai-lab/memory"), MemoryHandler)])
