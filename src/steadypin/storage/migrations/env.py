"""Alembic's entry: runs the revisions on the connection that `upgrade` opened."""

from alembic import context

from steadypin.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
