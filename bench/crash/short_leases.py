"""Leases of four seconds instead of forty, renewed four times a lease as always; rounds of two seconds, not eleven."""

import sys
from datetime import timedelta
from types import FunctionType, ModuleType

from django.apps import AppConfig

LEASE = timedelta(seconds=4)
BEAT = 1.0  # seconds
ROUND = timedelta(seconds=2.2)


class ShortLeases(AppConfig):
    """Shortens, in every process with these settings, what the models and steps state as constants."""

    name = "bench.crash"
    label = "bench_crash"

    def ready(self) -> None:
        # Models can be imported only now.
        from hubportal.generations import tasks as _  # noqa: F401

        for name in ("SEND_LEASE", "LOOK_LEASE", "KEEP_LEASE"):
            _shorten(name, LEASE)
        _shorten("BEAT", BEAT)
        _shorten("ROUND", ROUND)


def _shorten(name: str, value: object) -> None:
    """Wherever the constant is bound: by its name, and as the default of an argument.

    Raises AttributeError for one that is no longer there: this must not fail silently.
    """
    bound = [module for module in _modules() if hasattr(module, name)]
    if not bound:
        raise AttributeError(f"no {name} in hubportal.generations any more")
    for module in bound:
        old = getattr(module, name)
        setattr(module, name, value)
        for function in _functions(module):
            defaults = function.__defaults__ or ()
            function.__defaults__ = tuple(value if default is old else default for default in defaults)


def _modules() -> list[ModuleType]:
    return [module for name, module in sys.modules.items() if name.startswith("hubportal.generations.")]


def _functions(module: ModuleType) -> list[FunctionType]:
    """Those of the module that have defaults; what a decorator wraps is looked for inside."""
    members = [getattr(member, "__wrapped__", member) for member in vars(module).values()]
    return [member for member in members if isinstance(member, FunctionType) and member.__defaults__]
