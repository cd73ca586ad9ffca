"""The WSGI application that granian serves."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hubportal.settings")

try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    # It is a sentence for whoever starts the server; a traceback above it would hide it.
    sys.exit(str(error))
