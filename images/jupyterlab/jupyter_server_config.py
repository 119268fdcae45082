"""Settings of the Jupyter server in an environment. What differs from one to the next, start-jupyterlab adds."""

c = get_config()  # noqa: F821

c.ServerApp.ip = "0.0.0.0"
c.ServerApp.port = 8888
c.ServerApp.port_retries = 0  # another port than the published one would be of no use: fail instead
c.ServerApp.open_browser = False
c.ServerApp.allow_remote_access = True  # it is reached by other names than localhost
c.ServerApp.quit_button = False  # the platform stops environments

# Both shared/ and data/ are in sight, and data/ is where it opens and where new notebooks go.
c.ServerApp.root_dir = "/home/jovyan"
c.FileContentsManager.preferred_dir = "/home/jovyan/data"
c.ServerApp.terminado_settings = {"shell_command": ["/bin/bash"]}

# Only what JupyterLab's page calls.
c.ServerApp.jpserver_extensions = {
    "jupyterlab": True,
    "jupyter_server_terminals": True,
    "notebook_shim": False,
}

# No news, no update checks, no list of extensions from a package index: an environment calls nobody on its own.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"

# Warnings and errors only. The start-up banner, with its addresses and the token in them, is not printed.
c.Application.log_level = "WARN"
