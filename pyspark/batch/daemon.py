"""Where Spark forks its Python workers from: what every job needs is imported once, before the first fork.

Named by `spark.python.daemon.module`. Each worker would else spend a second or more on the same imports.
"""

from importlib import import_module

from pyspark.daemon import manager

# Spark's own Arrow workers import pandas.
for name in ("pandas", "pyarrow.parquet", "pyspark.worker", "batch.jobs"):
    import_module(name)

if __name__ == "__main__":
    manager()
