"""The hub's model list as it was last read."""

from django.db import models


class CachedModelList(models.Model):
    """The hub's model list as it was last read: one row, written by the worker, read by every form."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    hub_url = models.CharField(max_length=300)
    models_read = models.JSONField(default=list)
    sandbox = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="catalogue_one_row")]

    def __str__(self) -> str:
        return f"Models of {self.hub_url}"
