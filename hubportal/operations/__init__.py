"""The engine room: health, metrics, logs, headers, proxies, limits on what is sent, the admin, the clock, the doctor.

May import: every room. No room may import it; settings.py takes `logs` and `proxies` from here, which know no models.
"""
