"""Delta tables whose files Arrow reads by itself where they are in folders of this machine."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from deltalake import DeltaTable
from pyarrow import fs
from pyarrow.dataset import Dataset

from conf.places import local_folder


class ArrowTable(DeltaTable):
    """A Delta table; Arrow opens files in folders of this machine without asking Python.

    deltalake hands Arrow a file system written in Python. A thread of Arrow that lets go of it
    while Python ends aborts the process (status 134), although all work was done.
    """

    def to_pyarrow_dataset(self, *arguments: Any, **options: Any) -> Dataset:
        """The dataset of deltalake, on the machine's own file system where the table is there."""
        folder = local_folder(unquote(self.table_uri))
        if folder is not None and not arguments:
            own = fs.SubTreeFileSystem(folder, fs.LocalFileSystem())
            options["filesystem"] = options.get("filesystem") or own
        return super().to_pyarrow_dataset(*arguments, **options)


def forget_checksum(path: Path) -> None:
    """Remove what Hadoop keeps beside a file that it wrote: the checksum of the bytes that it wrote.

    Spark refuses a file that was replaced while this is there.
    """
    path.with_name(f".{path.name}.crc").unlink(missing_ok=True)
