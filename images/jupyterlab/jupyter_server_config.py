"""Settings of the Jupyter server in an environment. start-jupyterlab adds the settings that differ between environments."""

c = get_config()  # noqa: F821

c.ServerApp.ip = "0.0.0.0"
c.ServerApp.port = 8888
c.ServerApp.port_retries = 0  # only the published port is of use: fail if it is taken
c.ServerApp.open_browser = False
c.ServerApp.allow_remote_access = True  # people reach it by other names than localhost
c.ServerApp.quit_button = False  # the platform stops environments

# People see both shared/ and data/; the page opens in data/, and new notebooks go there. page_config.json says the same with a slash:
# otherwise JupyterLab takes it for a folder below the one that it shows, and its house leads to data/data.
c.ServerApp.root_dir = "/home/jovyan"
c.FileContentsManager.preferred_dir = "/home/jovyan/data"
c.FileContentsManager.delete_to_trash = False  # nothing would ever empty a trash, so the disk would fill up
c.ServerApp.terminado_settings = {"shell_command": ["/bin/bash"]}

# Only the extensions that JupyterLab's page calls.
c.ServerApp.jpserver_extensions = {
    "jupyterlab": True,
    "jupyter_server_terminals": True,
    "notebook_shim": False,
    "ai_lab_memory": True,
}

# No news, no update checks, no list of extensions from a package index: an environment makes no calls on its own.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"

# Warnings and errors only. Otherwise the start-up banner would print the addresses with the token.
c.Application.log_level = "WARN"
