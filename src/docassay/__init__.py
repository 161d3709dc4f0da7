"""docassay holds annotated API documentation against itself, a service, or a recording.

The package is a pipeline: read `docassay.pipeline` to see all of it on one screen.
"""

__version__ = "0.1.0"
