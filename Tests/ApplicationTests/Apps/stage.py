"""What a test and an application use to wait for each other: files in the folder PROBE_DIR."""

import os
import time

FOLDER = os.environ.get("PROBE_DIR", "/nonexistent")
DEADLINE = 60


def tell(event):
    """Appends a line that the test reads."""
    line = f"{event}\n".encode()
    descriptor = os.open(os.path.join(FOLDER, "events"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


def wait_for(gate):
    """Waits until the test has made the file `gate`; never for ever."""
    path = os.path.join(FOLDER, gate)
    end = time.monotonic() + DEADLINE
    while not os.path.exists(path):
        if time.monotonic() > end:
            raise TimeoutError(f"nobody opened {gate}")
        time.sleep(0.005)
