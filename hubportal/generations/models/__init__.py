"""The records of this room."""

from hubportal.generations.models.generation import Generation, GenerationQuerySet
from hubportal.generations.models.image import Image, ImageFiles, ImageQuerySet
from hubportal.generations.models.reference import Reference, ReferenceFile
from hubportal.generations.models.search import GenerationDocument, ImageDocument
from hubportal.generations.states import State, Visibility

__all__ = [
    "Generation",
    "GenerationDocument",
    "GenerationQuerySet",
    "Image",
    "ImageDocument",
    "ImageFiles",
    "ImageQuerySet",
    "Reference",
    "ReferenceFile",
    "State",
    "Visibility",
]
