"""Whether this process was told to stop: set by operations/apps.py, heeded by rounds that would last on.

Apart from the worker, since it is imported before models can be.
"""

import threading

stopping = threading.Event()
