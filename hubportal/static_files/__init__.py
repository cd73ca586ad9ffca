"""Style sheets, scripts and icons on their way to a browser: which sources make one file, and how all are collected.

Knows no room. The sources are in static/, as they are read and changed; collected, they are joined (bundles), hashed
and compressed (storage). Without a folder to collect them into (STATIC_ROOT) pages load the sources themselves.
"""
