"""The ASGI application: `talon -k asgi project.asgi:application`."""

import os

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

# The admin's style sheets, without a web server in front. It serves them with DEBUG only.
application = ASGIStaticFilesHandler(get_asgi_application())
