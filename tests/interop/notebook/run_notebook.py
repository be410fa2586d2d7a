"""Runs a notebook with Deno's kernel, and prints the outputs of its cells as JSON."""

import json
import sys

import nbformat
from nbclient import NotebookClient

path, folder = sys.argv[1:]
notebook = nbformat.read(path, as_version=4)
nbformat.validate(notebook)
client = NotebookClient(
    notebook,
    kernel_name="deno",
    timeout=120,
    startup_timeout=120,
    resources={"metadata": {"path": folder}},
)
client.execute()
cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
print(json.dumps([cell.outputs for cell in cells]))
