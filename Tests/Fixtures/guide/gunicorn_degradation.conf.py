# The guide's "Example of error handling in custom hooks", with a body that fails, and one without a handler.
import logging

logger = logging.getLogger(__name__)


def custom_hook(server):
    try:
        # Your custom logic
        raise RuntimeError("no disk")
    except Exception as e:
        logger.error(f"Custom hook failed: {e}")
        # Continue with fallback behavior


def unhandled(server):
    raise RuntimeError("not handled")


on_starting = custom_hook
when_ready = unhandled
workers = 2
