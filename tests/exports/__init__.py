"""Small cultural audits as survey tools write them: described in .toml, built by build.py, read by the tests."""
