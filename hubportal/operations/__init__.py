"""What running the site takes: health, metrics, logs, headers, proxies, limits on requests, the admin, the doctor.

May import: every room. No room may import it; settings.py reads `logs`, `mail` and `proxies` from here: these know no
models. It must not know how a room does its work: the doctor and the numbers ask their models.
"""
