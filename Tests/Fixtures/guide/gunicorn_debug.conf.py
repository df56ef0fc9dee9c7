# gunicorn_debug.conf.py
import logging
# Enable debug logging for hooks
logging.basicConfig(
level=logging.DEBUG,
format='%(asctime)s - %(name)s - %(levelname)s - %(message)s'
)
