"""The WSGI application: `talon project.wsgi:application`."""

import os

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

# The admin's style sheets, without a web server in front. It serves them with DEBUG only.
application = StaticFilesHandler(get_wsgi_application())
