"""Whether this process was told to stop: set by operations/apps.py, heeded by rounds that would last on."""

import threading

stopping = threading.Event()
