"""snaketune: hyperparameter search as a Snakemake workflow.

The library behind the rules in ``workflow/``. Planning (`domains`, `space`, `samplers`, `study`)
needs nothing but the standard library, PyYAML and jsonschema; `trial` runs one training;
`comparison`, `figures` and `report` turn records into numbers, pictures and a page.
Nothing in here imports snakemake.
"""

__version__ = "0.1.0"
