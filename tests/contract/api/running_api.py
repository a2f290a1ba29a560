"""The api in a thread with an event loop of its own, on a real socket: for tests whose tools are not asynchronous."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

STOP_DEADLINE_S = 30.0


@contextmanager
def running_api(app: FastAPI) -> Iterator[str]:
    """Serves `app` while the block lasts; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=5))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="api")
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            app.state.watch.stop()
            app.state.live.stop()
            server.should_exit = True
            thread.join(STOP_DEADLINE_S)
            assert not thread.is_alive()
