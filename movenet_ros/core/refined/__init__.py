"""The steps of following several people, each read by a second network; see pipelines.refined."""
