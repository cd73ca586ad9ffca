import hashlib

import django.db.models.deletion
from django.db import migrations, models

from hubportal.listing.search.index import Description, SearchIndex
from hubportal.listing.search.schema import create_terms, drop_terms

TABLES = ("generations_generationdocument", "generations_imagedocument")


def order_facts(generation):
    model = hashlib.blake2b(generation.model.encode(), digest_size=6).hexdigest()
    return frozenset({f"a{generation.author_id}", f"m{model}"})


def private_to(generation):
    return generation.author_id if generation.visibility == "private" else None


def describe_generation(generation):
    now = {"o"}
    if generation.finished_at is not None:
        now = {f"s{generation.state}", *([f"k{generation.key_id.hex}"] if generation.key_id else [])}
    return Description(generation.team_id, order_facts(generation) | now, private_to(generation))


def describe_image(image):
    if image.kept_at is None or not image.thumb or image.binned_at is not None:
        return None
    return Description(image.team_id, order_facts(image.generation), private_to(image.generation))


def create(apps, schema_editor):
    for table in TABLES:
        create_terms(schema_editor, table)


def fill(apps, schema_editor):
    """With what is found of a generation and of a picture as of this migration."""
    generations, images = apps.get_model("generations", "Generation"), apps.get_model("generations", "Image")
    indexes = (
        SearchIndex(
            generations,
            apps.get_model("generations", "GenerationDocument"),
            describe=describe_generation,
            words=lambda generation: generation.prompt,
            rows=generations.objects.all,
        ),
        SearchIndex(
            images,
            apps.get_model("generations", "ImageDocument"),
            describe=describe_image,
            words=lambda image: image.generation.prompt,
            rows=lambda: images.objects.select_related("generation"),
        ),
    )
    for index in indexes:
        for _ in index.rebuild():
            pass


def drop(apps, schema_editor):
    for table in TABLES:
        drop_terms(schema_editor, table)


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0008_small_thumbnails'),
    ]

    operations = [
        migrations.CreateModel(
            name='GenerationDocument',
            fields=[
                ('place', models.BigAutoField(primary_key=True, serialize=False)),
                ('tenant', models.BigIntegerField()),
                ('facts', models.TextField()),
                ('row', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='generations.generation')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ImageDocument',
            fields=[
                ('place', models.BigAutoField(primary_key=True, serialize=False)),
                ('tenant', models.BigIntegerField()),
                ('facts', models.TextField()),
                ('row', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='generations.image')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.RunPython(create, drop),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
