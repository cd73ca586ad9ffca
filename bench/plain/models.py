"""The one model."""

from django.conf import settings
from django.db import models


class Prompt(models.Model):
    """What the form asked for, and by whom."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    prompt = models.TextField()
    model = models.CharField(max_length=100)
    size = models.CharField(max_length=20)
    quality = models.CharField(max_length=10)
    n = models.PositiveSmallIntegerField()
    visibility = models.CharField(max_length=10)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.prompt[:40]
