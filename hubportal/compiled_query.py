"""Queries that run on nearly every request, turned into SQL once. Ground floor: it knows no room.

Building a queryset and compiling it takes Django about ten times as long as the database takes to answer it by primary
key. What the answer is made into, and how values are converted for each database, stays Django's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.db import connection
from django.db.models import Expression, Model, QuerySet
from django.db.models.query import get_related_populators


class Parameter(Expression):
    """Stands in a queryset for a value that is given each time the query runs, converted as this field's are.

    `field` is needed where the value's name is not the field's; "pk" is the primary key.
    """

    def __init__(self, name: str, model: type[Model], field: str = "") -> None:
        found: Any = model._meta.pk if (field or name) == "pk" else model._meta.get_field(field or name)
        super().__init__(output_field=found)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)


class CompiledQuery[M: Model]:
    """A queryset of whole models whose parameters are `Parameter`s; related ones may be selected along, not prefetched.

    `build` makes the queryset, when it is first needed: models are not ready while modules are read.
    """

    def __init__(self, build: Callable[[], QuerySet[M]]) -> None:
        self._build = build
        # By database, since tests of one process may use two.
        self._compiled: dict[str, _Compiled[M]] = {}

    def first(self, **values: Any) -> M | None:
        """The first of `all`. Only for queries that find one at most, or have a limit of their own."""
        return next(iter(self.all(**values)), None)

    def all(self, **values: Any) -> list[M]:
        """What the queryset finds with these values, one for each Parameter's name."""
        compiled = self._compiled.get(connection.vendor)
        if compiled is None:
            compiled = self._compiled[connection.vendor] = _Compiled(self._build())
        return compiled.run(values)


class _Compiled[M: Model]:
    def __init__(self, queryset: QuerySet[M]) -> None:
        self._compiler: Any = queryset.query.get_compiler(connection=connection)
        self._sql, self._params = self._compiler.as_sql()
        self._db, fetch_mode = queryset.db, cast(Any, queryset)._fetch_mode
        self._related = get_related_populators(self._compiler.klass_info, self._compiler.select, self._db, fetch_mode)

    @cached_property
    def _columns(self) -> "_Columns":
        info, select = self._compiler.klass_info, self._compiler.select
        places = info["select_fields"]
        names = [select[place][0].target.attname for place in places]
        converters = self._compiler.get_converters([column[0] for column in select])
        return _Columns(info["model"], places[0], places[-1] + 1, names, list(converters.items()))

    def run(self, values: dict[str, Any]) -> list[M]:
        params = [self._value(param, values) if isinstance(param, Parameter) else param for param in self._params]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            rows = cursor.fetchall()
        return [self._model(row) for row in rows]

    def _value(self, parameter: Parameter, values: dict[str, Any]) -> Any:
        return parameter.output_field.get_db_prep_value(values[parameter.name], connection)

    def _model(self, row: tuple[Any, ...]) -> M:
        columns = self._columns
        cells = list(row)
        for place, (converters, expression) in columns.converters:
            for convert in converters:
                cells[place] = convert(cells[place], expression, connection)
        found: M = columns.model.from_db(self._db, columns.names, cells[columns.first : columns.end])
        for populate in self._related:
            populate.populate(cells, found)
        return found


@dataclass(frozen=True, slots=True)
class _Columns:
    model: Any
    first: int
    end: int
    names: list[str]
    converters: list[tuple[int, Any]]
