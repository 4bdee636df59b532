"""Poses of many recordings: on one machine or a Dask cluster, each with a result set of its own."""
