"""What workbooks of any age have in common: several sheets, some hidden, some without a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.readers.raw import RawLayer
from landmap.ingest.readers.table import Sheet, layers_of


def layers_of_sheets(
    sheets: Sequence[Sheet], hidden: Sequence[str], knows: Callable[[str], bool], told: Sequence[Fault] = ()
) -> list[RawLayer]:
    """Return the layers of every sheet that holds a table, in file order; `told` and what was left out come first.

    Parameters
    ----------
    sheets : sequence of Sheet
        The sheets people see.
    hidden : sequence of str
        Names of the sheets they do not: left unread, and said.
    knows : callable
    told : sequence of Fault
        Faults of the workbook as a whole.

    Raises
    ------
    RefusedError
        When no sheet holds a table: the reason of the last one.
    """
    layers: list[RawLayer] = []
    faults = [*told, *(Fault("sheet_hidden", value=name) for name in hidden)]
    refused = RefusedError("sheets_hidden", "、".join(hidden)) if hidden else RefusedError("table_empty")
    for sheet in sheets:
        try:
            layers += layers_of(sheet, knows)
        except RefusedError as error:
            refused = error
            faults.append(Fault("sheet_skipped", value=sheet.name))
    if not layers:
        raise refused
    layers[0] = replace(layers[0], faults=(*faults, *layers[0].faults))
    return layers
