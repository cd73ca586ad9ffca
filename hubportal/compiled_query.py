"""Queries that run on nearly every request, turned into SQL once. Ground floor: it knows no room.

Building a queryset and compiling it takes Django about ten times as long as the database takes to answer it by primary
key. What the answer is made into, and how values are converted for each database, stays Django's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

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
    """A queryset whose parameters are `Parameter`s; related models may be selected along, not prefetched.

    `build` makes the queryset, when it is first needed: models are not ready while modules are read. It is of models
    (`all`, `first`), or a `values_list` (`rows`).
    """

    def __init__(self, build: Callable[[], QuerySet[M, Any]]) -> None:
        self._build = build
        # By database, since tests of one process may use two.
        self._compiled: dict[str, _Compiled[M]] = {}

    def first(self, **values: Any) -> M | None:
        """The first of `all`. Only for queries that find one at most, or have a limit of their own."""
        return next(iter(self.all(**values)), None)

    def all(self, **values: Any) -> list[M]:
        """What the queryset finds with these values, one for each Parameter's name."""
        compiled = self._of_database()
        return [compiled.model(cells) for cells in compiled.run(values)]

    def rows(self, **values: Any) -> list[list[Any]]:
        """What a `values_list` finds: the columns of each row."""
        return self._of_database().run(values)

    def _of_database(self) -> "_Compiled[M]":
        compiled = self._compiled.get(connection.vendor)
        if compiled is None:
            compiled = self._compiled[connection.vendor] = _Compiled(self._build())
        return compiled


class _Compiled[M: Model]:
    def __init__(self, queryset: Any) -> None:
        self._compiler = queryset.query.get_compiler(connection=connection)
        self._sql, self._params = self._compiler.as_sql()
        expressions = [column[0] for column in self._compiler.select]
        self._converters = list(self._compiler.get_converters(expressions).items())
        self._db, self._fetch_mode = queryset.db, queryset._fetch_mode

    def run(self, values: dict[str, Any]) -> list[list[Any]]:
        params = [self._value(param, values) if isinstance(param, Parameter) else param for param in self._params]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            rows = [list(row) for row in cursor.fetchall()]
        for place, (converters, expression) in self._converters:
            for convert in converters:
                for row in rows:
                    row[place] = convert(row[place], expression, connection)
        return rows

    def _value(self, parameter: Parameter, values: dict[str, Any]) -> Any:
        return parameter.output_field.get_db_prep_value(values[parameter.name], connection)

    def model(self, cells: list[Any]) -> M:
        shape = self._shape
        found: M = shape.model.from_db(self._db, shape.names, cells[shape.first : shape.end])
        for related in shape.related:
            related.populate(cells, found)
        for name, place in self._compiler.annotation_col_map.items():
            setattr(found, name, cells[place])
        return found

    @cached_property
    def _shape(self) -> "_Shape":
        info, select = self._compiler.klass_info, self._compiler.select
        places = info["select_fields"]
        names = [select[place][0].target.attname for place in places]
        related = get_related_populators(info, select, self._db, self._fetch_mode)
        return _Shape(info["model"], places[0], places[-1] + 1, names, related)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Which columns make the model, and what puts the related ones into it."""

    model: Any
    first: int
    end: int
    names: list[str]
    related: list[Any]
