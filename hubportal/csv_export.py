"""CSV for spreadsheets and scripts. Ground floor: it knows no room.

A server ends a body that breaks half-way as it ends any other, so a reader could not tell half a file from a whole
one. Therefore a file is written out before its first byte is sent: whoever asks gets all of it, with its length, or
an error page.
"""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

# A cell that begins so is run as a formula when the file is opened (OWASP, CSV Injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# Bytes that a file may take in memory; a longer one is written to the disk.
MAX_IN_MEMORY = 2**20
# Bytes a read.
BLOCK_SIZE = 2**16


@dataclass(frozen=True, slots=True)
class CsvExport:
    """The names of the columns, and the rows. Rows are read once."""

    columns: Iterable[str]
    rows: Iterable[Iterable[Any]]

    def write_to(self, file: IO[bytes]) -> None:
        """Write the file. No text becomes a formula; numbers stay as they are.

        It begins with a byte order mark: without one Excel takes UTF-8 for something older.
        """
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        try:
            writer = csv.writer(text)
            writer.writerow(self.columns)
            writer.writerows(map(_without_formulas, self.rows))
        finally:
            text.detach()


def _without_formulas(row: Iterable[Any]) -> list[Any]:
    return [f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell for cell in row]


def csv_response(request: HttpRequest, name: str, export: Callable[[], CsvExport]) -> HttpResponseBase:
    """An answer that saves the export as a file of this plain ASCII name. HEAD exports nothing."""
    if request.method == "HEAD":
        return HttpResponse(content_type="text/csv; charset=utf-8", headers=_saved_as(name))
    file = SpooledTemporaryFile(MAX_IN_MEMORY, dir=str(settings.FILE_UPLOAD_TEMP_DIR))  # noqa: SIM115 - closed by the response
    try:
        export().write_to(file)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    response = FileResponse(file, content_type="text/csv; charset=utf-8", headers=_saved_as(name))
    response.block_size = BLOCK_SIZE
    return response


def _saved_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
