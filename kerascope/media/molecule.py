"""Molecule: a molecule file, kept as it is."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from kerascope.errors import WrongValueError
from kerascope.media.base import read_file
from kerascope.media.files import FileMedia

FORMATS = ("pdb", "pqr", "mmcif", "mcif", "cif", "sdf", "sd", "gro", "mol2", "mmtf")


class Molecule(FileMedia):
    """A molecule.

    Args:
        data_or_path: the path of a pdb, pqr, mmcif, mcif, cif, sdf, sd, gro, mol2 or mmtf file.
        caption: text below it.

    Raises:
        WrongValueError: if the file is missing or of another kind.
    """

    kind: ClassVar[str] = "molecule-file"
    folder: ClassVar[str] = "molecule"

    def __init__(self, data_or_path: str | Path, caption: str | None = None) -> None:
        extension = Path(data_or_path).suffix.lstrip(".").lower()
        if extension not in FORMATS:
            raise WrongValueError(
                f"A molecule file must be one of {', '.join(FORMATS)}. Received: path={str(data_or_path)!r}."
            )
        super().__init__(read_file(data_or_path), extension, caption)
