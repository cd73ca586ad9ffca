"""The records of this room."""

from hubportal.generations.models.generation import Generation
from hubportal.generations.models.image import Image
from hubportal.generations.models.queries import GenerationQuerySet, Order
from hubportal.generations.models.reference import Reference, ReferenceFile
from hubportal.generations.states import State, Visibility

__all__ = ["Generation", "GenerationQuerySet", "Image", "Order", "Reference", "ReferenceFile", "State", "Visibility"]
